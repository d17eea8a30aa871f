import { startEngine } from "../../engine/start-engine.ts";
import { prepareCluster } from "../../engine/prepare-collections.ts";
import type { TimeEvent } from "../../engine/core/time-event.ts";
import type { Engine, Faults, ProcessorStats } from "../../engine/engine.ts";
import { operationTime } from "../../engine/sources/change-stream.ts";
import { placeNamespace } from "../../config/place-namespace.ts";
import type { Variables } from "../../config/interpolate.ts";
import type { Environment } from "../../config/environment.ts";
import type { Definition } from "../../stages/definition.ts";
import type { GivenSource } from "../case/given.ts";
import type { Trial } from "../case/trial.ts";
import { feed } from "./feed.ts";
import type { CollectionName } from "../case/given.ts";
import type { Operation } from "./operations.ts";
import type { TestMongod } from "./test-mongod.ts";
import { createTrialTopics } from "./trial-topics.ts";
import type { EmittedMessages } from "./trial-topics.ts";
import { createVirtualClock } from "../../engine/virtual-clock.ts";

export interface TrialInput {
  readonly mongod: TestMongod;
  readonly environment: Environment;
  readonly definitions: readonly Definition[];
  readonly variables: Variables;
  readonly topics: ReadonlyMap<string, number>;
  readonly seed: readonly GivenSource[];
  readonly operations: () => AsyncIterable<Operation>;
  readonly trial: Trial;
  /** How many operations there are, as the straight trial counted them: `restarted` spreads its restarts over them. */
  readonly count: number;
  readonly rate?: number;
  readonly signal?: AbortSignal;
  /** Called with what decides where the documents of windows go. */
  readonly onTime?: (event: TimeEvent) => void;
  /** Called with each engine that is started. */
  readonly onEngine?: (engine: Engine) => void;
  readonly onFed?: (count: number) => void;
}

export interface TrialRun {
  readonly count: number;
  readonly seconds: number;
  readonly stats: readonly ProcessorStats[];
  readonly emitted: EmittedMessages;
}

/**
 * Runs processors over what is given on an empty mongod, treating them as the trial asks, until everything has gone through.
 * The end state stays in mongod for the caller to read.
 */
export async function runTrial(input: TrialInput): Promise<TrialRun> {
  return Promise.race([run(input), input.mongod.died]);
}

async function run({ mongod, environment, definitions, trial, ...input }: TrialInput): Promise<TrialRun> {
  const { client } = mongod.cluster;
  const toHere = ({ db, coll }: CollectionName): CollectionName => placeNamespace(db, coll, environment);
  await mongod.clear();
  await prepareCluster(client, environment.collections, environment);
  const clock = createVirtualClock();
  const { connections, produce, emitted } = createTrialTopics({
    environment,
    definitions,
    variables: input.variables,
    topics: input.topics,
    captureDir: mongod.captureDir,
    now: clock.now,
  });
  await feed(seeds(input.seed), { client, toHere, produce, ...onlyWrites, ...signalOf(input) });

  const start = async (): Promise<Engine> => {
    const started = await startEngine(definitions, {
      cluster: () => mongod.cluster,
      connections,
      checkpoints: { cluster: mongod.cluster, db: environment.checkpoints.db },
      faults: faultsOf(trial),
      callPatienceMs,
      clock: clock.now,
      timeOf: clock.timeOf,
      ...(input.onTime === undefined ? {} : { onTime: input.onTime }),
    });
    input.onEngine?.(started);
    return started;
  };
  let engine = await start();
  let before: readonly ProcessorStats[] = [];
  let crashes = 0;
  const crash = async (): Promise<void> => {
    // Every other crash comes when all is written and the checkpoint is not, the others in the middle of the work.
    if (crashes++ % 2 === 1) await engine.caughtUp();
    await engine.kill();
    engine = await start();
  };
  const restart = async (): Promise<void> => {
    await engine.caughtUp();
    await engine.stop();
    before = addStats(before, engine.stats());
    engine = await start();
  };
  /** What a case says has gone through, no later crash takes back: what it changes after that may be what stages look up. */
  const caughtUp = (): Promise<void> => (trial === "restarted" ? restart() : engine.caughtUp());
  const advance = async (ms: number): Promise<void> => {
    // So much time does not pass without a checkpoint before and after.
    await caughtUp();
    clock.advance(ms, await operationTime(mongod.cluster));
    await engine.tick();
    await caughtUp();
  };
  try {
    const startedAt = performance.now();
    const count = await feed(input.operations(), {
      client,
      toHere,
      produce,
      caughtUp,
      restart,
      advance,
      ...(trial === "restarted" ? { pauseBefore: { at: restartPoints(input.count), pause: crash } } : {}),
      ...(input.rate === undefined ? {} : { rate: input.rate }),
      ...(input.onFed === undefined ? {} : { onFed: input.onFed }),
      ...signalOf(input),
    });
    await abortable(engine.caughtUp(), input.signal);
    if (trial === "restarted") {
      await engine.kill();
      engine = await start();
      await abortable(engine.caughtUp(), input.signal);
    }
    const seconds = (performance.now() - startedAt) / 1000;
    const stats = addStats(before, engine.stats());
    await engine.stop();
    return { count, seconds, stats, emitted: await emitted() };
  } catch (error) {
    // What went wrong is the news, not that the engine could not be stopped after it.
    await engine.kill().catch(() => undefined);
    throw error;
  }
}

/** The counts of an engine with those of the one before it. Lags cannot be added: those of the busier one stand for both. */
function addStats(before: readonly ProcessorStats[], stats: readonly ProcessorStats[]): readonly ProcessorStats[] {
  return stats.map((after) => {
    const earlier = before.find(({ name }) => name === after.name);
    if (earlier === undefined) return after;
    const { lagMs } = earlier.input > after.input ? earlier : after;
    return {
      ...after,
      input: earlier.input + after.input,
      output: earlier.output + after.output,
      deadLetters: earlier.deadLetters + after.deadLetters,
      lagMs: { ...lagMs, max: Math.max(earlier.lagMs.max, after.lagMs.max) },
    };
  });
}

/** No time passes in a trial for an endpoint to come back in: an answer that was lost on the way is asked for again, and that is all. */
const callPatienceMs = 2000;

const maxRestarts = 25;
const onePerBatchEvents = 500;

function faultsOf(trial: Trial): Faults {
  if (trial === "one-per-batch") return { onePerBatchUntil: onePerBatchEvents };
  return trial === "redelivered" ? { redeliver: true } : {};
}

/** Before the first operation and spread over the rest; the one after the last is not among them. */
export function restartPoints(count: number): ReadonlySet<number> {
  const points = Math.min(maxRestarts - 1, count);
  return new Set(Array.from({ length: points }, (_, index) => Math.round((index * count) / points)));
}

async function* seeds(sources: readonly GivenSource[]): AsyncGenerator<Operation> {
  for (const { db, coll, file, open } of sources) {
    for await (const given of open()) yield { kind: "insert", collection: { db, coll }, given, file };
  }
}

function signalOf({ signal }: { readonly signal?: AbortSignal }): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

async function nothing(): Promise<void> {
  // Seeds are inserted before there is an engine.
}

const onlyWrites = { caughtUp: nothing, restart: nothing, advance: nothing };

async function abortable(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return work;
  signal.throwIfAborted();
  let abort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason as Error);
    signal.addEventListener("abort", abort);
  });
  try {
    await Promise.race([work, aborted]);
  } finally {
    if (abort !== undefined) signal.removeEventListener("abort", abort);
  }
}
