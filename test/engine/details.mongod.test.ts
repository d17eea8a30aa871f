import { Int32, type Document } from "bson";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Written } from "../../src/engine/engine.ts";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";
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
