import type { Document } from "bson";
import type { FlowState } from "../flow.ts";

/** A document at a window, with what decides where it goes. */
export interface Arrival {
  readonly document: Uint8Array;
  /** Event time, or for windows of processing time that of its arrival; milliseconds since the epoch. */
  readonly timeMs: number;
  /** The watermark when it came. */
  readonly watermarkMs: number | undefined;
  /** Value of `partitionBy`. */
  readonly partition: unknown;
  /** What `{$meta: "stream"}` gives, where a stage of the window asks for it. */
  readonly stream: Document | undefined;
}

/** A window that is over: its bounds, and how its documents are found. */
export interface ClosedWindow {
  readonly startMs: number;
  readonly endMs: number;
  /** Of a session. */
  readonly partition?: { readonly value: unknown };
  /** Over the kept documents. */
  readonly filter: Document;
}

/** What becomes of an arrival. */
export type Outcome = "admitted" | "late" | "between" | "too large";

/** Decides which document is in which window, keeps documents in mongod, and says which windows are over. */
export interface WindowKeeper {
  /** Takes documents in, in their order. */
  admit(arrivals: readonly Arrival[]): Promise<readonly Outcome[]>;
  /** The windows that are over now and have not been given yet, earliest end first. They are closed once taken. */
  close(watermarkMs: number | undefined): AsyncIterable<ClosedWindow>;
  /** Starts of the first and the last open window; absent where windows have no fixed starts. */
  openSpan?(): Promise<{ readonly firstMs: number; readonly lastMs: number } | undefined>;
  /** What a checkpoint has to hold of it. */
  state(): FlowState;
  /** Goes back to a checkpoint, or to the beginning. */
  begin(state: FlowState | undefined): Promise<void>;
  /** A checkpoint with this state is stored. */
  stored(state: FlowState): Promise<void>;
}

/** More than this does not go into a document beside what finds it. */
export const mostKeptBytes = 16 * 1024 * 1024 - 4096;
