import type { Environment } from "../config/resolve-environment.ts";
import type { Engine, ProcessorStats } from "../engine/engine.ts";
import { connectionsOf } from "../engine/connections-of.ts";
import type { Connections } from "../engine/connections.ts";
import type { Clusters } from "../engine/open-clusters.ts";
import { prepareCluster } from "../engine/prepare-collections.ts";
import { stateLimitOf } from "../compiler/explain-tier.ts";
import { startEngine } from "../engine/start-engine.ts";
import { icebergTablesOf, type TierName } from "../stages/tiers.ts";
import type { Definition } from "../stages/definition.ts";
import { Interruption } from "./context.ts";
import type { CommandContext } from "./context.ts";
import { mongodDied } from "./mongod-died.ts";
import { renderCount } from "./render/numbers.ts";
import { startStatusLines } from "./render/status-lines.ts";
import { whenAborted } from "./when-aborted.ts";

/** How a run ended. */
export interface RunResult {
  readonly processors: readonly ProcessorStats[];
  readonly seconds: number;
  /** Absent where every processor came to its end by itself. */
  readonly stoppedBy?: "SIGINT" | "SIGTERM";
}

export interface RunOptions {
  readonly definitions: readonly Definition[];
  readonly environment: Environment;
  readonly clusters: Clusters;
  readonly connections: Connections;
  /** The state of windows may take what this tier has. */
  readonly tier?: TierName;
  readonly onFailure: (stats: ProcessorStats) => void;
}

/** Runs processors until the first signal, or until none is running any more; the second signal does not wait. */
export async function runProcessors(options: RunOptions, ctx: CommandContext): Promise<RunResult> {
  const { definitions, environment, clusters, connections, onFailure, tier } = options;
  const started = performance.now();
  if (environment.target === "emulator") await prepareCollections(options);
  ctx.signal.throwIfAborted();
  const failed = new Set<string>();
  const starting = startEngine(definitions, {
    cluster: clusters.cluster,
    checkpoints: clusters.checkpoints,
    connections,
    ...(tier && { mostStateBytes: stateLimitOf(tier), mostIcebergTables: icebergTablesOf(tier) }),
    onState: (stats) => {
      if (stats.state !== "FAILED" || failed.has(stats.name)) return;
      failed.add(stats.name);
      onFailure(stats);
    },
  });
  const ended = mongodDied(clusters.mongod);
  const interrupted = whenAborted(ctx.signal);
  const engine = await Promise.race([starting, ended, interrupted.then(() => undefined)]);
  if (engine === undefined) {
    // Still starting: it finds its clients closed, and whatever it says then is of no use.
    void starting.then((late) => late.kill()).catch(() => undefined);
    throw ctx.signal.reason;
  }

  const status = startStatusLines(ctx, () => engine.stats());
  try {
    ctx.stderr.write(`${readyLine(engine.stats())}\n`);
    await Promise.race([engine.ended, ended, interrupted]);
  } catch (error) {
    // Not awaited: it would retry on the mongod that is gone, until the clients are closed.
    engine.kill().catch(() => undefined);
    throw error;
  } finally {
    status.end();
  }
  await stop(engine, ctx);
  const { reason } = ctx.signal;
  if (ctx.signal.aborted && !(reason instanceof Interruption)) throw reason;
  const seconds = (performance.now() - started) / 1_000;
  return { processors: engine.stats(), seconds, ...(ctx.signal.aborted ? { stoppedBy: reason.signal } : {}) };
}

async function stop(engine: Engine, ctx: CommandContext): Promise<void> {
  ctx.progress("stopping: batches in flight are finished and checkpoints written; again to leave at once");
  // Not awaited: what a cluster does not answer fails once its client is closed.
  const forced = whenAborted(ctx.forced).then(() => void engine.kill().catch(() => undefined));
  await Promise.race([engine.stop(), forced]);
}

/** Scripts wait for the word READY. */
function readyLine(processors: readonly ProcessorStats[]): string {
  const failed = processors.filter(({ state }) => state === "FAILED").map(({ name }) => name);
  const tailing = processors.length - failed.length;
  if (tailing === 0) return `no processor is running, FAILED: ${failed.join(", ")}`;
  if (failed.length === 0) return `READY: ${renderCount(tailing, "processor")} running`;
  return `READY: ${tailing} of ${renderCount(processors.length, "processor")} running, FAILED: ${failed.join(", ")}`;
}

/** Collections, indexes and pre-images as the config has them, where a processor of this run may need them. */
async function prepareCollections({ definitions, environment, clusters }: RunOptions): Promise<void> {
  const used = new Set(definitions.flatMap(connectionsOf));
  for (const name of used) {
    const collections = environment.collections.filter((spec) => spec.connectionName === name);
    if (collections.length === 0) continue;
    await prepareCluster(clusters.cluster(name).client, collections, environment);
  }
}
