import { setTimeout as sleep } from "node:timers/promises";
import { AspError, isAspError } from "../diagnostics/asp-error.ts";
import type { Definition } from "../stages/definition.ts";
import { icebergTablesOf, isTierName, type TierName } from "../stages/tiers.ts";
import { createCheckpointStore } from "./checkpoints.ts";
import { operatorsOf } from "./core/operators-of.ts";
import { planProcessor, type ProcessorPlan } from "./core/plan.ts";
import { createMeter } from "./meter.ts";
import type { Engine, EngineOptions, StartAt } from "./engine.ts";
import { noConnections } from "./connections.ts";
import type { Elsewhere } from "./core/plan-steps.ts";
import { createExpressionRunner, type ExpressionRunner } from "./expression-runner.ts";
import { sourceText } from "../compiler/explain-modify.ts";
import { createFlow } from "./create-flow.ts";
import type { Flow } from "./flow.ts";
import { describeProcessor } from "./describe-processor.ts";
import type { ProcessorDetails } from "./processor-details.ts";
import { createProcessor, stopWithinMs, type Processor } from "./processor.ts";
import { probeUpdates } from "./prepare-sink.ts";
import { createDeadLetters } from "./sinks/dead-letters.ts";
import { createSink } from "./sinks/create-sink.ts";
import type { Sink } from "./sinks/sink.ts";
import { createPullSource } from "./sources/create-pull-source.ts";
import type { PullSource } from "./sources/pull-source.ts";
import { createSources } from "./sources/sources.ts";
import { createStageRunner, type StageRunner } from "./stage-runner.ts";
import { within } from "./within.ts";

const checkpointIntervalMs = 1000;

interface Prepared {
  readonly processor: Processor;
  readonly flow: Flow;
  readonly sink: Sink;
  /** The `$source` as text: a checkpoint belongs to it. */
  readonly source: string;
  /** Absent for a change stream. */
  readonly pull: PullSource | undefined;
}

/**
 * Starts processors and resolves once each is tailing its source, or FAILED (see `stats()`).
 *
 * A processor with a checkpoint continues from there; one without starts from where its `$source` says, or from now.
 *
 * @throws AspError where the clusters cannot be used at all
 */
