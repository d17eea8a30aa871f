import type { MessageHeader } from "../core/kafka/headers.ts";
import type { Offsets } from "../core/kafka/offsets.ts";

/** A message as a topic holds it. */
export interface TopicMessage {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly timestampMs: number;
  /** When it came by the wall clock, where its timestamp is of another one. */
  readonly arrivedMs?: number;
  readonly key: Uint8Array | undefined;
  /** `null` is a tombstone. */
  readonly value: Uint8Array | null;
  readonly headers: readonly MessageHeader[];
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

export const compressions = ["none", "gzip", "snappy", "lz4", "zstd"] as const;
export type Compression = (typeof compressions)[number];

export interface ProduceOptions {
  /** `-1` is all. */
  readonly acks: -1 | 0 | 1;
  readonly compression: Compression;
}

/** What was read at once. */
export interface Fetched {
  /** In order within a partition. */
  readonly messages: readonly TopicMessage[];
  /** Where each partition that moved goes on: also past what is not delivered (an aborted transaction, a compacted message). */
  readonly next: Offsets;
  /** Whether there was more than could be given at once. */
  readonly more: boolean;
}

export interface FetchOptions {
  readonly maxBytes: number;
  /** How long to wait for the first message. */
  readonly waitMs: number;
}

/** One reader's own way to a cluster: waiting for messages holds up nobody else. */
export interface TopicReader {
  /** Messages from these offsets on. One that is larger than `maxBytes` comes alone. Rejects with ASP5122 where an offset is not there. */
  fetch(from: Offsets, options: FetchOptions): Promise<Fetched>;
  close(): Promise<void>;
}

/**
 * What the engine needs of Kafka; a real cluster of brokers and topics in memory are the same to it. All methods reject with AspError
 * for what the world refuses, `retryable` where it may pass.
 */
export interface Broker {
  /** Asks for an answer, so that wrong settings show. */
  connect(): Promise<void>;
  /** The partitions of each topic. Rejects for a topic that is not there (ASP5121). */
  partitions(topics: readonly string[]): Promise<ReadonlyMap<string, readonly number[]>>;
  /** First (`earliest`) or next (`latest`) offset of each partition of the topics. Rejects for a topic that is not there. */
  offsets(topics: readonly string[], at: "earliest" | "latest"): Promise<Offsets>;
  /** What a consumer group has committed; partitions without are left out. */
  committed(group: string, topics: readonly string[]): Promise<Offsets>;
  commit(group: string, offsets: Offsets): Promise<void>;
  openReader(): TopicReader;
  /**
   * Appends in order; a topic that is not there is created where the cluster does that. One entry for each message: the reason why it was
   * refused for itself (too large, a name that no topic can have), or undefined. Once `signal` is aborted nothing more is sent, and it rejects.
   */
  produce(
    messages: readonly NewMessage[],
    options: ProduceOptions,
    signal?: AbortSignal,
  ): Promise<readonly (string | undefined)[]>;
  /** Why this process cannot write with a compression, or undefined. */
  refusesCompression(compression: Compression): string | undefined;
  close(): Promise<void>;
}

/** A name that a topic may have. Source: Kafka's own rule. */
export function isTopicName(name: string): boolean {
  return /^[a-zA-Z0-9._-]{1,249}$/.test(name) && name !== "." && name !== "..";
}
