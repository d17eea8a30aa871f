import { elapsedMs } from "../core/elapsed.ts";
import { Int32, Long } from "bson";
import type { Document } from "bson";
import { toMs } from "../../compiler/kinds.ts";
import { describePartitions } from "../core/kafka/partition-details.ts";
import type { KafkaSourcePlan } from "../core/plan-source.ts";
import { decodeHeaders } from "../core/kafka/headers.ts";
import { decodeKey, type Coded } from "../core/kafka/key-format.ts";
import { planKafkaReading, type KafkaReading } from "../core/kafka/kafka-reading.ts";
import { messageDocument, undeliverable } from "../core/kafka/message-document.ts";
import {
  filterOffsets,
  hasReachedOffsets,
  loadOffsets,
  mergeOffsets,
  storeOffsets,
  type Offsets,
} from "../core/kafka/offsets.ts";
import type { EngineContext } from "../engine-context.ts";
import type { TopicMessage } from "../kafka/broker.ts";
import { createAvroReader } from "../kafka/avro-values.ts";
import { openRegistry } from "../kafka/open-registry.ts";
import { createGroupCommit } from "../kafka/group-commit.ts";
import { orAborted } from "../or-aborted.ts";
import { withRetries } from "../retry.ts";
import { within } from "../within.ts";
import type { Position, SourceEvent } from "./batch.ts";
import type { PullSource } from "./pull-source.ts";

const fetchBytes = 8 * 1024 * 1024;
const waitMs = 250;
/** So often partitions are looked for that have been added since. */
const discoverMs = 5000;
/** So long statistics wait for what the brokers say. */
const describeMs = 2000;

/** Makes a document of a message's value; null is a tombstone. */
type ReadValue = (value: Uint8Array | null) => Promise<Coded<Uint8Array>> | Coded<Uint8Array>;

/**
 * Reads topics of Kafka. Its position is the next offset of each partition, and what a consumer group has committed follows it for others
 * to see. Source: asp-language section 1.1.3.
 */
export function createKafkaSource(plan: KafkaSourcePlan, context: EngineContext): PullSource {
  const broker = context.connections.broker(plan.connectionName);
  const reading = planKafkaReading(plan, context.name);
  const { schemaRegistry } = plan;
  const readValue: ReadValue =
    schemaRegistry === undefined
      ? messageDocument
      : createAvroReader(openRegistry(schemaRegistry, plan, context.connections));
  const { topics, reset, group } = reading;
  const commit = createGroupCommit(broker, group);
  const reader = broker.openReader();

  const isRead = (_: string, partition: number): boolean =>
    partition >= reading.firstPartition && partition <= reading.lastPartition;
  const offsetsAt = async (at: "earliest" | "latest"): Promise<Offsets> =>
    filterOffsets(await broker.offsets(topics, at), isRead);

  /** Partitions without a position begin where `auto_offset_reset` says. */
  const discover = async (known: Offsets): Promise<Offsets> => {
    const partitions = await broker.partitions(topics);
    const isNew = topics.some((topic) =>
      (partitions.get(topic) ?? []).some(
        (partition) => isRead(topic, partition) && known.get(topic)?.has(partition) !== true,
      ),
    );
    return isNew ? mergeOffsets(await offsetsAt(reset), known) : known;
  };

  const idleMs = toMs(plan.args["partitionIdleTimeout"]);
  /** Engine time at which a partition was last heard of, or became known, by its lane. */
  const heardMs = new Map<string, number>();
  const isSilent = (lane: string): boolean =>
    idleMs !== undefined && elapsedMs(heardMs.get(lane) ?? context.now(), context.now()) >= idleMs;

  return {
    start: async () => {
      const begin = await offsetsAt(reset);
      // The default group is named after the processor: one of the same name that was there before is not continued.
      const committed = reading.hasOwnGroup ? filterOffsets(await broker.committed(group, topics), isRead) : new Map();
      return { offsets: storeOffsets(mergeOffsets(begin, committed)) };
    },
    async *read(from, signal) {
      let offsets = loadOffsets(from.offsets);
      let discoveredAt = -Infinity;
      while (!signal.aborted) {
        if (performance.now() - discoveredAt > discoverMs) {
          const known = offsets;
          offsets = await discover(known);
          discoveredAt = performance.now();
          // With `latest`, a crash would have a new partition begin at what is its end by then.
          if (offsets !== known) {
            yield {
              events: [],
              position: { offsets: storeOffsets(offsets) },
              lanes: lanesOf(offsets),
              isBeginning: true,
            };
          }
        }
        const fetched = await orAborted(reader.fetch(offsets, { maxBytes: fetchBytes, waitMs }), signal);
        if (fetched === undefined) return;
        const { messages, next, more } = fetched;
        for (const lane of lanesOf(offsets)) if (!heardMs.has(lane)) heardMs.set(lane, context.now());
        for (const { topic, partition } of messages) heardMs.set(laneOf(topic, partition), context.now());
        const before = offsets;
        offsets = mergeOffsets(offsets, next);
        const events = await toEvents(messages, before, reading, readValue);
        yield { events, position: { offsets: storeOffsets(offsets) }, lanes: lanesOf(offsets), more };
        if (reading.commitsBatches && next.size > 0) commit.to(offsets);
      }
    },
    target: async () => {
      const end = await offsetsAt("latest");
      return ({ offsets }) => hasReachedOffsets(loadOffsets(offsets), end);
    },
    stored: async ({ offsets }) => {
      if (!reading.commitsBatches) commit.to(loadOffsets(offsets));
    },
    describe: async ({ current, stored, laneMs }) => {
      let end: Offsets | undefined;
      // Statistics are given also while the brokers are away.
      const asking = withRetries(async () => {
        end = await offsetsAt("latest");
      }, AbortSignal.timeout(describeMs));
      await within(
        asking.catch(() => undefined),
        describeMs,
      );
      return describePartitions({
        current: loadOffsets(current.offsets),
        stored: loadOffsets(stored.offsets),
        end,
        isIdle: (topic, partition) => isSilent(laneOf(topic, partition)),
        watermarkMs: (topic, partition) => laneMs?.get(laneOf(topic, partition)),
      });
    },
    close: async () => {
      await commit.close();
      await reader.close();
    },
  };
}

function laneOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}

/** Every partition that is read, also the silent ones, which hold back the watermark. */
function lanesOf(offsets: Offsets): readonly string[] {
  return [...offsets].flatMap(([topic, partitions]) => [...partitions.keys()].map((each) => laneOf(topic, each)));
}

async function toEvents(
  messages: readonly TopicMessage[],
  before: Offsets,
  reading: KafkaReading,
  readValue: ReadValue,
): Promise<readonly SourceEvent[]> {
  const values = await Promise.all(messages.map(async ({ value }) => readValue(value)));
  return messages.map((message, index): SourceEvent => {
    const { topic, partition, offset, timestampMs, arrivedMs, headers, value } = message;
    const document = values[index] ?? { reason: "the value has not been read" };
    const key = message.key === undefined ? undefined : decodeKey(message.key, reading.keyFormat);
    const source: Document = {
      type: "kafka",
      topic,
      partition: new Int32(partition),
      offset: toNumber(offset),
      ...(key !== undefined && "value" in key ? { key: key.value } : {}),
      headers: decodeHeaders(headers),
    };
    const keyReason = key !== undefined && "reason" in key && !reading.dropsBadKeys ? key.reason : undefined;
    const refusal = "reason" in document ? document.reason : keyReason;
    return {
      bson: "value" in document ? document.value : undeliverable(value),
      origin: {
        source,
        timeMs: timestampMs,
        ...(arrivedMs === undefined ? {} : { arrivedMs }),
        lane: laneOf(topic, partition),
        ...(refusal === undefined ? {} : { refusal }),
      },
      // Asked for only where a batch is cut.
      get after() {
        return positionAfter(messages, index, before);
      },
    };
  });
}

function positionAfter(messages: readonly TopicMessage[], last: number, before: Offsets): Position {
  const reached = new Map<string, Map<number, bigint>>();
  for (const { topic, partition, offset } of messages.slice(0, last + 1)) {
    const own = reached.get(topic) ?? new Map<number, bigint>();
    reached.set(topic, own.set(partition, offset + 1n));
  }
  return { offsets: storeOffsets(mergeOffsets(before, reached)) };
}

/** An int as documented, as long as it is one. */
function toNumber(offset: bigint): Int32 | Long {
  return offset <= 0x7fff_ffffn ? new Int32(Number(offset)) : Long.fromBigInt(offset);
}
