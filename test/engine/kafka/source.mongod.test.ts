import { Binary, Int32, Long } from "bson";
import type { Document } from "bson";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import type { Engine, EngineOptions } from "../../../src/engine/engine.ts";
import { createMemoryBroker, type MemoryBroker } from "../../../src/engine/kafka/memory-broker.ts";
import { connectMongod, type TestDatabase } from "../../support/mongod.ts";
import { dlq, freshName, mergeInto, run, stored } from "../support.ts";
import { connectionsWith, everything, header, json, text } from "./support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

interface Reading {
  readonly broker: MemoryBroker;
  readonly engine: Engine;
  readonly found: () => Promise<readonly Document[]>;
  readonly letters: () => Promise<readonly Document[]>;
}

interface More {
  readonly broker?: MemoryBroker;
  readonly source?: Document;
  readonly stages?: readonly Document[];
  readonly options?: Partial<EngineOptions>;
  readonly name?: string;
  readonly coll?: string;
}

/** A processor from topics to a collection. */
async function reading(config: Document, { source, stages = [], options, ...more }: More = {}): Promise<Reading> {
  const broker = more.broker ?? createMemoryBroker({ now: () => 5_000 });
  const coll = more.coll ?? freshName();
  const letters = `${coll}_dlq`;
  const pipeline = [
    { $source: { connectionName: "bus", topic: "orders", ...source, config } },
    ...stages,
    mergeInto(mongod.db, coll),
  ];
  const name = more.name ?? coll;
  const engine = await run(mongod, [{ name, pipeline, options: dlq(mongod.db, letters) }], {
    connections: connectionsWith(broker),
    ...options,
  });
  return {
    broker,
    engine,
    found: () => stored(mongod.client, mongod.db, coll),
    letters: () =>
      mongod.client.db(mongod.db).collection<Document>(letters).find({}, { promoteValues: false }).toArray(),
  };
}

const earliest = { auto_offset_reset: "earliest" };

test("messages arrive as documents, with what the source knows of them", async () => {
  const broker = createMemoryBroker({ now: () => 5_000 });
  const headers = [header("a", "1"), header("a", "2")];
  await broker.produce(
    [json("orders", { _id: 1, n: 1.5 }, { key: text("k"), headers, timestampMs: 1_000 })],
    everything,
  );
  const stages = [{ $addFields: { meta: { $meta: "stream.source" } } }];
  const { engine, found } = await reading(earliest, { broker, stages });
  await engine.caughtUp();
  expect(await found()).toEqual([
    {
      _id: new Int32(1),
      n: expect.anything() as unknown,
      meta: {
        type: "kafka",
        topic: "orders",
        partition: new Int32(0),
        offset: new Int32(0),
        key: new Binary(text("k")),
        headers: [
          { k: "a", v: new Binary(text("1")) },
          { k: "a", v: new Binary(text("2")) },
        ],
        ts: new Date(1_000),
      },
    },
  ]);
});

test("without a checkpoint it begins at the end, unless it is to begin at the beginning", async () => {
  for (const [reset, expected] of [
    [undefined, [2]],
    ["end", [2]],
    ["latest", [2]],
    ["largest", [2]],
    ["earliest", [1, 2]],
    ["beginning", [1, 2]],
    ["smallest", [1, 2]],
  ] as const) {
    const broker = createMemoryBroker({ now: Date.now });
    await broker.produce([json("orders", { _id: 1 })], everything);
    const { engine, found } = await reading(reset === undefined ? {} : { auto_offset_reset: reset }, { broker });
    await broker.produce([json("orders", { _id: 2 })], everything);
    await engine.caughtUp();
    expect((await found()).map(({ _id }) => Number(_id))).toEqual(expected);
    await engine.stop();
  }
});

