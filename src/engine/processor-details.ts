import type { ProcessorStats } from "./engine.ts";
import type { KafkaPartitionDetails } from "./core/kafka/partition-details.ts";
import type { Latency } from "./core/latency.ts";
import type { ResumeToken } from "./core/resume-token.ts";
import type { OperatorStats, Throttled } from "./meter.ts";

/** All that is known of a processor at work; asked for now and then, since a part of it is asked of mongod. */
export interface ProcessorDetails extends ProcessorStats {
  /** BSON, as it was delivered, handed to the sink, or put into dead letters. */
  readonly bytes: { readonly input: number; readonly output: number; readonly deadLetters: number };
  readonly operatorStats: readonly OperatorStats[];
  readonly latency: Latency;
  /** Of a processor with a window. */
  readonly window?: WindowDetails;
  /** Of a processor that reads a change stream. */
  readonly changeStream?: { readonly token: ResumeToken; readonly behindSeconds?: number };
  /** Of a processor that reads topics. */
  readonly kafkaPartitions?: readonly KafkaPartitionDetails[];
  /** Of a processor with a `$throttle`. */
  readonly throttle?: Throttled;
}

/** What the windows of a processor hold. Times are milliseconds since the epoch. */
export interface WindowDetails {
  readonly watermarkMs?: number;
  readonly stateBytes: number;
  /** Starts of the first and of the last open window, where windows have fixed starts. */
  readonly minOpenStartMs?: number;
  readonly maxOpenStartMs?: number;
  /** The highest event time of each part of the source, by its lane. */
  readonly laneMs?: ReadonlyMap<string, number>;
}
