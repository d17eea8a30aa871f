import { MongoError } from "mongodb";
import type { Environment } from "../../config/environment.ts";
import { isAspError } from "../../diagnostics/asp-error.ts";
import { maskSecrets } from "../../diagnostics/mask-secrets.ts";
import type { RemoteClusters } from "../clusters/open-remote-clusters.ts";
import type { Swap } from "../plan/check-swap.ts";
import { versionsOf } from "../plan/versions.ts";
import type { RebuildRecord } from "./rebuild-record.ts";

/** A projection, and where it writes, as the config calls it. */
export interface Rebuildable {
  readonly name: string;
  readonly connectionName: string;
}

export interface ReadSwapsOptions {
  readonly environment: Environment;
  /** Of the workspace: {@link workspaceKey}. */
  readonly workspace: string;
  /** Names of the processors in the workspace. */
  readonly present: ReadonlySet<string>;
  readonly clusters: RemoteClusters;
  readonly tell: (line: string) => void;
}

const phases: readonly Swap[] = ["swapping", "rolling-back"];

/**
 * Which of the projections are changing places with another version, as the records of their rebuilds say. Only for those that have a second
 * version in the workspace is a record looked for; one that cannot be read is told, and no failure.
 */
export async function readSwaps(
  projections: readonly Rebuildable[],
  { environment, workspace, present, clusters, tell }: ReadSwapsOptions,
): Promise<ReadonlyMap<string, Swap>> {
  const { connectionName: keeper, db } = environment.checkpoints;
  const read = async ({ name, connectionName }: Rebuildable): Promise<readonly (readonly [string, Swap])[]> => {
    const { old, next } = versionsOf(name);
    if (!present.has(old) && !present.has(next)) return [];
    try {
      const client = await clusters.open(keeper ?? connectionName);
      const records = client.db(db).collection<Pick<RebuildRecord, "_id" | "phase">>("asp_rebuilds");
      const found = await records.findOne({ _id: { workspace, processor: name } }, { projection: { phase: 1 } });
      return phases.flatMap((phase) => (phase === found?.phase ? [[name, phase] as const] : []));
    } catch (error) {
      if (!isAspError(error) && !(error instanceof MongoError)) throw error;
      tell(`how far the rebuild of ${name} has come cannot be read: ${maskSecrets(error.message)}`);
      return [];
    }
  };
  return new Map((await Promise.all(projections.map(read))).flat());
}