test("a tombstone is an empty document, an array an object, and what is no JSON object a dead letter", async () => {
  const stages = [{ $addFields: { _id: { $meta: "stream.source.offset" } } }];
  const { broker, engine, found, letters } = await reading(earliest, { stages });
  await broker.produce(
    [
      json("orders", undefined),
      json("orders", [7, "x"]),
      json("orders", 5),
      json("orders", {}, { value: text("{no json") }),
      json("orders", {}, { value: new Uint8Array([0xff]), headers: [header("h", "1")] }),
    ],
    everything,
  );
  await engine.caughtUp();
  expect(await found()).toEqual([{ _id: new Int32(0) }, { _id: new Int32(1), "0": new Int32(7), "1": "x" }]);
  expect((await letters()).map(({ operatorName, errInfo, doc }) => ({ operatorName, errInfo, doc }))).toEqual([
    { operatorName: "$source", errInfo: { reason: "the value is JSON, but no object" }, doc: { value: "5" } },
    {
      operatorName: "$source",
      errInfo: { reason: 'the value is not JSON: unexpected "n" at 1, a field name is needed' },
      doc: { value: "{no json" },
    },
    {
      operatorName: "$source",
      errInfo: { reason: "the value is not JSON: it is not valid UTF-8" },
      doc: { value: new Binary(new Uint8Array([0xff])) },
    },
  ]);
  expect((await letters())[2]?.["_stream_meta"]).toMatchObject({
    source: { type: "kafka", topic: "orders", offset: new Int32(4), headers: [{ k: "h", v: new Binary(text("1")) }] },
  });
});

test("a document that is larger than a command of mongod is a dead letter that has its `_id` alone", async () => {
  const broker = createMemoryBroker({ now: Date.now, maxMessageBytes: 32 * 1024 * 1024 });
  const stages = [{ $project: { _id: 1 } }];
  const { engine, found, letters } = await reading(earliest, { broker, stages });
  const large = { _id: 1, t: "x".repeat(18 * 1024 * 1024) };
  await broker.produce([json("orders", large), json("orders", { _id: 2 })], everything);
  await engine.caughtUp();
  expect(await found()).toEqual([{ _id: new Int32(2) }]);
  expect(await letters()).toMatchObject([
    { operatorName: "$project", doc: { _id: new Int32(1) }, errInfo: { note: expect.stringContaining("16 MB") } },
  ]);
});

test("any number of processors wait for messages side by side, and Node warns of nothing", async () => {
  const warnings: string[] = [];
  const hear = ({ message }: Error): void => void warnings.push(message);
  process.on("warning", hear);
  onTestFinished(() => void process.off("warning", hear));
  const definitions = Array.from({ length: 12 }, (_, n) => ({
    name: `${freshName()}-${n}`,
    pipeline: [{ $source: { connectionName: "bus", topic: "orders" } }, mergeInto(mongod.db, freshName())],
  }));
  const broker = createMemoryBroker({ now: Date.now });
  const engine = await run(mongod, definitions, { connections: connectionsWith(broker) });
  await broker.produce([json("orders", { _id: 1 })], everything);
  await engine.caughtUp();
  await engine.stop();
  expect(engine.stats().map(({ input }) => input)).toEqual(definitions.map(() => 1));
  expect(warnings).toEqual([]);
});

test("keys are read as `keyFormat` says; one that is not of it is a dead letter, or left out", async () => {
  const stages = [{ $addFields: { key: { $meta: "stream.source.key" } } }];
  const long = new Uint8Array([0, 0, 0, 0, 0, 0, 1, 0]);
  for (const keyFormatError of [undefined, "dlq", "passThrough"]) {
    const config = { ...earliest, keyFormat: "long", ...(keyFormatError === undefined ? {} : { keyFormatError }) };
    const { broker, engine, found, letters } = await reading(config, { stages });
    const bad = json("orders", { _id: 2 }, { key: text("abc") });
    await broker.produce([json("orders", { _id: 1 }, { key: long }), bad, json("orders", { _id: 3 })], everything);
    await engine.caughtUp();
    const passed = keyFormatError === "passThrough" ? [{ _id: new Int32(2) }] : [];
    expect(await found()).toEqual([{ _id: new Int32(1), key: Long.fromNumber(256) }, ...passed, { _id: new Int32(3) }]);
    const reasons = (await letters()).map(({ errInfo, doc }) => [errInfo.reason, doc]);
    const reason = "the key has 3 bytes, `keyFormat` long needs 8";
    expect(reasons).toEqual(keyFormatError === "passThrough" ? [] : [[reason, { _id: new Int32(2) }]]);
    await engine.stop();
  }
});

test("several topics are read, and only the partitions that are asked for", async () => {
  const broker = createMemoryBroker({ now: Date.now });
  for (const topic of ["orders", "refunds"]) broker.createTopic(topic, 4);
  const messages = ["orders", "refunds"].flatMap((topic) =>
    [0, 1, 2, 3].map((partition) => json(topic, { _id: `${topic} ${partition}` }, { partition })),
  );
  await broker.produce(messages, everything);
  const source = { topic: ["orders", "refunds"], partitions: { min: 1, max: 2 } };
  const { engine, found } = await reading(earliest, { broker, source });
  await engine.caughtUp();
  expect((await found()).map(({ _id }) => _id as string)).toEqual(["orders 1", "orders 2", "refunds 1", "refunds 2"]);
});

