import type { Document } from "bson";
import { AspError, isAspError } from "../diagnostics/asp-error.ts";
import type { Faults, ProcessorState, ProcessorStats } from "./engine.ts";
import type { Checkpoint, CheckpointStore } from "./checkpoints.ts";
import { toDeadLetter, type Failure } from "./core/dead-letter.ts";
import { fieldOf } from "./core/exact-bson.ts";
import { createLagHistogram } from "./core/lag.ts";
import type { ProcessorPlan } from "./core/plan.ts";
import { createQueue } from "./core/queue.ts";
import { serverReason } from "./core/server-reason.ts";
import { withRetries } from "./retry.ts";
import type { DeadLetters } from "./sinks/dead-letters.ts";
import type { MergeSink } from "./sinks/merge.ts";
import {
  initialSyncMark,
  streamOf,
  tokenOf,
  wallTimeMsOf,
  type Batch,
  type Position,
  type SourceEvent,
} from "./sources/batch.ts";
import type { Delivered, Outgoing, Transform, Transformed } from "./transform.ts";

/** Everything a processor works with, ready to run. */
export interface ProcessorParts {
  readonly plan: ProcessorPlan;
  readonly transform: Transform;
  readonly sink: MergeSink;
  readonly deadLetters: DeadLetters;
  readonly checkpoints: CheckpointStore;
  readonly checkpointIntervalMs: number;
  readonly faults: Faults;
  readonly now: () => number;
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
  /** Everything up to here has been written. */
  readonly position: Position;
  /** True while nothing is in flight. */
  readonly idle: boolean;
  start(position: Position): void;
  offer(batch: Batch): Promise<void>;
  /** After everything offered so far, the position is `position`. */
  settle(position: Position): Promise<void>;
  fail(error: AspError): void;
  /** No more batches will come: resolves when the last has been written. */
  finish(): Promise<void>;
  /** Finishes what is in flight, drops what is waiting; with `checkpoint`, stores the position. */
  stop(options: { readonly checkpoint: boolean }): Promise<void>;
}

/** Documents that go through the stages together. */
interface Chunk {
  readonly events: readonly SourceEvent[];
  readonly position: Position;
  /** Written by itself, because a trial asks for it. */
  readonly alone: boolean;
}

/** A chunk on its way to the sink. */
interface Ready extends Chunk {
  readonly delivered: readonly Delivered[];
  readonly transformed: Transformed;
  readonly wallTimesMs: readonly (number | undefined)[];
}

const chunkDocuments = 1000;
/** Below the 16 MB of a command with room for the stages; a larger event goes alone. */
const chunkBytes = 8 * 1024 * 1024;
const waitingBytes = 4 * 1024 * 1024;
/** So much is written at once when the sink is behind: the more there is of one key, the more is joined. */
const writeDocuments = 20_000;
const writeBytes = 12 * 1024 * 1024;
/** An idle processor's position moves on by itself; storing it each second would be a write to look at each second. */
const idleCheckpointIntervalMs = 10_000;
/** A stop does not wait longer than this for a cluster that does not answer; the checkpoint then stays as it was. */
const stopWithinMs = 5000;

