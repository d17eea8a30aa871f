import type { ClusterMetadata, Producer } from "@platformatic/kafka";
import { partitionOf } from "../core/kafka/murmur2.ts";
import { isTopicName, type NewMessage, type ProduceOptions } from "./broker.ts";
import { isProtocolError, isSettling } from "./kafka-error.ts";

/** A message with its place in what was to be written. */
interface Placed {
  readonly place: number;
  readonly message: NewMessage;
  readonly bytes: number;
}

/** Well below the 1 MB that brokers take by default, so that they refuse only what is too large by itself. */
const batchBytes = 512 * 1024;
const batchMessages = 5000;
/** A record's own fields, at most. */
const recordBytes = 64;
const settlesWithinMs = 15_000;
const pauseMs = 200;

export interface ProduceParts {
  /** Larger messages are refused before they are sent. */
  readonly maxMessageBytes: number | undefined;
  /** Turn of a topic's partitions for messages without a key. */
  readonly turns: Map<string, number>;
  readonly sleep: (ms: number) => Promise<void>;
  readonly signal: AbortSignal | undefined;
}

/** Appends messages in order within each partition, and says which were refused for themselves. Throws errors of the client. */
export async function produceMessages(
  producer: Producer,
  messages: readonly NewMessage[],
  options: ProduceOptions,
  parts: ProduceParts,
): Promise<readonly (string | undefined)[]> {
  const reasons: (string | undefined)[] = messages.map((message) => refusalOf(message, parts));
  const names = new Set(messages.flatMap(({ topic }, place) => (reasons[place] === undefined ? [topic] : [])));
  if (names.size === 0) return reasons;
  const metadata = await metadataOf(producer, [...names], parts);
  const groups = new Map<string, Placed[]>();
  for (const [place, message] of messages.entries()) {
    if (reasons[place] !== undefined) continue;
    const count = metadata.topics.get(message.topic)?.partitionsCount ?? 1;
    const partition = message.partition ?? choosePartition(message, count, parts.turns);
    if (partition >= count) {
      reasons[place] = `the topic \`${message.topic}\` has no partition ${partition}`;
      continue;
    }
    const group = `${message.topic} ${partition}`;
    const placed = { place, message: { ...message, partition }, bytes: sizeOf(message) };
    const known = groups.get(group);
    if (known === undefined) groups.set(group, [placed]);
    else known.push(placed);
  }
  const send = async (batch: readonly Placed[]): Promise<void> => {
    // Whoever goes on from the checkpoint sends the same again: what came late would come after what is newer.
    parts.signal?.throwIfAborted();
    try {
      // Sent again by itself: what the other partitions have taken stays as it is.
      await whileSettling(
        parts,
        async () => {
          await producer.send({ messages: batch.map(toClientMessage), ...options, repeatOnStaleMetadata: true });
        },
        () => producer.clearMetadata(),
      );
    } catch (error) {
      if (!isProtocolError(error, "MESSAGE_TOO_LARGE", "RECORD_LIST_TOO_LARGE", "INVALID_RECORD", "INVALID_TIMESTAMP"))
        throw error;
      const [only] = batch;
      if (batch.length === 1 && only !== undefined) {
        reasons[only.place] = isProtocolError(error, "INVALID_RECORD", "INVALID_TIMESTAMP")
          ? `the topic \`${only.message.topic}\` refuses the message`
          : `the message is larger than the topic \`${only.message.topic}\` takes`;
        return;
      }
      const half = Math.ceil(batch.length / 2);
      await send(batch.slice(0, half));
      await send(batch.slice(half));
    }
  };
  const sendAll = async (group: readonly Placed[]): Promise<void> => {
    for (const batch of cutBatches(group)) await send(batch);
  };
  // All come to their end before one's failure is told: a retry must not write beside what is still on its way.
  const failed = (await Promise.allSettled([...groups.values()].map(sendAll))).find(
    ({ status }) => status === "rejected",
  );
  if (failed?.status === "rejected") throw failed.reason;
  return reasons;
}

function refusalOf(message: NewMessage, { maxMessageBytes }: ProduceParts): string | undefined {
  if (!isTopicName(message.topic)) return `\`${message.topic}\` is not a name that a topic can have`;
  if (maxMessageBytes === undefined || sizeOf(message) <= maxMessageBytes) return undefined;
  return `the message is larger than the ${maxMessageBytes} bytes of the connection's \`message.max.bytes\``;
}

function sizeOf({ key, value, headers }: NewMessage): number {
  const own = (key?.length ?? 0) + (value?.length ?? 0) + recordBytes;
  return headers.reduce((sum, header) => sum + header.key.length + (header.value?.length ?? 0) + 8, own);
}

function choosePartition({ topic, key }: NewMessage, count: number, turns: Map<string, number>): number {
  if (key !== undefined) return partitionOf(key, count);
  const turn = turns.get(topic) ?? 0;
  turns.set(topic, turn + 1);
  return turn % count;
}

/** A topic that the cluster creates when it is asked for is there a moment later. */
function metadataOf(producer: Producer, topics: readonly string[], parts: ProduceParts): Promise<ClusterMetadata> {
  return whileSettling(
    parts,
    () => producer.metadata({ topics: [...topics], autocreateTopics: true }),
    () => undefined,
  );
}

async function whileSettling<Result>(
  { sleep, signal }: ProduceParts,
  work: () => Promise<Result>,
  forget: () => void,
): Promise<Result> {
  for (let waitedMs = 0; ; waitedMs += pauseMs) {
    try {
      return await work();
    } catch (error) {
      const isComing = isSettling(error) || (error as Error).message.startsWith("Unknown topic ");
      if (!isComing || waitedMs >= settlesWithinMs) throw error;
      forget();
      await sleep(pauseMs);
      if (signal?.aborted === true) throw error;
    }
  }
}

function* cutBatches(group: readonly Placed[]): Generator<readonly Placed[]> {
  let open: Placed[] = [];
  let bytes = 0;
  for (const placed of group) {
    if (open.length > 0 && (bytes + placed.bytes > batchBytes || open.length === batchMessages)) {
      yield open;
      open = [];
      bytes = 0;
    }
    open.push(placed);
    bytes += placed.bytes;
  }
  if (open.length > 0) yield open;
}

type ClientMessage = Parameters<Producer["send"]>[0]["messages"][number];

function toClientMessage({ message }: Placed): ClientMessage {
  const { topic, partition = 0, timestampMs, key, value, headers } = message;
  return {
    topic,
    partition,
    ...(key === undefined ? {} : { key: toBuffer(key) }),
    value: (value === null ? null : toBuffer(value)) as Buffer,
    // Each key is an object of its own: one that comes twice stays twice.
    headers: new Map(
      headers.map((header) => [
        Buffer.from(header.key),
        (header.value === null ? null : toBuffer(header.value)) as Buffer,
      ]),
    ),
    ...(timestampMs === undefined ? {} : { timestamp: BigInt(timestampMs) }),
  };
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