test("a restart goes on at the checkpoint, in every partition", async () => {
  const broker = createMemoryBroker({ now: Date.now });
  broker.createTopic("orders", 3);
  const name = freshName();
  const more = { broker, name, coll: name, stages: [{ $addFields: { _id: { $toString: "$n" } } }] };
  const write = async (from: number, to: number): Promise<void> => {
    const messages = Array.from({ length: to - from }, (_, at) => json("orders", { n: from + at }));
    await broker.produce(messages, everything);
  };
  await write(0, 10);
  const first = await reading(earliest, more);
  await first.engine.caughtUp();
  await first.engine.stop();
  await mongod.client.db(mongod.db).collection(name).deleteMany({});
  await write(10, 13);
  const second = await reading(earliest, more);
  await second.engine.caughtUp();
  expect((await second.found()).map(({ _id }) => _id as string)).toEqual(["10", "11", "12"]);
});

test("offsets of the group are committed as batches leave `$source`, or with the checkpoint", async () => {
  for (const [config, group, least, most] of [
    [{ ...earliest }, undefined, 2n, 3n],
    [{ ...earliest, group_id: "own", enable_auto_commit: true }, "own", 2n, 3n],
    // Where it begins is a checkpoint, too.
    [{ ...earliest, group_id: "own", enable_auto_commit: false }, "own", 0n, 0n],
  ] as const) {
    const name = freshName();
    // The next checkpoint is that of the stop.
    const { broker, engine } = await reading(config, { name, options: { checkpointIntervalMs: 600_000 } });
    const committed = async (): Promise<bigint | undefined> =>
      (await broker.committed(group ?? `asp-${name}-consumer`, ["orders"])).get("orders")?.get(0);
    await broker.produce([json("orders", { _id: 1 }), json("orders", { _id: 2 })], everything);
    await engine.caughtUp();
    // Once it asks for the next batch, the first one has left.
    await broker.produce([json("orders", { _id: 3 })], everything);
    await engine.caughtUp();
    const before = (await committed()) ?? 0n;
    expect(before).toBeGreaterThanOrEqual(least);
    expect(before).toBeLessThanOrEqual(most);
    await engine.stop();
    expect(await committed()).toBe(3n);
  }
});

test("what a group of the pipeline's own has committed is where a processor without a checkpoint begins", async () => {
  const broker = createMemoryBroker({ now: Date.now });
  await broker.produce(
    [1, 2, 3].map((_id) => json("orders", { _id })),
    everything,
  );
  const at = new Map([["orders", new Map([[0, 2n]])]]);
  const name = freshName();
  await broker.commit("own", at);
  await broker.commit(`asp-${name}-consumer`, at);
  const own = await reading({ ...earliest, group_id: "own" }, { broker });
  const other = await reading(earliest, { broker, name });
  await own.engine.caughtUp();
  await other.engine.caughtUp();
  expect((await own.found()).map(({ _id }) => Number(_id))).toEqual([3]);
  expect((await other.found()).map(({ _id }) => Number(_id))).toEqual([1, 2, 3]);
});

test("partitions that are added while it runs are read too", { timeout: 30_000 }, async () => {
  const { broker, engine, found } = await reading(earliest);
  await engine.caughtUp();
  broker.createTopic("orders", 2);
  await broker.produce([json("orders", { _id: "new" }, { partition: 1 })], everything);
  await vi.waitFor(async () => expect(await found()).toEqual([{ _id: "new" }]), { timeout: 20_000 });
  await engine.stop();
});

test("where a new partition begins is stored before it is read, so that a crash loses nothing of it", async () => {
  const name = freshName();
  const { broker, engine, found } = await reading({}, { name, options: { checkpointIntervalMs: 60_000 } });
  broker.createTopic("orders", 2);
  const checkpoint = (): Promise<Document | null> =>
    mongod.client
      .db(mongod.db)
      .collection("asp_checkpoints")
      .findOne({ _id: name as never });
  const seen = async (): Promise<unknown> => (await checkpoint())?.["position"]["offsets"]["orders"]["1"];
  await vi.waitFor(async () => expect(await seen()).toEqual(0), { timeout: 8000 });
  await broker.produce([json("orders", { _id: "new" }, { partition: 1 })], everything);
  await vi.waitFor(async () => expect(await found()).toHaveLength(1));
  await engine.kill();
  const again = await reading({}, { name, broker, coll: name });
  await again.engine.caughtUp();
  expect(again.engine.stats()[0]).toMatchObject({ state: "STARTED", input: 1 });
  await again.engine.stop();
});

