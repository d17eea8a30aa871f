import type { Offsets } from "./offsets.ts";

/** Where a processor is in a partition. */
export interface KafkaPartitionDetails {
  readonly topic: string;
  readonly partition: number;
  /** The next message to be handled: one more than the last that was. */
  readonly currentOffset: bigint;
  /** The same in the checkpoint. */
  readonly checkpointOffset: bigint;
  /** Absent where the brokers do not answer. */
  readonly partitionOffsetLag?: bigint;
  /** Silent for longer than `partitionIdleTimeout`. */
  readonly isIdle: boolean;
  readonly watermarkMs?: number;
}

/** What is known of the partitions that a processor reads. Times are milliseconds since the epoch. */
export interface PartitionsKnown {
  /** Everything before these has been written. */
  readonly current: Offsets;
  /** … and is in the checkpoint. */
  readonly stored: Offsets;
  /** The next offset of each topic; undefined where the brokers have not answered. */
  readonly end: Offsets | undefined;
  /** Whether a partition is left out of the watermark for its silence. */
  readonly isIdle: (topic: string, partition: number) => boolean;
  /** How far event time has come in a partition; only a window keeps that. */
  readonly watermarkMs: (topic: string, partition: number) => number | undefined;
}

/** A line for each partition that is read, by topic and number. Source: asp-language section 8.4. */
export function describePartitions(known: PartitionsKnown): readonly KafkaPartitionDetails[] {
  const { current, stored, end } = known;
  return [...current].flatMap(([topic, partitions]) =>
    [...partitions]
      .toSorted(([a], [b]) => a - b)
      .map(([partition, currentOffset]): KafkaPartitionDetails => {
        const next = end?.get(topic)?.get(partition);
        const watermarkMs = known.watermarkMs(topic, partition);
        return {
          topic,
          partition,
          currentOffset,
          checkpointOffset: stored.get(topic)?.get(partition) ?? currentOffset,
          // What is asked first may be overtaken.
          ...(next === undefined ? {} : { partitionOffsetLag: next > currentOffset ? next - currentOffset : 0n }),
          isIdle: known.isIdle(topic, partition),
          ...(watermarkMs === undefined ? {} : { watermarkMs }),
        };
      }),
  );
}
