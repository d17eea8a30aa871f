import type { Document } from "bson";
import { fieldOf } from "./core/exact-bson.ts";
import type { SourcePlan } from "./core/plan.ts";
import { pushedField } from "./core/push-down.ts";
import {
  initialSyncMark,
  streamOf,
  tokenOf,
  wallTimeMsOf,
  type Batch,
  type Position,
  type SourceEvent,
} from "./sources/batch.ts";
import type { Delivered, Transform, Transformed } from "./transform.ts";

/** Documents that go through the stages together. */
export interface Chunk {
  readonly events: readonly SourceEvent[];
  readonly position: Position;
  /** Written by itself, because a trial asks for it. */
  readonly alone: boolean;
}

/** A chunk on its way to the sink. It keeps the bytes of its events, from which a failure is traced, and not their documents. */
export interface Ready extends Chunk {
  readonly transformed: Transformed;
  readonly wallTimesMs: readonly (number | undefined)[];
  readonly bytes: number;
}

/** So many documents go through the stages in one command. */
export const chunkDocuments = 1000;
/** Below the 16 MB of a command with room for the stages; a larger event goes alone. */
const chunkBytes = 8 * 1024 * 1024;

/** Cuts a batch by count and size; each part but the last ends at its last event's own position. */
export function* cutBatch(batch: Batch, limit: () => number): Generator<Batch> {
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

/** What the first stage sees of events; with `fullDocumentOnly`, those without one deliver nothing. */
export function deliverEvents(source: SourcePlan, events: readonly SourceEvent[]): readonly Delivered[] {
  return events.flatMap((event): readonly Delivered[] => {
    const document = documentOf(source, event.document());
    if (document === undefined) return [];
    return [{ document, stream: () => streamFor(source, event.document()) }];
  });
}

/** Takes a chunk through the stages, and lets its decoded documents go. */
export async function transformChunk(source: SourcePlan, transform: Transform, chunk: Chunk): Promise<Ready> {
  const wallTimesMs = chunk.events.map((event) => wallTimeMsOf(event.document()));
  const transformed = pushedDown(chunk.events) ?? (await transform.run(deliverEvents(source, chunk.events)));
  for (const event of chunk.events) event.release();
  return { ...chunk, transformed, wallTimesMs, bytes: bytesOf(chunk.events) + bytesOf(transformed.outgoing) };
}

export function bytesOf(items: readonly { readonly bytes: number }[]): number {
  return items.reduce((sum, { bytes }) => sum + bytes, 0);
}

export function countOutgoing(chunks: readonly Ready[]): number {
  return chunks.reduce((sum, { transformed }) => sum + transformed.outgoing.length, 0);
}

/** What a change stream that has run the stages made of its events; it does so for all of a batch or for none. */
function pushedDown(events: readonly SourceEvent[]): Transformed | undefined {
  const [first] = events;
  if (first === undefined || fieldOf(first.document(), pushedField) === undefined) return undefined;
  const outgoing = events.map((event, index) => {
    const document = fieldOf(event.document(), pushedField) as Document;
    return { document, bytes: event.bytes, values: undefined, index };
  });
  return { outgoing, refused: [] };
}

function documentOf(source: SourcePlan, event: Document): Document | undefined {
  if (source.kind === "documents") return event;
  const pushed = fieldOf(event, pushedField);
  if (pushed !== undefined) return pushed as Document;
  if (source.fullDocumentOnly) {
    const document = fieldOf(event, "fullDocument");
    return typeof document === "object" && document !== null ? document : undefined;
  }
  if (fieldOf(event, initialSyncMark) !== true) return event;
  if (event instanceof Map) {
    return new Map([...event].filter(([name]) => name !== initialSyncMark));
  }
  const { [initialSyncMark]: _, ...rest } = event;
  return rest;
}

function streamFor(source: SourcePlan, event: Document): Document {
  return source.kind === "documents" ? { source: { type: "generated" } } : streamOf(event);
}
