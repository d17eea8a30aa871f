import type { Document } from "bson";
import type { WriteOptions } from "../../core/plan-capture.ts";
import type { Outgoing } from "../../transform.ts";
import type { FileFormat } from "./write-file.ts";

/** What becomes of a document before it is written. */
export interface Captured {
  /** Where it goes, below the connection's folder. */
  readonly folder: string;
  readonly document: Uint8Array;
  /** What keeps records of a stream or a topic in order. */
  readonly key?: string;
  /** Of a message, as JSON. */
  readonly attributes?: string;
}

export type CapturedOrReason = Captured | { readonly reason: string };

/** What one kind of captured sink does in its own way. */
export interface CaptureForm {
  /** Gives a document's place and what stands beside it. @throws AspError where targets are too many */
  resolve(outgoing: Outgoing): CapturedOrReason;
  /** Gives the record, or why the target would not take it. */
  encode(captured: Captured): string | { readonly reason: string };
  readonly format: FileFormat;
  /** Absent: a file is written with each checkpoint. */
  readonly writeOptions: WriteOptions | undefined;
}

/** The expressions that a form has each document answer. */
export type CaptureExpressions = Document | undefined;

/** Lines of JSON, as streams and topics are captured. */
export const lines: FileFormat = {
  extension: ".ndjson",
  delimiter: "\n",
  isTerminated: true,
  compression: "none",
  compressionLevel: 0,
};