export function createProcessor(parts: ProcessorParts): Processor {
  const { plan, faults, now } = parts;
  const waiting = createQueue<Chunk>(waitingBytes);
  const ready = createQueue<Ready>(writeBytes);
  const lag = createLagHistogram();
  const abort = new AbortController();
  let state: ProcessorState = "CREATED";
  let error: AspError | undefined;
  let position: Position = {};
  let input = 0;
  let output = 0;
  let deadLetters = 0;
  let inFlight = 0;
  let backlog = false;
  let written = false;
  let storedAtMs = now();
  let stored: Position = {};
  let loops: Promise<unknown> = Promise.resolve();

  const stats = (): ProcessorStats => ({
    name: plan.name,
    state,
    input,
    output,
    deadLetters,
    lagMs: lag.summary(),
    ...(error === undefined ? {} : { error }),
  });

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
      if (isAspError(cause)) return fail(cause);
      const world = cause instanceof Error && cause.name.startsWith("Mongo");
      const text = world ? serverReason(cause) : `${String(cause)} (a bug in asp)`;
      fail(new AspError(world ? "ASP5107" : "ASP9001", `\`${plan.name}\` cannot go on: ${text}`, { cause }));
    }
  };

  const transformChunk = async (chunk: Chunk): Promise<Ready> => {
    const documents = chunk.events.map((event) => event.document());
    const wallTimesMs = documents.map(wallTimeMsOf);
    const passed = documents.flatMap((event): readonly Delivered[] => {
      const document = deliver(plan, event);
      return document === undefined ? [] : [{ document, stream: () => streamFor(plan, event) }];
    });
    const transformed = await withRetries(() => parts.transform.run(passed), abort.signal);
    for (const event of chunk.events) event.release();
    return { ...chunk, delivered: passed, transformed, wallTimesMs };
  };

  const write = async (batch: readonly Ready[]): Promise<void> => {
    const outgoing = batch.flatMap(({ transformed }) => transformed.outgoing);
    const failures: Failure[] = [];
    for (const { transformed, delivered: sources } of batch) {
      for (const { document, operator, reason, index } of transformed.refused) {
        failures.push(toFailure(plan, operator, reason, document, sources[index]));
      }
    }
    const refusals = await withRetries(() => parts.sink.write(outgoing), abort.signal);
    for (const { position: place, reason } of refusals) {
      const { document, source } = await origin(batch, place);
      failures.push(toFailure(plan, "$merge", reason, document, source));
    }
    const letters = failures.map((failure) => toDeadLetter(failure, new Date(now())));
    await withRetries(() => parts.deadLetters.write(letters), abort.signal);
    output += outgoing.length;
    deadLetters += letters.length;
  };

  /** Which delivered document the `place`-th outgoing one came from; on the fast path the stages run again to tell. */
  const origin = async (
    batch: readonly Ready[],
    place: number,
  ): Promise<{ readonly document: Document; readonly source: Delivered | undefined }> => {
    let left = place;
    for (const { transformed, delivered: sources } of batch) {
      const outgoing: Outgoing | undefined = transformed.outgoing[left];
      if (outgoing !== undefined) {
        const index = outgoing.index ?? (await parts.transform.run(sources, { locate: true })).outgoing[left]?.index;
        return { document: outgoing.document, source: index === undefined ? undefined : sources[index] };
      }
      left -= transformed.outgoing.length;
    }
    return { document: {}, source: undefined };
  };

  const acknowledge = async (batch: readonly Ready[]): Promise<void> => {
    const ackedAtMs = now();
    for (const { wallTimesMs } of batch) {
      for (const wallTimeMs of wallTimesMs) if (wallTimeMs !== undefined) lag.record(ackedAtMs - wallTimeMs);
    }
    position = batch.at(-1)?.position ?? position;
    written ||= batch.some(({ events }) => events.length > 0);
    await storeIfDue();
    inFlight -= batch.length;
    parts.onProgress();
  };

  const storeIfDue = async (): Promise<void> => {
    const interval = written ? parts.checkpointIntervalMs : idleCheckpointIntervalMs;
    if (now() - storedAtMs >= interval || faults.redeliver === true) await store();
  };

  const store = async (): Promise<void> => {
    if (position === stored) return;
    const at = position;
    const checkpoint: Checkpoint = { _id: plan.name, source: parts.sourceText, position: at, at: new Date(now()) };
    await withRetries(() => parts.checkpoints.save(checkpoint), abort.signal);
    stored = at;
    storedAtMs = now();
    written = false;
  };

  const transforming = async (): Promise<void> => {
    for (let taken = await waiting.take(); taken !== undefined; taken = await waiting.take()) {
      for (const chunk of taken) {
        if (abort.signal.aborted) return;
        const next = await transformChunk(chunk);
        if (!(await ready.put(next, weigh(next)))) return;
      }
    }
    ready.close();
  };

  const writing = async (): Promise<void> => {
    const take = (): Promise<readonly Ready[] | undefined> => ready.take(accepts, isWorthwhile);
    for (let batch = await take(); batch !== undefined; batch = await take()) {
      if (abort.signal.aborted) return;
      await write(batch);
      if (faults.redeliver === true) await write(await again(batch));
      await acknowledge(batch);
    }
  };

  /** After a crash between the sink's write and the checkpoint, the same documents come through once more. */
  const again = async (batch: readonly Ready[]): Promise<readonly Ready[]> => {
    const second: Ready[] = [];
    for (const chunk of batch) second.push(await transformChunk(chunk));
    return second;
  };

  /** While the source is behind, a write waits until it is worth it: the more events of one key, the more are joined. */
  const isWorthwhile = (taken: readonly Ready[]): boolean => {
    if (!backlog || taken.some(({ alone }) => alone)) return true;
    return (
      countOutgoing(taken) + chunkDocuments > writeDocuments ||
      taken.reduce((sum, each) => sum + weigh(each), 0) >= writeBytes
    );
  };

  const accepts = (taken: readonly Ready[], next: Ready): boolean => {
    if (next.alone || taken.some(({ alone }) => alone)) return false;
    return countOutgoing(taken) + next.transformed.outgoing.length <= writeDocuments;
  };

  const offer = async (batch: Batch): Promise<void> => {
    if (state !== "STARTED") return;
    backlog = batch.more === true;
    if (!backlog) ready.wake();
    if (batch.events.length === 0) {
      // Only an idle processor moves on by the post-batch token; a busy one comes past it soon.
      if (inFlight > 0) return;
      inFlight += 1;
      if (!(await waiting.put({ events: [], position: batch.position, alone: false }, 0))) inFlight -= 1;
      return;
    }
    const isSingle = (): boolean => input < (faults.onePerBatchUntil ?? 0);
    for (const part of cut(batch, () => (isSingle() ? 1 : chunkDocuments))) {
      const chunk = { ...part, alone: isSingle() || faults.redeliver === true };
      input += chunk.events.length;
      inFlight += 1;
      const bytes = chunk.events.reduce((sum, event) => sum + event.bytes, 0);
      if (!(await waiting.put(chunk, bytes))) return;
    }
  };

  const settle = async (at: Position): Promise<void> => {
    inFlight += 1;
    await waiting.put({ events: [], position: at, alone: true }, 0);
  };

  return {
    name: plan.name,
    plan,
    stats,
    get position() {
      return position;
    },
    get idle() {
      return inFlight === 0;
    },
    start: (from) => {
      position = from;
      stored = from;
      become("STARTED");
      loops = Promise.all([guarded(transforming), guarded(writing)]);
    },
    offer,
    settle,
    fail,
    finish: async () => {
      waiting.close();
      await loops;
      if (state === "STARTED") await guarded(store);
      become("STOPPED");
    },
    stop: async ({ checkpoint }) => {
      waiting.close({ discard: true });
      if (!checkpoint) {
        ready.close({ discard: true });
        abort.abort();
      }
      const patience = setTimeout(() => abort.abort(), stopWithinMs);
      await loops;
      if (state === "STARTED" && checkpoint) await guarded(store);
      clearTimeout(patience);
      become("STOPPED");
    },
  };
}

