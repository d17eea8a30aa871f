import { describe, expect, inject, test } from "vitest";
import { readDigest } from "../../bench/harness/digest.ts";
import { createTopic } from "../../bench/harness/topic.ts";
import type { OrderDocument } from "../../bench/peers/consumer.ts";
import { consumeTopicInBulk } from "../../bench/peers/kafka-bulk.ts";
import { toGuardedUpdate } from "../../bench/peers/guarded-update.ts";
import { orderEvents } from "../replays/burst/order-events.ts";
import { connectMongod } from "../support/mongod.ts";

const kafka = inject("kafka");
const count = 2_500;
const burst = [...orderEvents({ events: count, orders: 40, arrival: "hot-keys", seed: 7 })];

describe.skipIf(kafka.missing !== undefined)("the hand-written consumer of a topic", () => {
  if (kafka.missing !== undefined) return;
  test("makes the orders that its updates make one by one, and the same ones when another group reads all again", async () => {
    const mongod = await connectMongod();
    await using topic = await createTopic(kafka.plaintext);
    try {
      const db = mongod.client.db(mongod.db);
      const expected = db.collection<OrderDocument>("expected");
      for (const event of burst) {
        const { filter, update, upsert } = toGuardedUpdate(event);
        await expected.updateOne(filter, update, { upsert });
      }
      await topic.write(burst);
      const orders = db.collection<OrderDocument>("orders");
      const { name, bootstrapBrokers } = topic;
      for (const group of [`${name}-1`, `${name}-2`]) {
        await consumeTopicInBulk({ bootstrapBrokers, topic: name, group, orders, until: count });
        expect(await readDigest(orders)).toBe(await readDigest(expected));
      }
    } finally {
      await mongod.close();
    }
  });
});
