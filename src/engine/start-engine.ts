import { Timestamp } from "bson";
import { AspError, isAspError } from "../diagnostics/asp-error.ts";
import type { Definition } from "../stages/definition.ts";
import { createCheckpointStore } from "./checkpoints.ts";
import { planProcessor, type ProcessorPlan } from "./core/plan.ts";
import { hasReached } from "./core/resume-token.ts";
import type { Cluster, Engine, EngineOptions } from "./engine.ts";
import { mayJoin } from "./may-join.ts";
import { createProcessor, stopWithinMs, type Processor } from "./processor.ts";
import { prepareSink, probeUpdates } from "./prepare-sink.ts";
import { createDeadLetters } from "./sinks/dead-letters.ts";
import { createMergeSink } from "./sinks/merge.ts";
import { sinkExpressions } from "./sinks/merge-target.ts";
import { isTimestamp } from "./sources/batch.ts";
import { createSources } from "./sources/sources.ts";
import { createStageRunner, type StageRunner } from "./stage-runner.ts";
import { createTransform, type Transform } from "./transform.ts";
import { within } from "./within.ts";

const checkpointIntervalMs = 1000;

interface Prepared {
  readonly processor: Processor;
  readonly transform: Transform;
  /** The `$source` as text: a checkpoint belongs to it. */
  readonly source: string;
}

/**
 * Starts processors and resolves once each is tailing its source, or FAILED (see `stats()`).
 *
 * A processor with a checkpoint continues from there; one without starts from where its `$source` says, or from now.
 *
 * @throws AspError where the clusters cannot be used at all
 */
export async function startEngine(definitions: readonly Definition[], options: EngineOptions): Promise<Engine> {
  const plans = definitions.map(planProcessor);
  const now = options.now ?? Date.now;
  const store = createCheckpointStore(options.checkpoints);
  const stagesDb = options.checkpoints.cluster.client.db(options.checkpoints.db);
  const runners: StageRunner[] = [];
  let wake: (() => void)[] = [];
  const onProgress = (): void => {
    const waiting = wake;
    wake = [];
    for (const resolve of waiting) resolve();
  };

  // The checkpoint's majority covers other writes only where they go to the same cluster.
  const writeConcernOf = ({ name }: Cluster): { readonly w: number | "majority" } =>
    name === options.checkpoints.cluster.name ? { w: 1 } : { w: "majority" };

  const create = async (plan: ProcessorPlan): Promise<Prepared> => {
    const runner = createStageRunner(stagesDb);
    runners.push(runner);
    const cluster = options.cluster(plan.sink.connectionName);
    const joins = !isRead(plan, plans, options) && (await mayJoin(plan.sink, cluster));
    const transform = createTransform(plan, runner, sinkExpressions(plan.sink));
    const source = JSON.stringify(definitions.find(({ name }) => name === plan.name)?.pipeline[0] ?? {});
    const processor = createProcessor({
      plan,
      transform,
      sink: createMergeSink(plan.sink, { cluster, joins, writeConcern: writeConcernOf(cluster) }),
      deadLetters: createDeadLetters(plan.deadLetters, options.cluster, writeConcernOf),
      checkpoints: store,
      checkpointIntervalMs: options.checkpointIntervalMs ?? checkpointIntervalMs,
      faults: options.faults ?? {},
      now,
      sourceText: source,
      onState: options.onState ?? (() => undefined),
      onProgress,
    });
    return { processor, transform, source };
  };

  const prepared = await Promise.all(plans.map(create));
  const processors = prepared.map(({ processor }) => processor);
  const runner = createStageRunner(stagesDb);
  runners.push(runner);
  const sources = createSources({ cluster: options.cluster, store, runner, now, onProgress });

  await probeUpdates(new Set(plans.map(({ sink }) => options.cluster(sink.connectionName))), options.checkpoints.db);
  const enlist = async ({ processor, transform, source }: Prepared): Promise<void> => {
    try {
      await prepareSink(processor.plan, options.cluster(processor.plan.sink.connectionName));
      await transform.check();
      await sources.add(processor, source);
    } catch (error) {
      processor.fail(toStartError(processor.name, error));
    }
  };
  await Promise.all(prepared.map(enlist));
  await sources.open();
  const running = sources.run();

  const untilProgress = (): Promise<void> => new Promise((resolve) => wake.push(resolve));

  const reached = async (times: ReadonlyMap<string, Timestamp>): Promise<void> => {
    const pending = (): boolean =>
      processors.some(({ plan, idle, position, stats }) => {
        if (stats().state !== "STARTED") return false;
        if (plan.source.kind === "documents") return true;
        const time = times.get(options.cluster(plan.source.connectionName).name);
        const { token, sync } = position;
        return !idle || sync !== undefined || (time !== undefined && (token === undefined || !hasReached(token, time)));
      });
    while (pending()) await untilProgress();
  };

  const caughtUp = async (): Promise<void> => {
    const release = sources.hurry();
    try {
      for (let before = -1, after = 0; before !== after;) {
        before = countInput(processors);
        await reached(await clusterTimes(plans, options));
        after = countInput(processors);
      }
    } finally {
      release();
    }
  };

  const shutDown = async (checkpoint: boolean): Promise<void> => {
    sources.stop();
    await Promise.all([
      ...processors.map((processor) => processor.stop({ checkpoint })),
      within(running, stopWithinMs),
    ]);
    await Promise.all(runners.map((each) => each.close().catch(() => undefined)));
    onProgress();
  };
  let stopping: Promise<void> | undefined;
  let killing: Promise<void> | undefined;
  const stop = (): Promise<void> => killing ?? (stopping ??= shutDown(true));
  // Also in the middle of a stop, which it cuts short.
  const kill = (): Promise<void> => (killing ??= shutDown(false));

  return {
    stats: () => processors.map((processor) => processor.stats()),
    caughtUp,
    ended: running,
    stop,
    kill,
    [Symbol.asyncDispose]: stop,
  };
}

