import { prepareIndex } from "../../../engine/prepare-collections.ts";
import { readIndexes } from "../../clusters/read-clusters.ts";
import { compareIndex } from "../../plan/compare-index.ts";
import type { CreateIndexStep } from "../../plan/step.ts";
import type { ClusterContext } from "./create-collection.ts";

/**
 * Makes an index, and waits until it is built. One that is there under another name is left as it is.
 *
 * @throws AspError ASP4130, ASP4131, ASP4132, ASP6062
 */
export async function createIndex(
  { cluster, db, coll, key, options, neededBy }: CreateIndexStep,
  { clusters }: ClusterContext,
): Promise<void> {
  const client = await clusters.open(cluster);
  const database = client.db(db);
  const present = await readIndexes(database, coll);
  const [processor] = neededBy;
  const wanted =
    processor === undefined
      ? ({ kind: "listed", key, options } as const)
      : ({ kind: "needed", fields: Object.keys(key), processor } as const);
  if (compareIndex(wanted, present).kind === "there") return;
  await prepareIndex(database, coll, key, options);
}
