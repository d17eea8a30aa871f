import { ObjectId } from "bson";
import type { Document } from "bson";
import { fieldOf } from "./exact-bson.ts";

/** What is known of a document that failed. */
export interface Failure {
  readonly processorName: string;
  readonly operatorName: string;
  readonly reason: string;
  readonly document: Document;
  readonly stream: Document;
}

/** A dead letter in the documented shape. Source: asp-language section 4. */
export function toDeadLetter(failure: Failure, dlqTime: Date): Document {
  return {
    _id: new ObjectId(),
    processorName: failure.processorName,
    dlqTime,
    operatorName: failure.operatorName,
    errInfo: { reason: failure.reason },
    doc: failure.document,
    _stream_meta: failure.stream,
  };
}

/** The same letter where the document is too large to be put into another one. */
export function withoutDocument(letter: Document): Document {
  const note = "the document is left out: with it, this dead letter would be larger than 16 MB";
  return {
    ...letter,
    errInfo: { ...(letter["errInfo"] as Document), note },
    doc: { _id: fieldOf(letter["doc"], "_id") ?? null },
  };
}
