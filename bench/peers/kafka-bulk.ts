import { Consumer, type Message } from "@platformatic/kafka";
import type { Collection } from "mongodb";
import type { StoredEvent } from "../../test/replays/burst/order-events.ts";
import type { OrderDocument } from "./consumer.ts";
import { toGuardedUpdate } from "./guarded-update.ts";

/** What a hand-written consumer of a topic of order events works with. */
export interface TopicConsumer {
  readonly bootstrapBrokers: readonly string[];
  readonly topic: string;
  readonly group: string;
  readonly orders: Collection<OrderDocument>;
  /** It ends after so many messages; one in a service would not. */
  readonly until: number;
}

const batchSize = 1000;
const commitEveryMs = 1000;

/**
 * A consumer of Kafka that somebody took trouble over, as that of a change stream beside it: guarded updates in batches of a thousand, the
 * next batch read while one is written, and the offsets of the group committed each second, after the writes.
 */
export async function consumeTopicInBulk({
  bootstrapBrokers,
  topic,
  group,
  orders,
  until,
}: TopicConsumer): Promise<void> {
  const brokers = [...bootstrapBrokers];
  const consumer = new Consumer({ clientId: group, groupId: group, bootstrapBrokers: brokers, autocommit: false });
  const stream = await consumer.consume({ topics: [topic], mode: "committed", fallbackMode: "earliest" });
  let committedAt = Date.now();
  const next = new Map<number, bigint>();
  const write = async (messages: readonly Message[]): Promise<void> => {
    const operations = messages.map(({ value }) => ({ updateOne: toGuardedUpdate(parse(value)) }));
    // In order, as a batch may hold several events of one order.
    await orders.bulkWrite(operations, { ordered: true, writeConcern: { w: "majority" } });
    for (const { partition, offset } of messages) next.set(partition, offset + 1n);
    if (Date.now() - committedAt < commitEveryMs) return;
    await consumer.commit({
      offsets: [...next].map(([partition, offset]) => ({ topic, partition, offset, leaderEpoch: -1 })),
    });
    committedAt = Date.now();
  };
  let writing: Promise<void> = Promise.resolve();
  let batch: Message[] = [];
  let seen = 0;
  for await (const message of stream) {
    batch.push(message);
    seen += 1;
    if (batch.length < batchSize && seen < until) continue;
    await writing;
    writing = write(batch);
    batch = [];
    if (seen === until) break;
  }
  await writing;
  await stream.close();
  await consumer.close();
}

type Written = StoredEvent & { readonly occurredAt: { readonly $date: string } };

/** The only field that JSON cannot say is the date. */
function parse(value: Buffer): StoredEvent {
  const event = JSON.parse(value.toString()) as Written;
  return { ...event, occurredAt: new Date(event.occurredAt.$date) };
}
