import type { Document, Timestamp } from "bson";
import type { ResumeToken } from "../core/resume-token.ts";
import { decodeExact, fieldOf } from "../core/exact-bson.ts";

/** Where a source stands: what a checkpoint stores. */
export interface Position {
  /** Change streams: everything up to here has been handled. */
  readonly token?: ResumeToken;
  /** Inline documents: so many have been handled. */
  readonly documents?: number;
  /** `initialSync` under way: the collections done, and the last `_id` of the one being copied. */
  readonly sync?: { readonly done: readonly string[]; readonly coll?: string; readonly lastId?: unknown };
}

/** One event of a source, decoded when first looked at and kept until its last reader lets go. */
export interface SourceEvent {
  readonly bytes: number;
  readonly document: () => Document;
  /** Each reader calls this once, after it has sent the document on. */
  readonly release: () => void;
  /** The position after this event, where its own `_id` does not say. */
  readonly after?: Position;
}

/** What a source delivers at once; without events it only says how far it has looked. */
export interface Batch {
  readonly events: readonly SourceEvent[];
  readonly position: Position;
  /** The source had more than it could deliver at once: the next batch comes without delay. */
  readonly more?: boolean;
}

/** An event over the bytes that the server sent. */
export function toSourceEvent(bytes: Uint8Array, readers: number): SourceEvent {
  let decoded: Document | undefined;
  let left = readers;
  return {
    bytes: bytes.byteLength,
    document: () => (decoded ??= decodeExact(bytes)),
    release: () => {
      left -= 1;
      if (left <= 0) decoded = undefined;
    },
  };
}

/** An event that the engine made itself. */
export function madeEvent(document: Document, bytes: number, after: Position): SourceEvent {
  return { bytes, document: () => document, release: () => undefined, after };
}

/** The resume token of a change event. */
export function tokenOf(event: Document): ResumeToken | undefined {
  const id = fieldOf(event, "_id");
  return typeof fieldOf(id, "_data") === "string" ? (id as ResumeToken) : undefined;
}

/** When the change was made, in milliseconds since the epoch; `wallTime` is there from MongoDB 6.0 on. */
export function wallTimeMsOf(event: Document): number | undefined {
  const wallTime = fieldOf(event, "wallTime");
  if (wallTime instanceof Date) return wallTime.getTime();
  const clusterTime = fieldOf(event, "clusterTime");
  return isTimestamp(clusterTime) ? clusterTime.getHighBitsUnsigned() * 1000 : undefined;
}

/** What `{$meta: "stream"}` gives for a change event. Source: asp-language section 5. */
export function streamOf(event: Document): Document {
  const source: Document = { type: "atlas" };
  const wallTime = wallTimeMsOf(event);
  if (wallTime !== undefined) source["ts"] = new Date(wallTime);
  for (const name of ["operationType", "ns", "documentKey"]) {
    const value = fieldOf(event, name);
    if (value !== undefined) source[name] = value;
  }
  if (fieldOf(event, initialSyncMark) === true) source["initialSync"] = { phase: "copy" };
  return { source };
}

/** Marks the events that `initialSync` makes of stored documents; taken off before stages see them. */
export const initialSyncMark = "__asp_initial_sync";

/** By name and not by class: the driver and this package may each have a copy of the BSON library. */
export function isTimestamp(value: unknown): value is Timestamp {
  return fieldOf(value, "_bsontype") === "Timestamp";
}
