/** A message as a topic holds it. */
export interface TopicMessage {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly timestampMs: number;
  readonly key: Uint8Array | undefined;
  /** `null` is a tombstone. */
  readonly value: Uint8Array | null;
  readonly headers: readonly MessageHeader[];
}

export interface MessageHeader {
  readonly key: string;
  readonly value: Uint8Array | null;
}

/** A message on its way to a topic. Without a partition, equal keys go to the same one. */
export interface NewMessage {
  readonly topic: string;
  readonly partition?: number;
  readonly timestampMs?: number;
  readonly key: Uint8Array | undefined;
  readonly value: Uint8Array | null;
  readonly headers: readonly MessageHeader[];
}

/** Next offset to read, by topic and partition. */
export type Offsets = ReadonlyMap<string, ReadonlyMap<number, bigint>>;

export interface ProduceOptions {
  /** `-1` is all. */
  readonly acks: -1 | 0 | 1;
  readonly compression: "none" | "gzip" | "snappy" | "lz4" | "zstd";
}

/**
 * What the engine needs of Kafka; a real cluster of brokers and the topics of a fixture case are the same to it. All methods reject
 * with AspError for what the world refuses, `retryable` where it may pass.
 */
export interface Broker {
  /** First (`earliest`) or next (`latest`) offset of each partition of the topics. Rejects for a topic that is not there. */
  offsets(topics: readonly string[], at: "earliest" | "latest"): Promise<Offsets>;
  /** What a consumer group has committed; partitions without are left out. */
  committed(group: string, topics: readonly string[]): Promise<Offsets>;
  commit(group: string, offsets: Offsets): Promise<void>;
  /** Messages from these offsets on, in order within a partition; waits up to `waitMs` for the first one. */
  fetch(
    from: Offsets,
    options: { readonly maxBytes: number; readonly waitMs: number },
  ): Promise<readonly TopicMessage[]>;
  /** Appends in order. One entry for each message: the reason why it was refused for itself (too large), or undefined. */
  produce(messages: readonly NewMessage[], options: ProduceOptions): Promise<readonly (string | undefined)[]>;
  close(): Promise<void>;
}
