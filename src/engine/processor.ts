import { calculateObjectSize } from "bson";
import { AspError, isAspError } from "../diagnostics/asp-error.ts";
import type { Faults, ProcessorState, ProcessorStats, Written } from "./engine.ts";
import type { CheckpointStore } from "./checkpoints.ts";
import { createCheckpointKeeper } from "./checkpoint-keeper.ts";
import { bytesOf, chunkDocuments, chunkLimits, countOutgoing, cutBatch, weightOf } from "./chunk.ts";
import type { Chunk, Progress, Ready } from "./chunk.ts";
import { createChunkWriter } from "./chunk-writer.ts";
import { createLagHistogram } from "./core/lag.ts";
import { createLatencyWindow } from "./core/latency.ts";
import { operatorsOf } from "./core/operators-of.ts";
import type { ProcessorPlan } from "./core/plan.ts";
import { toSyncDetail, type InitialSyncDetail, type SyncPosition } from "./core/sync-position.ts";
import { createQueue } from "./core/queue.ts";
import { stateTooLarge } from "./core/state-too-large.ts";
import { serverReason } from "./core/server-reason.ts";
import { weigh, type Flow } from "./flow.ts";
import { addThrottled, type Meter } from "./meter.ts";
import type { ProcessorDetails } from "./processor-details.ts";
import { withRetries } from "./retry.ts";
import type { DeadLetters } from "./sinks/dead-letters.ts";
import type { Sink } from "./sinks/sink.ts";
import type { Batch, Position } from "./sources/batch.ts";
import { within } from "./within.ts";

/** Everything a processor works with, ready to run. */
export interface ProcessorParts {
  readonly plan: ProcessorPlan;
  readonly flow: Flow;
  readonly sink: Sink;
  readonly deadLetters: DeadLetters;
  readonly checkpoints: CheckpointStore;
  readonly checkpointIntervalMs: number;
  readonly faults: Faults;
  readonly meter: Meter;
  /** Windows may keep so many bytes. */
  readonly mostStateBytes?: number | undefined;
  readonly onWritten?: ((written: Written) => Promise<void> | undefined) | undefined;
  /** What a checkpoint stores where the user stops the processor. */
  readonly atStop: (position: Position) => Position;
  /** Called once a checkpoint is stored. */
  readonly onStored: (position: Position) => Promise<void>;
  /** Aborted when the processor fails or is stopped at once. */
  readonly abort: AbortController;
  readonly now: () => number;
  /** Engine time. */
  readonly clock: () => number;
  /** Which `$source` the position belongs to. */
  readonly sourceText: string;
  readonly onState: (stats: ProcessorStats) => void;
  readonly onProgress: () => void;
}

/** A processor at work: takes batches in, transforms and writes them, keeps its checkpoint. */
export interface Processor {
  readonly name: string;
  readonly plan: ProcessorPlan;
  stats(): ProcessorStats;
  /** What it knows itself beside that, but for what its source says. */
  details(options?: { readonly countedOnly: boolean }): Promise<ProcessorDetails>;
  /** Everything up to here has been written. */
  readonly position: Position;
  /** … and is in the checkpoint. */
  readonly storedPosition: Position;
  /** True while nothing is in flight. */
  readonly idle: boolean;
  /** Goes on from a checkpoint, or begins. */
  start(progress: Progress): Promise<void>;
  offer(batch: Batch): Promise<void>;
  /** After everything offered so far, the position is `position`. */
  settle(position: Position): Promise<void>;
  /** Has a window look at the clock, after everything offered so far. */
  tick(): Promise<void>;
  fail(error: AspError): void;
  /** No more batches will come, with `cause` because the source failed: resolves when the last has been written. */
  finish(cause?: AspError): Promise<void>;
  /** Finishes what is in flight, drops what is waiting; with `checkpoint`, stores the position. */
  stop(options: { readonly checkpoint: boolean }): Promise<void>;
}

const waitingBytes = 4 * 1024 * 1024;
/** So much is written at once when the sink is behind: the more there is of one key, the more is joined. It waits as bytes. */
const writeDocuments = 60_000;
const writeBytes = 24 * 1024 * 1024;
/** … but no longer than this is waited for more: stages may be slow, and the source may be away. */
const writeWithinMs = 5000;
const idle = { events: [], results: undefined } as const;
/** A stop does not wait longer than this for a cluster that does not answer; the checkpoint then stays as it was. */
export const stopWithinMs = 5000;
/** … and so long for what is cut off then to come to its end. */
const endWithinMs = 1000;

