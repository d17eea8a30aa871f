import { join } from "node:path";
import type { Environment } from "../config/environment.ts";
import { loadCommandValues } from "../config/load-command-values.ts";
import type { Finding } from "../diagnostics/finding.ts";
import type { Connections } from "../engine/connections.ts";
import { connectionsOf } from "../engine/connections-of.ts";
import { configName, openClusters, type Clusters } from "../engine/open-clusters.ts";
import { openConnections } from "../engine/open-connections.ts";
import type { Definition } from "../stages/definition.ts";
import type { CommandContext } from "./context.ts";

/** Everything that an environment's processors read and write, opened. */
export interface Targets {
  readonly clusters: Clusters;
  readonly connections: Connections;
  close(): Promise<void>;
}

/** Opens all of it, or nothing: then what is wrong in the config is among the findings. Throws what either of the two throws. */
export async function openTargets(
  environment: Environment,
  definitions: readonly Definition[],
  ctx: CommandContext,
): Promise<{ readonly targets?: Targets; readonly findings: readonly Finding[] }> {
  const { signal, progress: onProgress, cwd } = ctx;
  const { env, findings: failed } = await loadCommandValues(settingsOf(environment, definitions), ctx);
  if (failed.length > 0) return { findings: failed };
  // Kept from run to run, as a cluster would.
  const dbPath = join(cwd, ".asp", "mongod");
  const captureDir = join(cwd, ".asp", "captured");
  const opened = await openClusters(environment, definitions, { env, signal, onProgress, dbPath });
  const { clusters } = opened;
  try {
    const linked = await openConnections(environment, definitions, { env, signal, onProgress, captureDir });
    const { connections } = linked;
    const findings = [...opened.findings, ...linked.findings];
    if (clusters !== undefined && connections !== undefined) {
      const close = async (): Promise<void> => {
        await connections.close();
        await clusters.close();
      };
      return { targets: { clusters, connections, close }, findings };
    }
    await Promise.all([connections?.close(), clusters?.close()]);
    return { findings };
  } catch (error) {
    await clusters?.close();
    throw error;
  }
}

/** Of the connections that the definitions name, and where checkpoints are kept. */
function settingsOf(environment: Environment, definitions: readonly Definition[]): readonly unknown[] {
  const { connections, checkpoints } = environment;
  const names = [...definitions.flatMap(connectionsOf), checkpoints.connectionName ?? ""];
  return names.map((name) => connections[configName(environment, name)]);
}