/**
 * True if another processor of this run reads what `plan` writes: it must then see each change, and in order, as it would
 * on the service.
 */
function isRead(plan: ProcessorPlan, plans: readonly ProcessorPlan[], options: EngineOptions): boolean {
  const { connectionName, db, coll } = plan.sink;
  return plans.some(({ source }) => {
    if (source.kind !== "changeStream") return false;
    if (options.cluster(source.connectionName).name !== options.cluster(connectionName).name) return false;
    const sameDb = source.db === undefined || typeof db !== "string" || db === source.db;
    return sameDb && (source.colls === undefined || typeof coll !== "string" || source.colls.includes(coll));
  });
}

function countInput(processors: readonly Processor[]): number {
  return processors.reduce((sum, processor) => sum + processor.stats().input, 0);
}

async function clusterTimes(plans: readonly ProcessorPlan[], options: EngineOptions): Promise<Map<string, Timestamp>> {
  const times = new Map<string, Timestamp>();
  for (const { source } of plans) {
    if (source.kind === "documents") continue;
    const cluster = options.cluster(source.connectionName);
    if (!times.has(cluster.name)) times.set(cluster.name, await operationTime(cluster));
  }
  return times;
}

/** The time of the last write that this member has applied. */
async function operationTime({ client, name }: Cluster): Promise<Timestamp> {
  const reply = await client.db("admin").command({ ping: 1 });
  const time: unknown = reply["operationTime"];
  if (!isTimestamp(time))
    throw new AspError("ASP5109", `The cluster "${name}" is no replica set: it has no change streams`);
  return new Timestamp({ t: time.getHighBitsUnsigned(), i: time.getLowBitsUnsigned() });
}

function toStartError(name: string, error: unknown): AspError {
  if (isAspError(error)) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new AspError("ASP5107", `\`${name}\` cannot start: ${text}`, { cause: error });
}
