import { Int32, type Document } from "bson";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Written } from "../../src/engine/engine.ts";
import type { Broker } from "../../src/engine/kafka/broker.ts";
import { createMemoryBroker } from "../../src/engine/kafka/memory-broker.ts";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";
import { connectionsWith, everything, json } from "./kafka/support.ts";
import { dlq, eventsOf, freshName, mergeInto, run, runToEnd } from "./support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const minute = { size: 1, unit: "minute" };
const grouped = [{ $group: { _id: "$_id", n: { $sum: 1 } } }];

test("each operator counts what it takes, gives and refuses", async () => {
  const coll = freshName();
  const engine = await run(mongod, [
    {
      name: coll,
      pipeline: [
        eventsOf(mongod.db, coll),
        { $match: { a: { $ne: 0 } } },
        { $set: { b: { $divide: [10, "$a"] } } },
        { $validate: { validator: { a: { $lt: 4 } }, validationAction: "dlq" } },
        { $project: { b: 1 } },
        mergeInto(mongod.db, freshName()),
      ],
      options: dlq(mongod.db, freshName()),
    },
  ]);
  const documents = [{ a: 0 }, { a: 1 }, { a: 2 }, { a: "x" }, { a: 4 }];
  await mongod.client.db(mongod.db).collection<Document>(coll).insertMany(documents);
  await engine.caughtUp();
  const [details] = await engine.details();
  expect(details).toMatchObject({ name: coll, state: "STARTED", input: 5, output: 2, deadLetters: 2 });
  expect(details?.operatorStats).toMatchObject([
    { name: "ChangeStreamConsumerOperator", input: 5, output: 5, deadLetters: 0 },
    { name: "MatchOperator+SetOperator", input: 5, output: 3, deadLetters: 1 },
    { name: "ValidateOperator", input: 3, output: 2, deadLetters: 1 },
    { name: "ProjectOperator", input: 2, output: 2, deadLetters: 0 },
    { name: "MergeOperator", input: 2, output: 2, deadLetters: 0 },
  ]);
  expect(details?.bytes.input).toBeGreaterThan(5 * 100);
  expect(details?.bytes.output).toBeGreaterThan(2 * 20);
  expect(details?.bytes.deadLetters).toBeGreaterThan(2 * 100);
  expect(details?.latency).toMatchObject({ count: 5 });
  expect(details?.changeStream?.behindSeconds).toBeLessThan(5);
});

test("stages that the change stream runs are counted too", async () => {
  const coll = freshName();
  const engine = await run(mongod, [
    {
      name: coll,
      pipeline: [
        eventsOf(mongod.db, coll),
        { $replaceWith: { _id: "$_id", a: "$a" } },
        mergeInto(mongod.db, freshName()),
      ],
    },
  ]);
  await mongod.client
    .db(mongod.db)
    .collection<Document>(coll)
    .insertMany([{ a: 1 }, { a: 2 }]);
  await engine.caughtUp();
  const [details] = await engine.details();
  expect(details?.operatorStats).toMatchObject([
    { name: "ChangeStreamConsumerOperator", input: 2, output: 2 },
    { name: "ReplaceWithOperator", input: 2, output: 2 },
    { name: "MergeOperator", input: 2, output: 2 },
  ]);
});

test("a window tells its watermark, what it keeps, and its first and last open window", async () => {
  const at = (minutes: number): Date => new Date(Date.UTC(2026, 0, 5, 12, minutes));
  const source = freshName();
  const engine = await run(mongod, [
    {
      name: source,
      pipeline: [
        {
          $source: {
            connectionName: "c",
            db: mongod.db,
            coll: source,
            config: { fullDocumentOnly: true },
            timeField: "$fullDocument.at",
          },
        },
        { $hoppingWindow: { interval: { size: 2, unit: "minute" }, hopSize: minute, pipeline: grouped } },
        mergeInto(mongod.db, freshName()),
      ],
    },
  ]);
  const events = mongod.client.db(mongod.db).collection<Document>(source);
  await events.insertMany([{ at: at(0) }, { at: at(5) }, { at: at(7) }]);
  await engine.caughtUp();
  const kept = mongod.client.db(mongod.db).collection(`asp_window.${source}`);
  await expect.poll(() => kept.countDocuments()).toBe(2);
  const [details] = await engine.details();
  expect(details?.window).toMatchObject({
    watermarkMs: at(7).getTime(),
    minOpenStartMs: at(5).getTime(),
    maxOpenStartMs: at(7).getTime(),
  });
  expect(details?.window?.stateBytes).toBeGreaterThan(100);
  expect(details?.operatorStats[1]).toMatchObject({ name: "HoppingWindowOperator", input: 3, output: 3 });
});

