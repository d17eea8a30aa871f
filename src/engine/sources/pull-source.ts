import type { KafkaPartitionDetails } from "../core/kafka/partition-details.ts";
import type { Batch, Position } from "./batch.ts";

/** How far a processor has come. */
export interface Described {
  readonly current: Position;
  readonly stored: Position;
  /** The highest event time of each part of the source, by its lane; only a window keeps that. */
  readonly laneMs: ReadonlyMap<string, number> | undefined;
}

/** A source that is read by asking for more, one reader each: everything but change streams. */
export interface PullSource {
  /** Where a processor without a checkpoint begins. */
  start(): Promise<Position>;
  /**
   * Delivers what comes after `from`, in order, and ends where the source ends or the signal is aborted. While there is nothing, an
   * empty batch now and then lets windows look at the clock.
   */
  read(from: Position, signal: AbortSignal): AsyncIterable<Batch>;
  /** Tells whether a processor at some position has handled everything that the source holds at the time of this call. */
  target(): Promise<(position: Position) => boolean>;
  /** The clock has moved on: resolves once what has come due with it has been delivered. Absent where nothing goes by the clock. */
  tick?(): Promise<void>;
  /** What a checkpoint stores where the user stops the processor; absent where that is no different from a crash. */
  atStop?(position: Position): Position;
  /** Where the processor goes on from what a checkpoint holds. */
  resume?(position: Position): Position;
  /** Called once a checkpoint with this position is stored. */
  stored(position: Position): Promise<void>;
  /** What is to be known of the partitions of a processor that has come to some position. */
  describe?(of: Described): Promise<readonly KafkaPartitionDetails[]>;
  close(): Promise<void>;
}
