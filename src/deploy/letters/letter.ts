import type { Document } from "bson";
import { toEjson } from "../../compiler/emit/json.ts";
import { fieldOf } from "../../engine/core/exact-bson.ts";

/** A dead letter as far as asp understands it. Source: asp-language section 4. */
export interface Letter {
  readonly id: unknown;
  readonly processor: string;
  readonly operator: string;
  readonly reason: string;
  readonly time: Date;
  /** The document that failed, as the failing stage got it. */
  readonly doc: unknown;
  /** Where the event is stored, where it came from a change stream. */
  readonly event?: StoredEvent;
  readonly isRedriven: boolean;
}

export interface StoredEvent {
  readonly db: string;
  readonly coll: string;
  readonly id: unknown;
  /** Of the change: `insert`, `update` … */
  readonly operationType: string;
}

/** Undefined for a document that has not the shape of a dead letter. */
export function readLetter(document: unknown): Letter | undefined {
  const [processor, operator] = ["processorName", "operatorName"].map((name) => fieldOf(document, name));
  const reason = fieldOf(fieldOf(document, "errInfo"), "reason");
  const time = fieldOf(document, "dlqTime");
  if (typeof processor !== "string" || typeof reason !== "string" || !(time instanceof Date)) return undefined;
  const event = readEvent(fieldOf(fieldOf(document, "_stream_meta"), "source"));
  return {
    id: fieldOf(document, "_id"),
    processor,
    operator: typeof operator === "string" ? operator : "",
    reason,
    time,
    doc: fieldOf(document, "doc"),
    ...(event && { event }),
    isRedriven: fieldOf(fieldOf(document, "_asp"), "redriven") !== undefined,
  };
}

function readEvent(source: unknown): StoredEvent | undefined {
  const namespace = fieldOf(source, "ns");
  const [db, coll] = [fieldOf(namespace, "db"), fieldOf(namespace, "coll")];
  const id = fieldOf(fieldOf(source, "documentKey"), "_id");
  const operationType = fieldOf(source, "operationType");
  if (typeof db !== "string" || typeof coll !== "string" || id === undefined) return undefined;
  return { db, coll, id, operationType: typeof operationType === "string" ? operationType : "insert" };
}

/** An id for people, and for `asp dlq show`: the digits of an ObjectId, Extended JSON of anything else. */
export function shownId(id: unknown): string {
  const isObjectId = typeof id === "object" && id !== null && (id as Document)["_bsontype"] === "ObjectId";
  return isObjectId ? String(id) : toEjson(id);
}