test("each partition of a topic tells where the processor is in it, and how far behind", async () => {
  const broker = createMemoryBroker({ now: () => 1000 });
  broker.createTopic("orders", 3);
  const clock = { ms: 10_000 };
  const send = (partition: number, ...atMs: readonly number[]): Promise<unknown> =>
    broker.produce(
      atMs.map((at) => json("orders", { at: new Date(at).toISOString() }, { partition, timestampMs: at })),
      everything,
    );
  await send(0, 1000, 3000);
  await send(1, 2000);
  const idle = { size: 30, unit: "second" };
  const config = { auto_offset_reset: "earliest" };
  const $source = { connectionName: "bus", topic: "orders", partitionIdleTimeout: idle, config };
  const window = { $tumblingWindow: { interval: minute, pipeline: [{ $group: { _id: null, n: { $count: {} } } }] } };
  const coll = freshName();
  const pipeline = [{ $source }, window, { $set: { _id: "all" } }, mergeInto(mongod.db, coll)];
  const engine = await run(mongod, [{ name: coll, pipeline }], {
    connections: connectionsWith(broker),
    clock: () => clock.ms,
    checkpointIntervalMs: 3_600_000,
  });
  const partitions = async (): Promise<unknown> => (await engine.details())[0]?.kafkaPartitions;
  await engine.caughtUp();
  const common = { topic: "orders", checkpointOffset: 0n, partitionOffsetLag: 0n, isIdle: false };
  expect(await partitions()).toEqual([
    { ...common, partition: 0, currentOffset: 2n, watermarkMs: 3000 },
    { ...common, partition: 1, currentOffset: 1n, watermarkMs: 2000 },
    { ...common, partition: 2, currentOffset: 0n },
  ]);
  clock.ms += 31_000;
  await send(1, 4000);
  await engine.caughtUp();
  expect(await partitions()).toMatchObject([{ isIdle: true }, { isIdle: false, currentOffset: 2n }, { isIdle: true }]);
  await engine.stop();
  await send(0, 5000, 6000, 7000);
  expect(await partitions()).toMatchObject([
    { currentOffset: 2n, checkpointOffset: 2n, partitionOffsetLag: 3n },
    { currentOffset: 2n, checkpointOffset: 2n, partitionOffsetLag: 0n },
    { currentOffset: 0n, checkpointOffset: 0n, partitionOffsetLag: 0n },
  ]);
});

test("statistics are given while the brokers do not answer, without what only they know", async () => {
  const broker = createMemoryBroker({ now: () => 1000 });
  broker.createTopic("orders", 1);
  let isAway = false;
  const bus: Broker = {
    ...broker,
    offsets: (topics, at) => (isAway ? new Promise(() => undefined) : broker.offsets(topics, at)),
  };
  const coll = freshName();
  const pipeline = [{ $source: { connectionName: "bus", topic: "orders" } }, mergeInto(mongod.db, coll)];
  const engine = await run(mongod, [{ name: coll, pipeline }], { connections: connectionsWith(bus) });
  await engine.caughtUp();
  isAway = true;
  const [details] = await engine.details();
  expect(details?.kafkaPartitions).toEqual([
    { topic: "orders", partition: 0, currentOffset: 0n, checkpointOffset: 0n, isIdle: false },
  ]);
});

test("a throttle counts how often documents waited and how long, each stage for itself", async () => {
  const documents = Array.from({ length: 30 }, (_, _id) => ({ _id }));
  const coll = freshName();
  const throttles = [{ $throttle: { messagesPerSec: 20 } }, { $throttle: { messagesPerSec: 100_000 } }];
  const engine = await run(mongod, [
    { name: coll, pipeline: [{ $source: { documents } }, ...throttles, mergeInto(mongod.db, coll)] },
  ]);
  expect((await engine.details())[0]?.throttle?.events).toBeLessThan(30);
  await engine.ended;
  const [details] = await engine.details();
  const [slow, fast] = (details?.operatorStats ?? []).filter(({ name }) => name === "ThrottleOperator");
  expect(fast?.throttle).toEqual({ throttledMs: 0, events: 0 });
  // A pause that took longer than it had to lets more than one pass.
  expect(slow?.throttle?.events).toBeGreaterThan(0);
  expect(slow?.throttle?.events).toBeLessThanOrEqual(10);
  expect(slow?.throttle?.throttledMs).toBeGreaterThan(0);
  expect(details?.throttle).toEqual(slow?.throttle);
});

test("a processor without a throttle and without topics has no statistics of them", async () => {
  const coll = freshName();
  const engine = await run(mongod, [{ name: coll, pipeline: [eventsOf(mongod.db, coll), mergeInto(mongod.db, coll)] }]);
  const [details] = await engine.details();
  expect(Object.keys(details ?? {})).not.toContain("throttle");
  expect(Object.keys(details ?? {})).not.toContain("kafkaPartitions");
});

test("a processor whose windows outgrow its tier is FAILED, with its checkpoint where it was", async () => {
  const documents = Array.from({ length: 20 }, (_, index) => ({ _id: index, text: "x".repeat(1000) }));
  const [stats] = await runToEnd(
    mongod,
    [
      {
        name: freshName(),
        pipeline: [
          { $source: { documents } },
          { $tumblingWindow: { interval: { size: 1, unit: "hour" }, pipeline: grouped } },
          mergeInto(mongod.db, freshName()),
        ],
      },
    ],
    { mostStateBytes: 10_000, checkpointIntervalMs: 0 },
  );
  expect(stats).toMatchObject({ state: "FAILED", error: { code: "ASP5190" } });
  expect(stats?.error?.message).toMatch(/^Worker out of memory: the windows of `\w+` hold \d+ bytes/);
});

test("whoever watches is given documents and dead letters after they were written, also without a queue", async () => {
  const seen: Written[] = [];
  await runToEnd(
    mongod,
    [
      {
        name: "watched",
        pipeline: [{ $source: { documents: [{ a: 1 }, { a: 0 }] } }, { $set: { b: { $divide: [1, "$a"] } } }],
      },
    ],
    {
      onWritten: (written) => {
        seen.push(written);
        return undefined;
      },
    },
  );
  expect(seen.flatMap(({ documents }) => documents()).length).toBe(1);
  expect(seen.flatMap(({ letters }) => letters)).toMatchObject([
    { processorName: "watched", operatorName: "$set", doc: { a: new Int32(0) } },
  ]);
});