test("a checkpoint that retention has overtaken is a failure that says so", async () => {
  const broker = createMemoryBroker({ now: Date.now });
  await broker.produce(
    [1, 2].map((_id) => json("orders", { _id })),
    everything,
  );
  const name = freshName();
  const first = await reading(earliest, { broker, name });
  await first.engine.caughtUp();
  await first.engine.stop();
  await broker.produce(
    [3, 4].map((_id) => json("orders", { _id })),
    everything,
  );
  broker.deleteBefore("orders", 0, 3n);
  const second = await reading(earliest, { broker, name });
  await second.engine.ended;
  expect(second.engine.stats()[0]).toMatchObject({
    state: "FAILED",
    error: {
      code: "ASP5122",
      message: expect.stringContaining("Partition 0 of the topic `orders` no longer holds offset 2") as string,
    },
  });
});

test("a topic that is not there fails the processor and is named", async () => {
  const broker = createMemoryBroker({ now: Date.now, createsTopics: false });
  const { engine } = await reading({}, { broker });
  expect(engine.stats()[0]).toMatchObject({
    state: "FAILED",
    error: { code: "ASP5121", message: "There is no topic `orders`" },
  });
});

test("redelivered and one by one, it comes to the same", async () => {
  const messages = Array.from({ length: 40 }, (_, _id) => json("orders", { _id, n: 1 }));
  for (const faults of [{}, { redeliver: true }, { onePerBatchUntil: 30 }]) {
    const broker = createMemoryBroker({ now: Date.now });
    broker.createTopic("orders", 3);
    await broker.produce(messages, everything);
    const { engine, found } = await reading(earliest, { broker, options: { faults } });
    await engine.caughtUp();
    expect((await found()).map(({ _id }) => Number(_id))).toEqual(messages.map((_, index) => index));
    await engine.stop();
  }
});

const at = (timestampMs: number, partition: number) => json("orders", {}, { timestampMs, partition });

test("a window waits for the slowest partition, also for one without messages", async () => {
  const broker = createMemoryBroker({ now: Date.now });
  broker.createTopic("orders", 2);
  const interval = { size: 1, unit: "minute" };
  const pipeline = [{ $group: { _id: "all", count: { $sum: 1 } } }];
  const { engine, found } = await reading(earliest, { broker, stages: [{ $tumblingWindow: { interval, pipeline } }] });
  await broker.produce([at(1_000, 0), at(2_000, 0), at(600_000, 0)], everything);
  await engine.caughtUp();
  expect(await found()).toEqual([]);
  await broker.produce([at(3_000, 1), at(600_000, 1)], everything);
  await engine.caughtUp();
  expect(await found()).toEqual([{ _id: "all", count: new Int32(3) }]);
});

const minuteWindow = {
  $tumblingWindow: {
    interval: { size: 1, unit: "minute" },
    pipeline: [{ $group: { _id: { $meta: "stream.window.start" }, count: { $sum: 1 } } }],
  },
};
const idleAfter = { partitionIdleTimeout: { size: 30, unit: "second" } };

test("a partition that is idle for `partitionIdleTimeout` lets windows close, and is in time again once it has messages", async () => {
  const broker = createMemoryBroker({ now: Date.now });
  broker.createTopic("orders", 2);
  const time = { ms: 1_000_000 };
  const options = { clock: () => time.ms };
  const { engine, found } = await reading(earliest, { broker, source: idleAfter, stages: [minuteWindow], options });
  const settle = async (): Promise<void> => {
    await engine.tick();
    await engine.caughtUp();
  };
  await broker.produce([at(1_000, 0), at(600_000, 0), at(2_000, 1)], everything);
  await engine.caughtUp();
  expect(await found()).toEqual([]);
  time.ms += 29_999;
  await broker.produce([at(601_000, 0)], everything);
  await engine.caughtUp();
  await settle();
  expect(await found()).toEqual([]);
  time.ms += 1;
  await settle();
  expect(await found()).toEqual([{ _id: new Date(0), count: new Int32(2) }]);
  // It counts again: what comes from the other one alone closes nothing.
  await broker.produce([at(602_000, 1)], everything);
  await engine.caughtUp();
  await broker.produce([at(900_000, 0)], everything);
  await engine.caughtUp();
  await settle();
  expect(await found()).toHaveLength(1);
});

