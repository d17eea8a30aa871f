import type { Timestamp } from "bson";
import type { Slice } from "./slices.ts";

/** How far a rebuild has come. What was done beyond that is seen from what exists. */
export type RebuildPhase =
  /** The new collection is filled from the stored events. */
  | "filling"
  /** The new processor follows the stream. */
  | "following"
  /** New and old change places. */
  | "swapping"
  /** The new one is live, the old one kept. */
  | "swapped"
  /** They change places again. */
  | "rolling-back";

export interface RebuildId {
  /** {@link workspaceKey} */
  readonly workspace: string;
  readonly processor: string;
}

/** A rebuild as it is kept in the collection `asp_rebuilds`. */
export interface RebuildRecord {
  readonly _id: RebuildId;
  readonly phase: RebuildPhase;
  /** SHA-256 of the pipeline that is built. */
  readonly digest: string;
  /** Of the events' cluster, taken before the first event was read: the processor starts here. */
  readonly startTime: Timestamp;
  /** Undefined until they are cut. */
  readonly slices?: readonly Slice[];
  /** Slices that are filled. */
  readonly filled: number;
  /** Events that could not be applied. */
  readonly skipped: number;
  readonly startedAt: Date;
  /** What there was before the swap; undefined before it. */
  readonly before?: {
    readonly collection: boolean;
    readonly processor: boolean;
    /** It ran, and is to run again after a rollback. */
    readonly ran: boolean;
  };
}
