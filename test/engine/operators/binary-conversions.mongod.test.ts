import { Binary, Int32, type Document } from "bson";
import { afterAll, beforeAll, expect, test } from "vitest";
import { planProcessor } from "../../../src/engine/core/plan.ts";
import { stagesAsExpression } from "../../../src/engine/core/push-down.ts";
import { createMemoryBroker } from "../../../src/engine/kafka/memory-broker.ts";
import { connectMongod, type TestDatabase } from "../../support/mongod.ts";
import { connectionsWith, everything, json } from "../kafka/support.ts";
import { dlq, eventsOf, freshName, mergeInto, run, stored } from "../support.ts";
import { pass, withoutJavaScript } from "./support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const bytes = (hex: string): Binary => new Binary(Buffer.from(hex, "hex"));
const number = { $convert: { input: "$v", to: "int", byteOrder: "big" } };
const little = { $convert: { input: "$v", to: "int" } };
const hex = { $convert: { input: "$v", to: "string", format: "hex" } };

test("a conversion stands wherever an expression does", async () => {
  const { documents, letters } = await pass(
    mongod,
    [{ _id: 1, v: bytes("00000102") }],
    [
      { $match: { $expr: { $eq: [number, 258] } } },
      { $addFields: { added: number, little, list: { $map: { input: [1], in: hex } } } },
      { $setStreamMeta: { "stream.n": number } },
      {
        $lookup: {
          from: { connectionName: "c", db: mongod.db, coll: "none" },
          let: { number },
          pipeline: [{ $match: {} }],
          as: "none",
        },
      },
      { $validate: { validator: { $expr: { $eq: [hex, "00000102"] } }, validationAction: "dlq" } },
      { $redact: { $cond: [{ $gt: [number, 0] }, "$$KEEP", "$$PRUNE"] } },
      { $project: { added: 1, little: 1, list: 1, meta: { $meta: "stream.n" }, projected: hex } },
    ],
  );
  expect(letters).toEqual([]);
  const expected = { added: 258, little: 0x02010000, list: ["00000102"], meta: 258, projected: "00000102" };
  expect(documents).toEqual([{ _id: 1, ...expected }]);
});

test.each([
  ["with an order", number],
  ["without", little],
])("what cannot be converted %s is a dead letter, and takes nothing along", async (_, expression) => {
  const documents = ["05", "000102", "ff"].map((each, _id) => ({ _id, v: bytes(each) }));
  const { documents: made, letters } = await pass(mongod, documents, [{ $set: { v: expression } }]);
  expect(made).toEqual([
    { _id: 0, v: 5 },
    { _id: 2, v: -1 },
  ]);
  expect(letters).toMatchObject([{ doc: { _id: 1 }, operatorName: "$set" }]);
  expect(letters[0]?.["errInfo"].reason).toContain("3 bytes are no int: it has 1, 2 or 4");
});

test("in a window: before a $group, in it and after it", async () => {
  const name = freshName();
  const times = [0, 1, 2, 200];
  const documents = times.map((seconds, _id) => ({ _id, at: new Date(seconds * 1000), v: bytes(`0${_id % 2}`) }));
  const definition = {
    name,
    pipeline: [
      { $source: { documents, timeField: { $toDate: "$at" } } },
      {
        $tumblingWindow: {
          interval: { size: 1, unit: "minute" },
          pipeline: [
            { $match: { $expr: { $gte: [little, 0] } } },
            { $group: { _id: number, all: { $push: hex } } },
            { $set: { again: { $convert: { input: { $convert: { input: "$_id", to: "binData" } }, to: "long" } } } },
          ],
        },
      },
      mergeInto(mongod.db, name, { whenMatched: "replace" }),
    ],
    options: dlq(mongod.db, `${name}_dlq`),
  };
  const engine = await run(mongod, [definition], { clock: () => 0 });
  await engine.caughtUp();
  expect(engine.stats()[0]?.error).toBeUndefined();
  expect(await mongod.client.db(mongod.db).collection(name).find().sort({ _id: 1 }).toArray()).toEqual([
    { _id: 0, all: ["00", "00"], again: 0 },
    { _id: 1, all: ["01"], again: 1 },
  ]);
});

test("what a topic is sent has a key and headers of binary data that were converted", async () => {
  const broker = createMemoryBroker({ now: () => 5_000 });
  await broker.produce([json("orders", { _id: 1 }, { key: Buffer.from([0, 0, 1, 2]) })], everything);
  const key = { $meta: "stream.source.key" };
  const pipeline = [
    { $source: { connectionName: "bus", topic: "orders", config: { auto_offset_reset: "earliest" } } },
    { $set: { number: { $convert: { input: key, to: "int", byteOrder: "big" } } } },
    {
      $emit: {
        connectionName: "bus",
        topic: "numbers",
        config: {
          key: { $convert: { input: "$number", to: "binData" } },
          keyFormat: "binData",
          headers: { name: { $convert: { input: key, to: "string", format: "hex" } } },
        },
      },
    },
  ];
  const name = freshName();
  const definition = { name, pipeline, options: dlq(mongod.db, `${name}_dlq`) };
  const engine = await run(mongod, [definition], { connections: connectionsWith(broker) });
  await engine.caughtUp();
  expect(engine.stats()[0]?.error).toBeUndefined();
  const sent = broker.messages("numbers").map((message) => ({
    key: Buffer.from(message.key ?? []).toString("hex"),
    headers: message.headers.map((each) => [each.key, Buffer.from(each.value ?? []).toString()]),
  }));
  expect(sent).toEqual([{ key: "02010000", headers: [["name", "00000102"]] }]);
});

test.each([
  ["without any sign of binary data", { $convert: { input: "$v", to: "int", onError: "e" } }, true],
  ["with an order", { $convert: { input: "$v", to: "int", byteOrder: "little", onError: "e" } }, false],
])("a change stream gives what the stages give: %s", async (_, n, isPushed) => {
  const [coll, target] = [freshName(), freshName()];
  const pipeline = [
    eventsOf(mongod.db, coll, { pipeline: [{ $match: { operationType: "insert" } }] }),
    { $replaceWith: { _id: "$_id", n } },
    mergeInto(mongod.db, target),
  ];
  const definition = { name: coll, pipeline };
  expect(stagesAsExpression(planProcessor(definition)) !== undefined).toBe(isPushed);
  const engine = await run(mongod, [definition]);
  const events = mongod.client.db(mongod.db).collection<{ _id: number; v: unknown }>(coll);
  const values = ["7", "x", bytes("0201"), bytes("020100"), null];
  await events.insertMany(values.map((v, _id) => ({ _id, v })));
  await engine.caughtUp();
  expect(await stored(mongod.client, mongod.db, target)).toEqual(
    [new Int32(7), "e", new Int32(258), "e", null].map((made, _id) => ({ _id: new Int32(_id), n: made })),
  );
});

test("a mongod without JavaScript runs what may be of binary data, and FAILs what says that it is", async () => {
  const database = await withoutJavaScript();
  const documents: Document[] = [
    { _id: 1, v: "5" },
    { _id: 2, v: bytes("05") },
  ];
  const plain = await pass(database, documents, [{ $set: { v: little } }]);
  expect(plain.documents).toEqual([{ _id: 1, v: 5 }]);
  expect(plain.letters).toMatchObject([{ doc: { _id: 2 }, operatorName: "$set" }]);
  const { stats, letters } = await pass(database, documents, [{ $set: { v: number } }]);
  expect(stats).toMatchObject({ state: "FAILED", error: { code: "ASP5140" } });
  expect(letters).toEqual([]);
});
