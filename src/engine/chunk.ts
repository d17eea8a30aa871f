import type { Document } from "bson";
import { createFieldFinder, documentIn, withoutField } from "./core/bson-fields.ts";
import type { SourcePlan } from "./core/plan.ts";
import {
  initialSyncMark,
  streamOf,
  tokenOf,
  wallTimeMsOf,
  type Batch,
  type Position,
  type Result,
  type SourceEvent,
} from "./sources/batch.ts";
import type { MergeSink } from "./sinks/merge.ts";
import type { Resolved } from "./sinks/merge-target.ts";
import type { Delivered, Transform, Transformed } from "./transform.ts";

/** Documents that go through the stages together. */
export interface Chunk {
  readonly events: readonly SourceEvent[];
  /** What the change stream has made of them, where it runs the stages. */
  readonly results: readonly Result[] | undefined;
  readonly position: Position;
  /** Written by itself, because a trial asks for it. */
  readonly alone: boolean;
}

/** A chunk on its way to the sink. It keeps its events, from which a failure is traced. */
export interface Ready extends Chunk {
  readonly transformed: Transformed;
  /** Where each of its outgoing documents goes. */
  readonly targets: readonly Resolved[];
  readonly wallTimesMs: readonly (number | undefined)[];
  readonly bytes: number;
}

/** So many documents go through the stages in one command. */
export const chunkDocuments = 1000;
/** Below the 16 MB of a command with room for the stages; a larger event goes alone. */
const chunkBytes = 8 * 1024 * 1024;

/** Cuts a batch by count and size; each part but the last ends at its last event's own position. */
export function* cutBatch(batch: Batch, limit: () => number): Generator<Omit<Chunk, "alone">> {
  const { events, results } = batch;
  let from = 0;
  let bytes = 0;
  const part = (to: number, position: Position): Omit<Chunk, "alone"> => {
    const own = results?.filter(({ index }) => index >= from && index < to);
    const renumbered = own?.map(({ document, index }) => ({ document, index: index - from }));
    return { events: events.slice(from, to), results: renumbered, position };
  };
  for (const [at, { bson }] of events.entries()) {
    if (at > from && (at - from >= limit() || bytes + bson.length > chunkBytes)) {
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

/** What the first stage sees of events; with `fullDocumentOnly`, those without one deliver nothing. */
function deliverEvents(source: SourcePlan, events: readonly SourceEvent[]): readonly Delivered[] {
  return events.flatMap((event): readonly Delivered[] => {
    const document = documentOf(source, event);
    return document === undefined ? [] : [{ document, stream: () => streamFor(source, event) }];
  });
}

/** What the outgoing documents of a chunk came from, as their indexes count. */
export function sourcesOf(source: SourcePlan, { events, results }: Chunk): readonly Delivered[] {
  if (results === undefined) return deliverEvents(source, events);
  return events.map((event) => ({ document: event.bson, stream: () => streamFor(source, event) }));
}

/** Takes a chunk through the stages, and does of the writing what can be done while it waits for more. */
export async function transformChunk(
  source: SourcePlan,
  transform: Transform,
  sink: MergeSink,
  chunk: Chunk,
): Promise<Ready> {
  const { events, results } = chunk;
  const transformed =
    results === undefined ? await transform.run(deliverEvents(source, events)) : { outgoing: results, refused: [] };
  // A result is part of its event's bytes.
  const own = results === undefined ? transformed.outgoing.reduce((sum, { document }) => sum + document.length, 0) : 0;
  return {
    ...chunk,
    transformed,
    targets: sink.resolve(transformed.outgoing),
    wallTimesMs: events.map(wallTimeMsOf),
    bytes: bytesOf(events) + own,
  };
}

/** What events weigh in a queue. */
export function bytesOf(events: readonly SourceEvent[]): number {
  return events.reduce((sum, { bson, readers = 1 }) => sum + bson.length / readers, 0);
}

export function weightOf(chunks: readonly Ready[]): number {
  return chunks.reduce((sum, { bytes }) => sum + bytes, 0);
}

export function countOutgoing(chunks: readonly Ready[]): number {
  return chunks.reduce((sum, { transformed }) => sum + transformed.outgoing.length, 0);
}

function documentOf(source: SourcePlan, { bson }: SourceEvent): Uint8Array | undefined {
  if (source.kind === "documents") return bson;
  return source.fullDocumentOnly ? documentIn(bson, findFullDocument(bson)) : withoutField(bson, findSyncMark(bson));
}

const findFullDocument = createFieldFinder("fullDocument");
const findSyncMark = createFieldFinder(initialSyncMark);

function streamFor(source: SourcePlan, event: SourceEvent): Document {
  return source.kind === "documents" ? { source: { type: "generated" } } : streamOf(event);
}
