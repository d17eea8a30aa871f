import type { Document } from "bson";
import { afterAll, beforeAll, expect, test } from "vitest";
import { defineProjection } from "../../src/index.ts";
import { compileProjection } from "../../src/projections/compile-projection.ts";
import type { ProjectionValue } from "../../src/projections/processor-value.ts";
import { connectMongod } from "../support/mongod.ts";
import type { TestDatabase } from "../support/mongod.ts";
import { events } from "./events.ts";
import { readModels, runDeliveries } from "./laws/run-deliveries.ts";
import { orders } from "./orders.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const into = { connectionName: "domain", db: "any", coll: "models" };
const at = (): undefined => undefined;

/** The server's reason for refusing an event in the stages before the `$merge`. */
async function reason(value: ProjectionValue, event: Document): Promise<string> {
  const stages = (compileProjection(value, { events, at }).definition?.pipeline ?? []).slice(1, -1);
  const run = mongod.client
    .db(mongod.db)
    .aggregate([{ $documents: [{ $literal: event }] }, ...stages])
    .toArray();
  return run.then(
    (documents) => `fine: ${JSON.stringify(documents)}`,
    (error: Error) => error.message,
  );
}

const placed = { streamId: "o1", version: 1, type: "OrderPlaced", data: { customerId: "c1" } };

test.each([
  ["a missing version", { ...placed, version: undefined }, "the version of the event must be a number, and is missing"],
  ["a text for a version", { ...placed, version: "1" }, "the version of the event must be a number, and is string"],
  ["NaN for a version", { ...placed, version: Number.NaN }, "the version of the event must be a number, and is double"],
  ["a null key", { ...placed, streamId: null }, "the key of the read model is null"],
  ["a missing key", { ...placed, streamId: undefined }, "the key of the read model is missing"],
])("an event with %s is refused with a reason that says so", async (_, event, expected) => {
  const given = Object.fromEntries(Object.entries(event).filter(([, value]) => value !== undefined));
  expect(await reason(orders, given)).toContain(expected);
});

test("an empty list of keys updates nothing, one with repeated keys each read model once", async () => {
  const value = defineProjection({
    name: "tags",
    into,
    key: ({ data }) => data.tags,
    initial: { count: 0 },
    on: { Tagged: (_, view) => ({ count: { $add: [view.count, 1] } }) },
  });
  const { definition } = compileProjection(value, { events, at });
  if (definition === undefined) throw new Error("does not compile");
  const event = (position: string, tags: unknown): Document => ({
    _id: { _data: position },
    fullDocument: { type: "Tagged", data: { tags } },
  });
  const deliveries = [event("1", ["a", "b", "a"]), event("2", []), event("3", "a"), event("4", ["b", null])];
  const failed = await runDeliveries(mongod.client, mongod.db, definition, deliveries);
  expect(failed).toBe(1);
  expect(await readModels(mongod.client, mongod.db, "models")).toEqual(
    new Map([
      ['"a"', { count: 2 }],
      ['"b"', { count: 2 }],
    ]),
  );
});

test("a written list of keys updates each read model, and a missing key in it is one dead letter", async () => {
  const value = defineProjection({
    name: "parties",
    into,
    key: ({ data }) => [data.from, data.to],
    initial: { moved: 0 },
    on: { Transferred: ({ data }, view) => ({ moved: { $add: [view.moved, data.amount] } }) },
  });
  const db = mongod.freshDb();
  const { definition } = compileProjection(value, { events, at });
  if (definition === undefined) throw new Error("does not compile");
  const event = (position: string, data: Document): Document => ({
    _id: { _data: position },
    fullDocument: { type: "Transferred", data },
  });
  const deliveries = [
    event("1", { from: "a", to: "b", amount: 1 }),
    event("2", { from: "b", to: "b", amount: 2 }),
    event("3", { from: "a", amount: 4 }),
  ];
  expect(await runDeliveries(mongod.client, db, definition, deliveries)).toBe(1);
  expect(await readModels(mongod.client, db, "models")).toEqual(
    new Map([
      ['"a"', { moved: 5 }],
      ['"b"', { moved: 3 }],
    ]),
  );
});

test("what a failing first event leaves is a tombstone, and the next event starts from initial", async () => {
  const db = mongod.freshDb();
  const value = defineProjection({
    name: "averages",
    into,
    initial: { total: 0, count: 0 },
    on: {
      Averaged: (_, view) => ({ average: { $divide: [view.total, view.count] } }),
      Added: ({ data }, view) => ({ total: { $add: [view.total, data.n] }, count: { $add: [view.count, 1] } }),
    },
  });
  const { definition } = compileProjection(value, { events, at });
  if (definition === undefined) throw new Error("does not compile");
  const event = (version: number, type: string): Document => ({ streamId: "s", version, type, data: { n: 4 } });
  expect(await runDeliveries(mongod.client, db, definition, [event(1, "Averaged")])).toBe(1);
  expect(await mongod.client.db(db).collection("models").find().toArray()).toMatchObject([{ _asp: { deleted: true } }]);
  expect(await readModels(mongod.client, db, "models")).toEqual(new Map());
  expect(await runDeliveries(mongod.client, db, definition, [event(2, "Added"), event(3, "Averaged")])).toBe(0);
  expect(await readModels(mongod.client, db, "models")).toEqual(new Map([['"s"', { total: 4, count: 1, average: 4 }]]));
});

test("the server's own $merge does the same, and leaves nothing of the event but _asp", async () => {
  const db = mongod.client.db(mongod.freshDb());
  const pipeline = compileProjection(orders, { events, at }).definition?.pipeline ?? [];
  const merge = pipeline.at(-1)?.["$merge"] as Document;
  const deliver = (version: number, type: string, data: Document): Promise<unknown> =>
    db
      .aggregate([
        {
          $documents: [
            { $literal: { _id: version, streamId: "o1", version, type, occurredAt: new Date(version), data } },
          ],
        },
        ...pipeline.slice(1, -1),
        { $merge: { ...merge, into: "orders" } },
      ])
      .toArray();
  const read = (): Promise<unknown[]> => db.collection("orders").find().toArray();
  await deliver(1, "OrderPlaced", { customerId: "c1" });
  await deliver(2, "ItemAdded", { quantity: 2, price: 10 });
  await deliver(2, "ItemAdded", { quantity: 2, price: 10 });
  const _asp = { v: 2, time: new Date(2), type: "ItemAdded", data: { quantity: 2, price: 10 } };
  expect(await read()).toEqual([{ _id: "o1", status: "placed", customerId: "c1", items: 2, total: 20, _asp }]);
  await deliver(3, "OrderCancelled", { reason: "none" });
  await deliver(1, "OrderPlaced", { customerId: "c1" });
  const tombstone = { v: 3, time: new Date(3), type: "OrderCancelled", deleted: true };
  expect(await read()).toEqual([{ _id: "o1", _asp: tombstone }]);
  await deliver(4, "ItemAdded", { quantity: 1, price: 5 });
  expect(await read()).toMatchObject([{ _id: "o1", status: "new", items: 1, total: 5 }]);
});
