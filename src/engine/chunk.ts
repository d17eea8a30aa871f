import type { ProcessorPlan } from "./core/plan.ts";
import type { OperatorName } from "./core/plan-steps.ts";
import type { FlowState } from "./flow.ts";
import { tokenOf, type Batch, type Position, type Result, type SourceEvent } from "./sources/batch.ts";
import type { Delivered, Transformed } from "./transform.ts";

/** Documents that go through the stages together; without any, a look at the clock. */
export interface Chunk {
  readonly events: readonly SourceEvent[];
  /** What the change stream has made of them, where it runs the stages. */
  readonly results: readonly Result[] | undefined;
  readonly position: Position;
  /** Parts of the source that have clocks of their own, where there are any. */
  readonly lanes?: readonly string[] | undefined;
  /** Engine time at which the source delivered it, in milliseconds since the epoch. */
  readonly atMs: number;
  /** Written by itself, because a trial asks for it. */
  readonly alone: boolean;
  /** The position is stored at once. */
  readonly isBeginning?: boolean | undefined;
}

/** Documents on their way to the sink: all that became of a chunk, or a part of it. */
export interface Ready {
  readonly chunk: Chunk;
  readonly transformed: Transformed;
  /** What the sink knows of each of its outgoing documents. */
  readonly targets: readonly unknown[];
  /** What the outgoing documents came from, as their indexes count. */
  readonly sources: () => readonly Delivered[];
  /** Transforms again, to tell which outgoing document came from which source. */
  readonly locate: () => Promise<Transformed>;
  readonly wallTimesMs: readonly (number | undefined)[];
  readonly bytes: number;
  /** Absent on all parts of a chunk but the last. */
  readonly done: Progress | undefined;
  /** The state has changed, also where there were no events. */
  readonly moved?: boolean;
}

/** How far a processor is once something has been written. */
export interface Progress {
  readonly position: Position;
  /** Of a processor with a window. */
  readonly state: FlowState | undefined;
}

/** So many documents go through the stages in one command. */
export const chunkDocuments = 1000;
/** … and so many where an endpoint is asked for each: what is under way in a crash is asked for again, and answers may be large. */
const calledDocuments = 100;
/** Below the 16 MB of a command with room for the stages; a larger event goes alone. */
const chunkBytes = 8 * 1024 * 1024;

/** How much goes through a processor's stages in one command: where it is throttled, no more than passes within a second. */
export function chunkLimits({ steps, sink }: Pick<ProcessorPlan, "steps" | "sink">): {
  readonly documents: number;
  readonly bytes: number;
} {
  const isCalling =
    sink.kind === "operator" || steps.some((step) => step.kind === "operator" && calls.has(step.operator));
  const throttles = steps.flatMap((step) =>
    step.kind === "operator" && step.operator === "$throttle" ? [step.args] : [],
  );
  const least = (name: string, most: number): number =>
    throttles.reduce((limit, args) => Math.min(limit, Number(args[name] ?? most)), most);
  return {
    documents: least("messagesPerSec", isCalling ? calledDocuments : chunkDocuments),
    bytes: least("bytesPerSec", chunkBytes),
  };
}

const calls: ReadonlySet<OperatorName> = new Set(["$https", "$externalFunction"]);

/** Cuts a batch by count and size; each part but the last ends at its last event's own position. */
export function* cutBatch(
  batch: Batch,
  limit: () => number,
  maxBytes = chunkBytes,
): Generator<Pick<Chunk, "events" | "results" | "position">> {
  const { events, results } = batch;
  let from = 0;
  let bytes = 0;
  const part = (to: number, position: Position): Pick<Chunk, "events" | "results" | "position"> => {
    const own = results?.filter(({ index }) => index >= from && index < to);
    const renumbered = own?.map(({ document, index }) => ({ document, index: index - from }));
    return { events: events.slice(from, to), results: renumbered, position };
  };
  for (const [at, { bson }] of events.entries()) {
    if (at > from && (at - from >= limit() || bytes + bson.length > maxBytes)) {
      yield part(at, positionAfter(events[at - 1], batch.position));
      from = at;
      bytes = 0;
    }
    bytes += bson.length;
  }
  if (events.length > from) yield part(events.length, batch.position);
}

function positionAfter(last: SourceEvent | undefined, whole: Position): Position {
  if (last === undefined || last.after !== undefined) return last?.after ?? whole;
  const token = tokenOf(last);
  return token === undefined ? whole : { token };
}

/** What events weigh in a queue. */
export function bytesOf(events: readonly SourceEvent[]): number {
  let sum = 0;
  for (const { bson, readers } of events) sum += readers === undefined ? bson.length : bson.length / readers;
  return sum;
}

export function weightOf(parts: readonly Ready[]): number {
  return parts.reduce((sum, { bytes }) => sum + bytes, 0);
}

export function countOutgoing(parts: readonly Ready[]): number {
  return parts.reduce((sum, { transformed }) => sum + transformed.outgoing.length, 0);
}
