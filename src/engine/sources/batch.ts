import type { Document, Timestamp } from "bson";
import { createFieldFinder, dateMsIn, decodeField } from "../core/bson-fields.ts";
import { fieldOf } from "../core/exact-bson.ts";
import type { ResumeToken } from "../core/resume-token.ts";
import type { SyncPosition } from "../core/sync-position.ts";

/** Where a source stands: what a checkpoint stores. */
export interface Position {
  /** Change streams: everything up to here has been handled. */
  readonly token?: ResumeToken;
  /** Inline documents: so many have been handled. */
  readonly documents?: number;
  /** Kafka: the next offset of each partition, by topic. */
  readonly offsets?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Schedules: the last tick that has been handled, in milliseconds since the epoch. */
  readonly tickMs?: number;
  /** Schedules: spans that the processor was stopped for, one without an end since then; numbers may come as any that BSON has. */
  readonly pauses?: readonly { readonly fromMs: unknown; readonly toMs?: unknown }[];
  /** `initialSync` under way. */
  readonly sync?: SyncPosition;
}

/** One event of a source, as the bytes that the server sent: a queue of megabytes does not become a heap of tens of megabytes. */
export interface SourceEvent {
  readonly bson: Uint8Array;
  /** How many readers hold these bytes; absent for one. Each has its share of them in its queues. */
  readonly readers?: number;
  /** The position after this event, where its own `_id` does not say. */
  readonly after?: Position;
  /** What the source knows of it beside the bytes. */
  readonly origin?: EventOrigin;
}

/** What a source other than a change stream says of an event. */
export interface EventOrigin {
  /** What `{$meta: "stream.source"}` gives, but for the event time. */
  readonly source: Document;
  /** Event time where no `timeField` says it, in milliseconds since the epoch. */
  readonly timeMs: number;
  /** When it came by the wall clock, where that is not `timeMs`. */
  readonly arrivedMs?: number;
  /** The part of the source that has its own clock: a partition of Kafka. */
  readonly lane?: string;
  /** Why the event cannot be delivered: its bytes go to the dead letters. */
  readonly refusal?: string;
}

/** A document that a change stream has made of an event, where it runs the reader's stages. */
export interface Result {
  readonly document: Uint8Array;
  /** The event's place in the batch. */
  readonly index: number;
}

/** What a source delivers at once; without events it only says how far it has looked. */
export interface Batch {
  readonly events: readonly SourceEvent[];
  /** All that was made of the events, in their order. */
  readonly results?: readonly Result[];
  readonly position: Position;
  /** All parts of the source that have clocks of their own, silent ones included. */
  readonly lanes?: readonly string[];
  /** The source had more than it could deliver at once: the next batch comes without delay. */
  readonly more?: boolean;
  /** Taken in once everything before it is written and its position is stored: a part of the source begins there, and a crash must not have it begin later. */
  readonly isBeginning?: boolean;
}

/** The resume token of a change event. */
export function tokenOf({ bson }: SourceEvent): ResumeToken | undefined {
  const id = decodeField(bson, find._id(bson));
  return typeof fieldOf(id, "_data") === "string" ? (id as ResumeToken) : undefined;
}

/** When the change was made, in milliseconds since the epoch; `wallTime` is there from MongoDB 6.0 on. */
export function wallTimeMsOf(event: SourceEvent): number | undefined {
  const { bson, origin } = event;
  if (origin !== undefined) return origin.arrivedMs ?? origin.timeMs;
  const wallTimeMs = dateMsIn(bson, find.wallTime(bson));
  if (wallTimeMs !== undefined) return wallTimeMs;
  const clusterTime = changeTimeOf(event);
  return clusterTime === undefined ? undefined : clusterTime.getHighBitsUnsigned() * 1000;
}

/** The logical time of a change. */
export function changeTimeOf({ bson }: SourceEvent): Timestamp | undefined {
  const clusterTime = decodeField(bson, find.clusterTime(bson));
  return isTimestamp(clusterTime) ? clusterTime : undefined;
}

/** What `{$meta: "stream"}` gives for a change event of some time. Source: asp-language section 5. */
export function streamOf({ bson }: SourceEvent, timeMs: number): Document {
  const source: Document = { type: "atlas", ts: new Date(timeMs) };
  for (const name of ["operationType", "ns", "documentKey"] as const) {
    const value = decodeField(bson, find[name](bson));
    if (value !== undefined) source[name] = value;
  }
  if (find[initialSyncMark](bson) !== undefined) source["initialSync"] = { phase: "copy" };
  return { source };
}

/** Marks the events that `initialSync` makes of stored documents; taken off before stages see them. */
export const initialSyncMark = "__asp_initial_sync";

const find = {
  _id: createFieldFinder("_id"),
  wallTime: createFieldFinder("wallTime"),
  clusterTime: createFieldFinder("clusterTime"),
  operationType: createFieldFinder("operationType"),
  ns: createFieldFinder("ns"),
  documentKey: createFieldFinder("documentKey"),
  [initialSyncMark]: createFieldFinder(initialSyncMark),
};

/** By name and not by class: the driver and this package may each have a copy of the BSON library. */
export function isTimestamp(value: unknown): value is Timestamp {
  return fieldOf(value, "_bsontype") === "Timestamp";
}
