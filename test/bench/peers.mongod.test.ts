import type { Collection, Document, ResumeToken } from "mongodb";
import { beforeAll, describe, expect, test } from "vitest";
import { readDigest } from "../../bench/harness/digest.ts";
import { consumeInBulk } from "../../bench/peers/bulk.ts";
import type { OrderDocument } from "../../bench/peers/consumer.ts";
import { consumeOneByOne } from "../../bench/peers/one-by-one.ts";
import { orderEvents } from "../replays/burst/order-events.ts";
import { connectMongod } from "../support/mongod.ts";
import type { TestDatabase } from "../support/mongod.ts";

// A benchmark is worth as much as its peers: these keep the same promise as a projection with the `version` guard.
const count = 3_000;
const burst = [...orderEvents({ events: count, orders: 40, arrival: "hot-keys", seed: 7 })];
let mongod: TestDatabase;
let events: Collection<Document>;
let position: ResumeToken;

beforeAll(async () => {
  mongod = await connectMongod();
  events = mongod.client.db(mongod.db).collection("events");
  await mongod.client.db(mongod.db).createCollection("events");
  const stream = events.watch();
  await stream.tryNext();
  position = stream.resumeToken;
  await stream.close();
  await events.insertMany(burst as Document[]);
  return () => mongod.close();
});

describe.each([
  ["one by one", consumeOneByOne],
  ["in bulk", consumeInBulk],
])("the consumer that works %s", (name, consume) => {
  const run = async (orders: Collection<OrderDocument>, until: number): Promise<string> => {
    await consume({ events, orders, position, savePosition: async () => undefined, until });
    return readDigest(orders);
  };

  test("makes the orders that a fold over the events makes, and the same ones when all events come again", async () => {
    const orders = mongod.client.db(mongod.db).collection<OrderDocument>(`orders ${name}`);
    await run(orders, count - 700);
    const once = await run(orders, count);
    const found = await orders.find({ deleted: { $ne: true } }).toArray();
    expect(new Map(found.map(({ _id, items, paid }) => [_id, { items, paid }]))).toEqual(foldOrders());
    expect(await run(orders, count)).toBe(once);
  });
});

function foldOrders(): ReadonlyMap<string, { readonly items: number; readonly paid: number }> {
  const orders = new Map<string, { items: number; paid: number }>();
  for (const event of burst) {
    const order = orders.get(event.streamId) ?? { items: 0, paid: 0 };
    orders.set(event.streamId, order);
    if (event.type === "ItemAdded") order.items += event.data.quantity;
    if (event.type === "PaymentReceived") order.paid += event.data.amount;
    if (event.type === "OrderCancelled") orders.delete(event.streamId);
  }
  return orders;
}
