import { partitionOf } from "../core/kafka/murmur2.ts";
import { mergeOffsets, type Offsets } from "../core/kafka/offsets.ts";
import {
  isTopicName,
  type Broker,
  type FetchOptions,
  type Fetched,
  type NewMessage,
  type TopicMessage,
} from "./broker.ts";
import { offsetLost, unknownTopic } from "./topic-errors.ts";

/** Topics in memory, with what a fixture case needs beside what the engine does. */
export interface MemoryBroker extends Broker {
  /** Creates a topic, or adds partitions to it. */
  createTopic(name: string, partitions: number): void;
  /** All that a topic has held, in the order in which it was written; empty for one that is not there. With `retentionBytes`, what it holds. */
  messages(topic: string): readonly TopicMessage[];
  /** Forgets what is older than an offset, as retention does. */
  deleteBefore(topic: string, partition: number, offset: bigint): void;
}

export interface MemoryBrokerOptions {
  /** Engine time, in milliseconds since the epoch: messages without a timestamp get it. */
  readonly now: () => number;
  /** The wall clock, where `now` is another one: how long a message is under way is told by it. */
  readonly wallNow?: () => number;
  /** Whether topics that somebody asks for come into being, with one partition; default true. */
  readonly createsTopics?: boolean;
  /**
   * First offset of every partition; default 0. With it, offsets that this broker has not given count as those of an earlier one, whose messages are
   * gone: reading them goes on at the first one.
   */
  readonly firstOffset?: bigint;
  /** So many bytes a partition holds at least, and twice as many at most: older messages go, as with Kafka's retention. Default no limit. */
  readonly retentionBytes?: number;
  /** Largest message, key and value; default that of Kafka. */
  readonly maxMessageBytes?: number;
}

interface Partition {
  readonly first: bigint;
  /** Of what is still held. */
  start: bigint;
  /** Offset of the first of `messages`. */
  base: bigint;
  messages: TopicMessage[];
  bytes: number;
}

const defaultMaxMessageBytes = 1_048_588;

