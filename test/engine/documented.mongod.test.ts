import type { Document } from "bson";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";
import { dlq, freshName, mergeInto, run, runToEnd } from "./support.ts";

// Rows of docs/emulator-support.md that no other test is about.

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const minutes = (size: number): Document => ({ size, unit: "minute" });
const at = (minute: number): Date => new Date(Date.UTC(2026, 0, 1, 12, minute));

test("an inline document without a time has the one at which it is read", async () => {
  const name = freshName();
  const time = { $set: { read: { $meta: "stream.source.ts" } } };
  const pipeline = [{ $source: { documents: [{ _id: 1 }] } }, time, mergeInto(mongod.db, name)];
  await runToEnd(mongod, [{ name, pipeline, options: {} }], { now: () => at(7).getTime() });
  expect(await mongod.client.db(mongod.db).collection(name).find().toArray()).toEqual([{ _id: 1, read: at(7) }]);
});

test("a database and a collection that $merge names are made", async () => {
  const [db, name] = [mongod.freshDb(), freshName()];
  const pipeline = [{ $source: { documents: [{ _id: 1 }] } }, mergeInto(db, name)];
  await runToEnd(mongod, [{ name, pipeline, options: {} }]);
  expect(await mongod.client.db(db).collection(name).countDocuments()).toBe(1);
});

test.each([
  ["joined", false],
  ["written one by one", true],
])("with `parallelism`, documents of one key reach $merge in order, %s", async (_, eachChange) => {
  const name = freshName();
  const documents = Array.from({ length: 3000 }, (__, n) => ({ _id: n % 7, seen: [n] }));
  const whenMatched = [{ $set: { seen: { $concatArrays: ["$seen", "$$new.seen"] } } }];
  const pipeline = [{ $source: { documents } }, mergeInto(mongod.db, name, { whenMatched, parallelism: 16 })];
  await runToEnd(mongod, [{ name, pipeline }], { eachChange });
  const found = await mongod.client.db(mongod.db).collection(name).find().sort({ _id: 1 }).toArray();
  expect(found.map(({ seen }) => seen as unknown)).toEqual(
    [0, 1, 2, 3, 4, 5, 6].map((key) => documents.filter(({ _id }) => _id === key).map(({ seen }) => seen[0])),
  );
});

test("a capped collection may be the dead letter queue", async () => {
  const name = freshName();
  const queue = `${name}_dlq`;
  await mongod.client.db(mongod.db).createCollection(queue, { capped: true, size: 1 << 20, max: 2 });
  const pipeline = [
    { $source: { documents: [1, 2, 3].map((_id) => ({ _id, a: 0 })) } },
    { $set: { b: { $divide: [1, "$a"] } } },
    mergeInto(mongod.db, name),
  ];
  const [stats] = await runToEnd(mongod, [{ name, pipeline, options: dlq(mongod.db, queue) }]);
  expect(stats).toMatchObject({ state: "STOPPED", deadLetters: 3 });
  const kept = await mongod.client.db(mongod.db).collection(queue).find().toArray();
  expect(kept.map(({ doc }) => (doc as Document)["_id"] as unknown)).toEqual([2, 3]);
});

test("windows that close together give their output by their ends, and empty ones give nothing", async () => {
  const name = freshName();
  const documents = [16, 1, 6, 40].map((minute) => ({ at: at(minute) }));
  const count = { $group: { _id: { $meta: "stream.window.start" }, count: { $sum: 1 } } };
  const window = { interval: minutes(5), allowedLateness: minutes(15), pipeline: [count] };
  const pipeline = [
    { $source: { documents, timeField: { $toDate: "$at" } } },
    { $tumblingWindow: window },
    // The order in which documents are inserted is that of a capped collection.
    mergeInto(mongod.db, name),
  ];
  await mongod.client.db(mongod.db).createCollection(name, { capped: true, size: 1 << 20 });
  const engine = await run(mongod, [{ name, pipeline, options: {} }]);
  await engine.caughtUp();
  expect(engine.stats()[0]?.error).toBeUndefined();
  expect(await mongod.client.db(mongod.db).collection(name).find().toArray()).toEqual(
    [0, 5, 15].map((minute) => ({ _id: at(minute), count: 1 })),
  );
});
