import { prepareCollection } from "../../../engine/prepare-collections.ts";
import type { RemoteClusters } from "../../clusters/open-remote-clusters.ts";
import type { CollectionStep } from "../../plan/step.ts";

export interface ClusterContext {
  readonly clusters: RemoteClusters;
}

/**
 * Makes a collection, or sets what differs of one that is there: `create-collection` and `edit-collection`. Done again it changes nothing.
 *
 * @throws AspError ASP4130, ASP4131, ASP4132, ASP6062
 */
export async function createCollection(
  { cluster, db, coll, options }: CollectionStep,
  { clusters }: ClusterContext,
): Promise<void> {
  const client = await clusters.open(cluster);
  await prepareCollection(client.db(db), coll, options);
}