export function createProcessor(parts: ProcessorParts): Processor {
  const { plan, flow, sink, faults, now, clock, abort } = parts;
  const limits = chunkLimits(plan);
  // Requests cannot be joined: to wait for more of them would only have more of them repeated.
  const mostWritten = plan.sink.kind === "operator" ? limits.documents : writeDocuments;
  const waiting = createQueue<Chunk>(waitingBytes);
  const ready = createQueue<Ready>(writeBytes);
  const lag = createLagHistogram();
  const latency = createLatencyWindow(now());
  const { places } = operatorsOf(plan);
  const bytes = { input: 0, output: 0, deadLetters: 0 };
  const writer = createChunkWriter({ ...parts, signal: abort.signal });
  const keeper = createCheckpointKeeper({
    name: plan.name,
    source: parts.sourceText,
    store: { ...parts.checkpoints, save: (point) => withRetries(() => parts.checkpoints.save(point), abort.signal) },
    intervalMs: faults.redeliver === true ? 0 : parts.checkpointIntervalMs,
    beforeStore: sink.flush,
    afterStore: (progress) =>
      withRetries(async () => {
        if (progress.state !== undefined) await flow.stored(progress.state);
        await parts.onStored(progress.position);
        await checkState();
      }, abort.signal),
    now,
  });
  let state: ProcessorState = "CREATED";
  let error: AspError | undefined;
  let input = 0;
  let output = 0;
  let deadLetters = 0;
  let inFlight = 0;
  let backlog = false;
  /** Where the source is, which is ahead of what has been written. */
  let offered: Position = {};
  /** The latest that was known of a copy, which is over once the position has none. */
  let sync: SyncPosition | undefined;
  let killed = false;
  /** When the last write was over. */
  let waitingSinceMs = 0;
  let loops: Promise<unknown> = Promise.resolve();

  const stats = (): ProcessorStats => ({
    name: plan.name,
    state,
    input,
    output,
    deadLetters,
    lagMs: lag.summary(),
    ...(sync === undefined ? {} : { initialSync: syncDetail(sync) }),
    ...(error === undefined ? {} : { error }),
  });

  const syncDetail = (latest: SyncPosition): InitialSyncDetail => {
    const db = plan.source.kind === "changeStream" ? (plan.source.db ?? "") : "";
    const isOver = keeper.position.sync === undefined;
    return toSyncDetail(db, latest, isOver ? "completed" : state === "FAILED" ? "failed" : undefined);
  };

  /** A checkpoint is a good time to look: by then windows have let go of what they no longer need. */
  const checkState = async (): Promise<void> => {
    if (parts.mostStateBytes === undefined) return;
    const measured = await flow.measure?.();
    if (measured !== undefined && measured.stateBytes > parts.mostStateBytes) {
      throw stateTooLarge(plan.name, measured.stateBytes, parts.mostStateBytes);
    }
  };

  const become = (next: ProcessorState): void => {
    if (state === next || state === "FAILED") return;
    state = next;
    parts.onState(stats());
    parts.onProgress();
  };

  const fail = (cause: AspError): void => {
    if (state === "FAILED" || state === "STOPPED") return;
    error = cause;
    become("FAILED");
    abort.abort();
    waiting.close({ discard: true });
    ready.close({ discard: true });
  };

  /** What the world refused fails this processor only; anything else is a bug of ours, and says so. */
  const guarded = async (loop: () => Promise<void>): Promise<void> => {
    try {
      await loop();
    } catch (cause) {
      // What is under way when all ends at once may well fail.
      if (killed) return;
      if (isAspError(cause)) return fail(cause);
      const world = cause instanceof Error && cause.name.startsWith("Mongo");
      const text = world ? serverReason(cause) : `${String(cause)} (a bug in asp)`;
      fail(new AspError(world ? "ASP5107" : "ASP9001", `\`${plan.name}\` cannot go on: ${text}`, { cause }));
    }
  };

  const write = async (batch: readonly Ready[]): Promise<void> => {
    const startedAt = performance.now();
    const { letters, ...written } = await writer.write(batch);
    output += written.output;
    deadLetters += letters.length;
    for (const letter of letters) bytes.deadLetters += calculateObjectSize(letter);
    bytes.output += batch.reduce((sum, { transformed }) => sum + weigh(transformed), 0);
    parts.meter.count(places.sink, {
      input: written.output,
      output: written.output - written.refused,
      deadLetters: written.refused,
      ms: performance.now() - startedAt,
    });
    const looking = parts.onWritten?.({
      documents: () => batch.flatMap(({ transformed }) => transformed.outgoing.map(({ document }) => document)),
      letters,
    });
    if (looking !== undefined) await looking;
  };

  const acknowledge = async (batch: readonly Ready[]): Promise<void> => {
    const ackedAtMs = now();
    for (const { wallTimesMs } of batch) {
      for (const wallTimeMs of wallTimesMs) {
        if (wallTimeMs === undefined) continue;
        lag.record(ackedAtMs - wallTimeMs);
        latency.record(ackedAtMs - wallTimeMs, ackedAtMs);
      }
    }
    const hadEvents = batch.some(({ chunk, moved }) => chunk.events.length > 0 || moved === true);
    const finished = batch.filter(({ done }) => done !== undefined);
    for (const part of finished) sync = part.done?.position.sync ?? sync;
    const done = finished.at(-1)?.done;
    if (done !== undefined) await keeper.moveTo(done, hadEvents);
    if (finished.some(({ chunk }) => chunk.isBeginning === true)) await keeper.store();
    inFlight -= finished.length;
    handled += finished.length;
    onHandled();
    parts.onProgress();
  };

  /** A crash within a processor with a window undoes what came after the checkpoint: nothing may be under way by then. */
  const oneByOne = flow.isStateful && faults.redeliver === true;
  let handled = 0;
  let waitingForHandled: (() => void)[] = [];
  const onHandled = (): void => {
    const released = waitingForHandled;
    waitingForHandled = [];
    for (const release of released) release();
  };
  abort.signal.addEventListener("abort", onHandled);
  const untilHandled = async (count: number): Promise<void> => {
    while (handled < count && !abort.signal.aborted) {
      await new Promise<void>((resolve) => waitingForHandled.push(resolve));
    }
  };

  const transforming = async (): Promise<void> => {
    let begun = 0;
    for (let taken = await waiting.take(); taken !== undefined; taken = await waiting.take()) {
      for (const chunk of taken) {
        if (abort.signal.aborted) return;
        begun += 1;
        if (!(await transformed(chunk, (part) => ready.put(part, part.bytes)))) return;
        if (oneByOne) await untilHandled(begun);
      }
    }
    ready.close();
  };

  /** Hands on all that becomes of a chunk; false once nobody takes it. */
  const transformed = async (chunk: Chunk, take: (part: Ready) => Promise<boolean>): Promise<boolean> => {
    // What has been handed on is not taken back: with a retry it comes again, as after a crash.
    return withRetries(async () => {
      for await (const part of flow.run(chunk)) if (!(await take(part))) return false;
      return true;
    }, abort.signal);
  };

  const writing = async (): Promise<void> => {
    const take = async (): Promise<readonly Ready[] | undefined> => {
      waitingSinceMs = performance.now();
      // A little later, as a timer may be early.
      const timer = setTimeout(ready.wake, writeWithinMs + 10);
      try {
        return await ready.take(accepts, isWorthwhile);
      } finally {
        clearTimeout(timer);
      }
    };
    for (let batch = await take(); batch !== undefined; batch = await take()) {
      if (abort.signal.aborted) return;
      await write(batch);
      if (killed) return;
      if (faults.redeliver === true && batch.at(-1)?.done !== undefined) await again(batch);
      await acknowledge(batch);
    }
  };

  /** After a crash between the sink's write and the checkpoint, the same documents come through once more. */
  const again = async (batch: readonly Ready[]): Promise<void> => {
    if (flow.isStateful) await flow.begin(keeper.stored.state);
    for (const { chunk, done } of batch) {
      if (done === undefined) continue;
      await transformed(chunk, async (part) => {
        await write([part]);
        return true;
      });
    }
  };

  /** While the source is behind, a write waits until it is worth it: the more events of one key, the more are joined. */
  const isWorthwhile = (taken: readonly Ready[]): boolean => {
    // What a window takes in has nothing to write, and must not wait for more.
    if (flow.isStateful || !backlog || taken.some(({ chunk }) => chunk.alone)) return true;
    if (performance.now() - waitingSinceMs >= writeWithinMs) return true;
    return countOutgoing(taken) + chunkDocuments > mostWritten || weightOf(taken) >= writeBytes;
  };

  const accepts = (taken: readonly Ready[], next: Ready): boolean => {
    if (next.chunk.alone || taken.some(({ chunk }) => chunk.alone)) return false;
    return countOutgoing(taken) + next.transformed.outgoing.length <= mostWritten;
  };

  const offer = async (batch: Batch): Promise<void> => {
    if (state !== "STARTED") return;
    backlog = batch.more === true;
    if (!backlog) ready.wake();
    offered = batch.position;
    if (batch.events.length === 0) {
      const { position, lanes, isBeginning = false } = batch;
      // Only an idle processor moves on by the post-batch token; a busy one comes past it soon.
      if (inFlight > 0 && !isBeginning) return;
      await put({ ...idle, position, lanes, isBeginning, atMs: clock(), alone: isBeginning });
      if (isBeginning) await untilHandled(handled + inFlight);
      return;
    }
    const atMs = clock();
    const isSingle = (): boolean => input < (faults.onePerBatchUntil ?? 0);
    for (const part of cutBatch(batch, () => (isSingle() ? 1 : limits.documents), limits.bytes)) {
      const chunk = { ...part, lanes: batch.lanes, atMs, alone: isSingle() || faults.redeliver === true };
      input += chunk.events.length;
      for (const { bson } of chunk.events) bytes.input += bson.length;
      if (!(await put(chunk))) return;
    }
  };

  const put = async (chunk: Chunk): Promise<boolean> => {
    inFlight += 1;
    if (await waiting.put(chunk, bytesOf(chunk.events))) return true;
    inFlight -= 1;
    return false;
  };

  const settle = async (at: Position): Promise<void> => {
    offered = at;
    await put({ ...idle, position: at, atMs: clock(), alone: true });
  };

  return {
    name: plan.name,
    plan,
    stats,
    details: async ({ countedOnly } = { countedOnly: false }) => {
      const window = countedOnly ? undefined : await flow.measure?.();
      const { operators } = parts.meter;
      const throttles = operators.flatMap(({ throttle }) => (throttle === undefined ? [] : [throttle]));
      return {
        ...stats(),
        bytes: { ...bytes },
        operatorStats: operators,
        latency: latency.summary(now()),
        ...(window && { window }),
        ...(throttles.length > 0 && { throttle: throttles.reduce(addThrottled) }),
      };
    },
    get position() {
      return keeper.position;
    },
    get storedPosition() {
      return keeper.stored.position;
    },
    get idle() {
      return inFlight === 0;
    },
    start: async (from) => {
      await withRetries(() => flow.begin(from.state, clock()), abort.signal);
      keeper.begin(from);
      sync = from.position.sync;
      offered = from.position;
      become("STARTED");
      loops = Promise.all([guarded(transforming), guarded(writing)]);
    },
    offer,
    settle,
    tick: async () => {
      if (state === "STARTED" && flow.isStateful) await settle(offered);
    },
    fail,
    finish: async (cause) => {
      waiting.close();
      await loops;
      if (state === "STARTED") await guarded(() => keeper.store());
      if (cause !== undefined) fail(cause);
      become("STOPPED");
    },
    stop: async ({ checkpoint }) => {
      waiting.close({ discard: true });
      if (!checkpoint) {
        killed = true;
        ready.close({ discard: true });
        abort.abort();
      }
      const finishing = async (): Promise<void> => {
        await loops;
        if (state === "STARTED" && checkpoint && !killed) await guarded(() => keeper.store(parts.atStop));
      };
      await within(finishing(), stopWithinMs);
      // What is still under way moves the position no more.
      killed = true;
      abort.abort();
      become("STOPPED");
      await within(loops, endWithinMs);
    },
  };
}