/** A broker for one process, whose topics are gone with it. Keys go to the partitions that Kafka's own producers choose. */
export function createMemoryBroker(options: MemoryBrokerOptions): MemoryBroker {
  const { now, createsTopics = true, firstOffset = 0n, maxMessageBytes = defaultMaxMessageBytes } = options;
  const { retentionBytes } = options;
  const topics = new Map<string, Partition[]>();
  const journal = new Map<string, TopicMessage[]>();
  const groups = new Map<string, Offsets>();
  const turns = new Map<string, number>();
  const waiting = new Set<() => void>();

  const createTopic = (name: string, count: number): void => {
    const partitions = topics.get(name) ?? [];
    while (partitions.length < count)
      partitions.push({ first: firstOffset, start: firstOffset, base: firstOffset, messages: [], bytes: 0 });
    topics.set(name, partitions);
  };

  const topic = (name: string): readonly Partition[] => {
    if (!topics.has(name)) {
      if (!createsTopics || !isTopicName(name)) throw unknownTopic(name);
      createTopic(name, 1);
    }
    return topics.get(name) ?? [];
  };

  const endOf = ({ base, messages }: Partition): bigint => base + BigInt(messages.length);

  /** Seldom, and then many: what is left is moved. */
  const forget = (name: string, partition: Partition): void => {
    if (retentionBytes === undefined || partition.bytes <= 2 * retentionBytes) return;
    let count = 0;
    while (partition.bytes > retentionBytes) {
      partition.bytes -= sizeOf(partition.messages[count] as TopicMessage);
      count += 1;
    }
    const gone = new Set(partition.messages.slice(0, count));
    partition.messages = partition.messages.slice(count);
    partition.base += BigInt(count);
    partition.start = partition.base > partition.start ? partition.base : partition.start;
    journal.set(
      name,
      (journal.get(name) ?? []).filter((message) => !gone.has(message)),
    );
  };

  const choosePartition = ({ topic: name, key, partition }: NewMessage, count: number): number => {
    if (partition !== undefined) return partition;
    if (key !== undefined) return partitionOf(key, count);
    const turn = turns.get(name) ?? 0;
    turns.set(name, turn + 1);
    return turn % count;
  };

  const append = (message: NewMessage): string | undefined => {
    if (!isTopicName(message.topic)) return `\`${message.topic}\` is not a name that a topic can have`;
    const bytes = sizeOf(message);
    if (bytes > maxMessageBytes) return `the message is larger than the ${maxMessageBytes} bytes that the topic takes`;
    const partitions = topic(message.topic);
    const at = choosePartition(message, partitions.length);
    const partition = partitions[at];
    if (partition === undefined) return `the topic \`${message.topic}\` has no partition ${at}`;
    const { topic: name, key, value, headers, timestampMs = now() } = message;
    const arrived = options.wallNow === undefined ? {} : { arrivedMs: options.wallNow() };
    const stored = {
      topic: name,
      partition: at,
      offset: endOf(partition),
      timestampMs,
      ...arrived,
      key,
      value,
      headers,
    };
    partition.messages.push(stored);
    const written = journal.get(name) ?? [];
    written.push(stored);
    journal.set(name, written);
    partition.bytes += bytes;
    forget(name, partition);
    return undefined;
  };

  /** What is there from these offsets on, one partition after the other. */
  const take = (from: Offsets, maxBytes: number): Fetched => {
    const messages: TopicMessage[] = [];
    const next = new Map<string, Map<number, bigint>>();
    let bytes = 0;
    let more = false;
    for (const [name, wanted] of from) {
      const partitions = topic(name);
      for (const [at, offset] of wanted) {
        const partition = partitions[at];
        if (partition === undefined) throw unknownTopic(`${name}, partition ${at}`);
        const { first, start, base } = partition;
        // One that had a clock which has been set back since comes after this one's.
        const isOfEarlierBroker = offset < first || (first > 0n && offset > endOf(partition));
        const isLost = offset > endOf(partition) || offset < start;
        if (isLost && !isOfEarlierBroker) throw offsetLost(name, at, offset);
        let reached = isOfEarlierBroker ? start : offset;
        for (; reached < endOf(partition); reached += 1n) {
          const message = partition.messages[Number(reached - base)] as TopicMessage;
          const size = sizeOf(message);
          if (messages.length > 0 && bytes + size > maxBytes) break;
          bytes += size;
          messages.push(message);
        }
        more ||= reached < endOf(partition);
        if (reached !== offset) next.set(name, (next.get(name) ?? new Map<number, bigint>()).set(at, reached));
      }
    }
    return { messages, next, more };
  };

  const untilMessage = (waitMs: number): Promise<void> =>
    new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, waitMs);
      waiting.add(wake);
    });

  const fetch = async (from: Offsets, { maxBytes, waitMs }: FetchOptions): Promise<Fetched> => {
    const fetched = take(from, maxBytes);
    if (fetched.next.size > 0 || waitMs === 0) return fetched;
    await untilMessage(waitMs);
    return take(from, maxBytes);
  };

  const nothing = async (): Promise<void> => undefined;

  return {
    createTopic,
    messages: (name) => journal.get(name) ?? [],
    deleteBefore: (name, at, offset) => {
      const partition = topic(name)[at];
      if (partition !== undefined) partition.start = offset;
    },
    connect: nothing,
    partitions: async (names) => new Map(names.map((name) => [name, topic(name).map((_, at) => at)])),
    offsets: async (names, at) =>
      new Map(
        names.map((name) => [
          name,
          new Map(topic(name).map((each, index) => [index, at === "latest" ? endOf(each) : each.start])),
        ]),
      ),
    committed: async (group, names) => new Map([...(groups.get(group) ?? [])].filter(([name]) => names.includes(name))),
    commit: async (group, offsets) => {
      groups.set(group, mergeOffsets(groups.get(group) ?? new Map(), offsets));
    },
    openReader: () => ({ fetch, close: nothing }),
    produce: async (messages) => {
      const reasons = messages.map(append);
      for (const wake of waiting) wake();
      return reasons;
    },
    refusesCompression: () => undefined,
    close: nothing,
  };
}

function sizeOf({ key, value }: Pick<TopicMessage, "key" | "value">): number {
  return (key?.length ?? 0) + (value?.length ?? 0);
}