export async function startEngine(definitions: readonly Definition[], options: EngineOptions): Promise<Engine> {
  const plans = definitions.map((definition) => startingAt(planProcessor(definition), options.startAt));
  const now = options.now ?? Date.now;
  const clock = options.clock ?? now;
  const store = createCheckpointStore(options.checkpoints);
  const stagesDb = options.checkpoints.cluster.client.db(options.checkpoints.db);
  const runners: StageRunner[] = [];
  let wake: (() => void)[] = [];
  const onProgress = (): void => {
    const waiting = wake;
    wake = [];
    for (const resolve of waiting) resolve();
  };

  const openRunner = (elsewhere: Elsewhere | undefined): StageRunner => {
    const db = elsewhere === undefined ? stagesDb : options.cluster(elsewhere.connectionName).client.db(elsewhere.db);
    const runner = createStageRunner(db);
    runners.push(runner);
    return runner;
  };

  const create = async (plan: ProcessorPlan): Promise<Prepared> => {
    const own = new Map<string, ExpressionRunner>();
    const abort = new AbortController();
    const context = {
      name: plan.name,
      cluster: options.cluster,
      connections: options.connections ?? noConnections,
      // What one processor runs at one place runs there one after the other.
      runner: (elsewhere?: Elsewhere): ExpressionRunner => {
        const key = JSON.stringify(elsewhere ?? null);
        const runner = own.get(key) ?? createExpressionRunner(openRunner(elsewhere), { name: plan.name, now: clock });
        own.set(key, runner);
        return runner;
      },
      stateDb: stagesDb,
      now: clock,
      timeOf: options.timeOf,
      onTime: options.onTime,
      pause: async (ms: number): Promise<boolean> => {
        // A clock that somebody hands in moves on by events.
        if (options.clock !== undefined || options.now !== undefined) return false;
        await sleep(ms, undefined, { signal: abort.signal });
        return true;
      },
      callPatienceMs: options.callPatienceMs,
      signal: abort.signal,
    };
    const sink = await createSink(plan, {
      ...context,
      isRead: options.eachChange === true || isRead(plan, plans, options),
      mostIcebergTables: options.mostIcebergTables ?? icebergTablesOf(tierOf(plan.name, definitions)),
    });
    const meter = createMeter(operatorsOf(plan).names);
    const flow = createFlow({ ...context, plan, sink, meter });
    const pull = createPullSource(plan.source, context);
    const source = sourceText(definitions.find(({ name }) => name === plan.name) ?? { pipeline: [] });
    const processor = createProcessor({
      plan,
      flow,
      sink,
      atStop: (position) => pull?.atStop?.(position) ?? position,
      onStored: async (position) => pull?.stored(position),
      abort,
      deadLetters: createDeadLetters(plan.deadLetters, options.cluster),
      checkpoints: store,
      checkpointIntervalMs: options.checkpointIntervalMs ?? checkpointIntervalMs,
      faults: options.faults ?? {},
      meter,
      mostStateBytes: options.mostStateBytes,
      onWritten: options.onWritten,
      now,
      clock,
      sourceText: source,
      onState: options.onState ?? (() => undefined),
      onProgress,
    });
    return { processor, flow, sink, source, pull };
  };

  const prepared = await Promise.all(plans.map(create));
  const processors = prepared.map(({ processor }) => processor);
  const sources = createSources({ cluster: options.cluster, store, runner: openRunner(undefined), now, onProgress });

  const merged = plans.flatMap(({ sink }) => (sink.kind === "merge" ? [options.cluster(sink.connectionName)] : []));
  await probeUpdates(new Set(merged), options.checkpoints.db);
  const enlist = async ({ processor, flow, sink, source, pull }: Prepared): Promise<void> => {
    try {
      await sink.prepare();
      await flow.check();
      await sources.add(processor, source, pull);
    } catch (error) {
      processor.fail(toStartError(processor.name, error));
    }
  };
  await Promise.all(prepared.map(enlist));
  await sources.open();
  const running = sources.run();

  const untilProgress = (): Promise<void> => new Promise((resolve) => wake.push(resolve));

  const caughtUp = async (): Promise<void> => {
    const release = sources.hurry();
    try {
      for (let isSettled = false; !isSettled;) {
        // What a busy one is still to write may be another one's input, and is in no target yet.
        const wereIdle = processors.every((processor) => !isStarted(processor) || processor.idle);
        const before = countInput(processors);
        const isThere = await sources.targets();
        const isPending = (processor: Processor): boolean =>
          isStarted(processor) && !(processor.idle && isThere(processor));
        while (processors.some(isPending)) await untilProgress();
        isSettled = wereIdle && before === countInput(processors);
      }
    } finally {
      release();
    }
  };

  const shutDown = async (checkpoint: boolean): Promise<void> => {
    if (checkpoint) sources.stop();
    else sources.leave();
    await Promise.all([
      ...processors.map((processor) => processor.stop({ checkpoint })),
      within(running, stopWithinMs),
    ]);
    await Promise.all(
      prepared.map(async ({ flow, sink, pull }) => {
        await pull?.close().catch(() => undefined);
        await flow.close().catch(() => undefined);
        await sink.close({ killed: !checkpoint }).catch(() => undefined);
      }),
    );
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
    details: ({ countedOnly = false } = {}) => {
      const describe = ({ processor, pull }: Prepared): Promise<ProcessorDetails> =>
        countedOnly
          ? processor.details({ countedOnly })
          : describeProcessor(processor, options.cluster, pull, options.newestTime);
      return Promise.all(prepared.map(describe));
    },
    caughtUp,
    tick: async () => {
      await Promise.all(
        prepared.map(async ({ processor, pull }) => {
          await pull?.tick?.();
          await processor.tick();
        }),
      );
    },
    ended: running,
    stop,
    kill,
    [Symbol.asyncDispose]: stop,
  };
}

/** Where a processor begins that has no checkpoint; what its `$source` says is left out. */
function startingAt(plan: ProcessorPlan, startAt: StartAt | undefined): ProcessorPlan {
  const { source } = plan;
  if (startAt === undefined || source.kind !== "changeStream") return plan;
  const { startAfter, startAtOperationTime } = startAt;
  return { ...plan, source: { ...source, startAfter, startAtOperationTime } };
}

/**
 * True if another processor of this run reads what `plan` writes: it must then see each change, and in order, as it would
 * on the service.
 */
function isRead(plan: ProcessorPlan, plans: readonly ProcessorPlan[], options: EngineOptions): boolean {
  if (plan.sink.kind !== "merge") return false;
  const { connectionName, db, coll } = plan.sink;
  return plans.some(({ source }) => {
    if (source.kind !== "changeStream") return false;
    if (options.cluster(source.connectionName).name !== options.cluster(connectionName).name) return false;
    const sameDb = source.db === undefined || typeof db !== "string" || db === source.db;
    return sameDb && (source.colls === undefined || typeof coll !== "string" || source.colls.includes(coll));
  });
}

/** The tier that a processor itself asks for. */
function tierOf(name: string, definitions: readonly Definition[]): TierName | undefined {
  const tier = definitions.find((definition) => definition.name === name)?.options?.tier;
  return isTierName(tier) ? tier : undefined;
}

function isStarted(processor: Processor): boolean {
  return processor.stats().state === "STARTED";
}

function countInput(processors: readonly Processor[]): number {
  return processors.reduce((sum, processor) => sum + processor.stats().input, 0);
}

function toStartError(name: string, error: unknown): AspError {
  if (isAspError(error)) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new AspError("ASP5107", `\`${name}\` cannot start: ${text}`, { cause: error });
}