/** What the first stage sees of an event; with `fullDocumentOnly`, events without one deliver nothing. */
function deliver(plan: ProcessorPlan, event: Document): Document | undefined {
  if (plan.source.kind === "documents") return event;
  if (plan.source.fullDocumentOnly) {
    const document = fieldOf(event, "fullDocument");
    return typeof document === "object" && document !== null ? (document as Document) : undefined;
  }
  if (fieldOf(event, initialSyncMark) !== true) return event;
  const { [initialSyncMark]: _, ...rest } = event;
  return rest;
}

function streamFor(plan: ProcessorPlan, event: Document): Document {
  return plan.source.kind === "documents" ? { source: { type: "generated" } } : streamOf(event);
}

function toFailure(
  plan: ProcessorPlan,
  operatorName: string,
  reason: string,
  document: Document,
  source: Delivered | undefined,
): Failure {
  return { processorName: plan.name, operatorName, reason, document, stream: source?.stream() ?? {} };
}

function countOutgoing(chunks: readonly Ready[]): number {
  return chunks.reduce((sum, { transformed }) => sum + transformed.outgoing.length, 0);
}

/** What a chunk holds in memory until it is written: its events, in case one fails, and what became of them. */
function weigh({ events, transformed }: Ready): number {
  const before = events.reduce((sum, { bytes }) => sum + bytes, 0);
  return transformed.outgoing.reduce((sum, { bytes }) => sum + bytes, before);
}

/** Cuts a batch by count and size; each part but the last ends at its last event's own token. */
function* cut(batch: Batch, limit: () => number): Generator<Batch> {
  let open: SourceEvent[] = [];
  let bytes = 0;
  for (const event of batch.events) {
    if (open.length > 0 && (open.length >= limit() || bytes + event.bytes > chunkBytes)) {
      yield { events: open, position: positionAfter(open, batch.position) };
      open = [];
      bytes = 0;
    }
    open.push(event);
    bytes += event.bytes;
  }
  if (open.length > 0) yield { events: open, position: batch.position };
}

function positionAfter(events: readonly SourceEvent[], whole: Position): Position {
  const last = events.at(-1);
  if (last === undefined || last.after !== undefined) return last?.after ?? whole;
  const token = tokenOf(last.document());
  return token === undefined ? whole : { token };
}
