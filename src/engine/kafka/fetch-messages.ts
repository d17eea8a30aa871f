import type { ClusterMetadata, Consumer, FetchOptions as ClientFetch } from "@platformatic/kafka";
import { abortedBatches, isControlBatch } from "../core/kafka/aborted-batches.ts";
import type { Offsets } from "../core/kafka/offsets.ts";
import type { Fetched, FetchOptions, TopicMessage } from "./broker.ts";
import type { ClientOptions } from "./client-options.ts";
import { isProtocolError, pathsOf } from "./kafka-error.ts";
import { offsetLost, unknownTopic } from "./topic-errors.ts";

type FetchRequestTopic = ClientFetch<Buffer, Buffer, Buffer, Buffer>["topics"][number];
type FetchResponse = Awaited<ReturnType<Consumer["fetch"]>>;

/** What one broker is asked for: its part of the partitions, in the order in which it fills its answer. */
interface Request {
  readonly node: number;
  readonly topics: readonly {
    readonly name: string;
    readonly partition: number;
    readonly offset: bigint;
    readonly request: FetchRequestTopic;
  }[];
}

/** With several brokers the slowest decides how long a fetch takes: who has nothing waits but shortly. */
const sharedWaitMs = 50;
const noId = "00000000-0000-0000-0000-000000000000";
const utf8 = new TextDecoder();

/** Reads from the leaders of the partitions, side by side. Throws errors of the client, and AspError for a position that is lost. */
export async function fetchMessages(
  consumer: Consumer,
  from: Offsets,
  { maxBytes, waitMs }: FetchOptions,
  options: ClientOptions,
): Promise<Fetched> {
  const metadata = await consumer.metadata({ topics: [...from.keys()] });
  const requests = groupByLeader(metadata, from, options);
  const ask = async (maxWaitTime: number): Promise<Fetched> => {
    const parts = await Promise.all(
      requests.map(async (request) => {
        const topics = request.topics.map((each) => each.request);
        const { node } = request;
        try {
          return toFetched(
            request,
            await consumer.fetch({ node, topics, maxBytes, maxWaitTime, minBytes: 1 }),
            options,
          );
        } catch (error) {
          throw lostOffset(request, error) ?? error;
        }
      }),
    );
    return parts.reduce(join, { messages: [], next: new Map(), more: false });
  };
  if (requests.length < 2) return ask(waitMs);
  const now = await ask(0);
  return now.next.size > 0 ? now : ask(Math.min(waitMs, sharedWaitMs));
}

function groupByLeader(metadata: ClusterMetadata, from: Offsets, options: ClientOptions): readonly Request[] {
  const requests = new Map<number, Request["topics"][number][]>();
  for (const [name, partitions] of from) {
    const topic = metadata.topics.get(name);
    if (topic === undefined) throw unknownTopic(name);
    for (const [partition, offset] of partitions) {
      const leader = topic.partitions[partition]?.leader;
      if (leader === undefined) throw unknownTopic(`${name}, partition ${partition}`);
      const asked = {
        partition,
        fetchOffset: offset,
        partitionMaxBytes: options.partitionBytes,
        currentLeaderEpoch: -1,
        lastFetchedEpoch: -1,
      };
      // Brokers without ids for topics go by their names.
      const topicId = topic.id === undefined || topic.id === noId ? name : topic.id;
      const own = requests.get(leader) ?? [];
      own.push({ name, partition, offset, request: { topicId, partitions: [asked] } });
      requests.set(leader, own);
    }
  }
  return [...requests].map(([node, topics]) => ({ node, topics }));
}

function toFetched({ topics }: Request, { responses }: FetchResponse, { isolationLevel }: ClientOptions): Fetched {
  const asked = new Map(topics.map((each) => [`${each.request.topicId} ${each.partition}`, each]));
  const messages: TopicMessage[] = [];
  const next = new Map<string, Map<number, bigint>>();
  let more = false;
  for (const { topicId, partitions } of responses) {
    for (const each of partitions) {
      const { partitionIndex: partition, records = [], lastStableOffset, highWatermark } = each;
      const { name: topic, offset: from } = asked.get(`${topicId} ${partition}`) ?? {};
      if (topic === undefined || from === undefined) continue;
      const last = records.at(-1);
      const reached = last === undefined ? from : last.firstOffset + BigInt(last.lastOffsetDelta) + 1n;
      more ||= reached < (isolationLevel === 0 ? highWatermark : lastStableOffset);
      // The client leaves out the last transaction of each producer, and only where it has read its end.
      const aborted = isolationLevel === 0 ? undefined : abortedBatches(records, each.abortedTransactions);
      for (const batch of records) {
        const after = batch.firstOffset + BigInt(batch.lastOffsetDelta) + 1n;
        if (after > from) next.set(topic, (next.get(topic) ?? new Map<number, bigint>()).set(partition, after));
        if (isControlBatch(batch) || aborted?.has(batch) === true) continue;
        for (const record of batch.records) {
          const offset = batch.firstOffset + BigInt(record.offsetDelta);
          // A batch comes whole, also where only its end was asked for.
          if (offset < from) continue;
          messages.push({
            topic,
            partition,
            offset,
            timestampMs: Number(batch.firstTimestamp + record.timestampDelta),
            key: record.key ?? undefined,
            value: record.value,
            headers: record.headers.map(([key, value]) => ({ key: utf8.decode(key), value })),
          });
        }
      }
    }
  }
  return { messages, next, more };
}

function join(one: Fetched, other: Fetched): Fetched {
  const next = new Map([...one.next].map(([topic, partitions]) => [topic, new Map(partitions)]));
  for (const [topic, partitions] of other.next) {
    next.set(topic, new Map([...(next.get(topic) ?? []), ...partitions]));
  }
  return { messages: [...one.messages, ...other.messages], next, more: one.more || other.more };
}

/** The error of an answer says by its place in it which partition it is about. */
function lostOffset({ topics }: Request, error: unknown): Error | undefined {
  if (!isProtocolError(error, "OFFSET_OUT_OF_RANGE")) return undefined;
  const response = (error as { readonly response?: FetchResponse }).response;
  const [, topic, partition] =
    /\/responses\/(\d+)\/partitions\/(\d+)/.exec(pathsOf(error, "OFFSET_OUT_OF_RANGE")[0] ?? "") ?? [];
  const found = response?.responses[Number(topic)];
  const index = found?.partitions[Number(partition)]?.partitionIndex;
  const lost = topics.find(({ request, partition: own }) => request.topicId === found?.topicId && own === index);
  return lost === undefined ? undefined : offsetLost(lost.name, lost.partition, lost.offset);
}