test("how long a partition was idle by the checkpoint counts after a restart, and the time between does not", async () => {
  const broker = createMemoryBroker({ now: Date.now });
  broker.createTopic("orders", 2);
  const time = { ms: 1_000_000 };
  const name = freshName();
  const start = () =>
    reading(earliest, {
      ...{ broker, name, coll: name, source: idleAfter, stages: [minuteWindow] },
      options: { clock: () => time.ms },
    });
  const first = await start();
  await broker.produce([at(1_000, 0), at(2_000, 1)], everything);
  await first.engine.caughtUp();
  time.ms += 20_000;
  await broker.produce([at(600_000, 0)], everything);
  await first.engine.caughtUp();
  await first.engine.stop();
  time.ms += 3_600_000;
  const { engine, found } = await start();
  await engine.tick();
  await engine.caughtUp();
  expect(await found()).toEqual([]);
  time.ms += 9_999;
  await engine.tick();
  await engine.caughtUp();
  expect(await found()).toEqual([]);
  time.ms += 1;
  await engine.tick();
  await engine.caughtUp();
  expect(await found()).toEqual([{ _id: new Date(0), count: new Int32(2) }]);
});

test("`timeField` reads the message", async () => {
  const stages = [{ $addFields: { ts: { $meta: "stream.source.ts" } } }];
  const source = { timeField: { $toDate: "$at" } };
  const { broker, engine, found, letters } = await reading(earliest, { stages, source });
  await broker.produce(
    [json("orders", { _id: 1, at: 1_700_000_000_000 }), json("orders", { _id: 2, at: "x" })],
    everything,
  );
  await engine.caughtUp();
  expect(await found()).toMatchObject([{ _id: new Int32(1), ts: new Date(1_700_000_000_000) }]);
  expect(await letters()).toMatchObject([{ operatorName: "$source", doc: { _id: new Int32(2) } }]);
});

test("keys and headers of bytes are converted by $convert, where they are no number to the dead letters, and in a window alike", async () => {
  const broker = createMemoryBroker({ now: () => 5_000 });
  const number = (value: number, bytes = 4): Uint8Array => {
    const key = Buffer.alloc(bytes);
    key.writeIntBE(value, 0, Math.min(bytes, 6));
    return key;
  };
  const headers = (value: number) => [{ key: "retry", value: number(value, 2) }];
  await broker.produce(
    [
      json("orders", { n: 1 }, { key: number(-7), headers: headers(3), timestampMs: 1_000 }),
      json("orders", { n: 2 }, { key: number(1, 3), headers: headers(3), timestampMs: 2_000 }),
      json("orders", { n: 3 }, { key: number(8), headers: headers(-1), timestampMs: 3_000 }),
    ],
    everything,
  );
  const key = { $convert: { input: { $meta: "stream.source.key" }, to: "int", byteOrder: "big" } };
  const retry = {
    $convert: { input: { $first: { $meta: "stream.source.headers.v" } }, to: "int", byteOrder: "big", onError: "none" },
  };
  const stages = [{ $set: { _id: key, retry, _ts: "$$REMOVE" } }];
  const { engine, found, letters } = await reading(earliest, { broker, stages });
  await engine.caughtUp();
  expect(await found()).toEqual([
    { _id: new Int32(-7), n: new Int32(1), retry: new Int32(3) },
    { _id: new Int32(8), n: new Int32(3), retry: new Int32(-1) },
  ]);
  const [letter, ...others] = await letters();
  expect(others).toEqual([]);
  expect(letter).toMatchObject({
    operatorName: "$set",
    errInfo: { reason: expect.stringContaining("3 bytes are no int") },
  });

  const windowed = await reading(earliest, {
    broker,
    stages: [
      {
        $tumblingWindow: {
          interval: { size: 1, unit: "second" },
          allowedLateness: 0,
          pipeline: [{ $group: { _id: { $convert: { input: { $toString: "$n" }, to: "binData", format: "utf8" } } } }],
        },
      },
    ],
  });
  await windowed.engine.caughtUp();
  expect((await windowed.found()).map(({ _id }) => _id as unknown)).toEqual([
    new Binary(Buffer.from("1")),
    new Binary(Buffer.from("2")),
  ]);
});
