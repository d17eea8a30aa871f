import type { Document } from "bson";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { splitsEvents } from "../../../src/engine/core/split-events.ts";
import type { ProcessorStats } from "../../../src/engine/engine.ts";
import { connectMongod, type TestDatabase } from "../../support/mongod.ts";
import { dlq, freshName, hasSplitStage, mergeInto, run } from "../support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const images = { changeStreamPreAndPostImages: { enabled: true } };
const noImages = { changeStreamPreAndPostImages: { enabled: false } };
const big = (megabytes: number): string => "x".repeat(megabytes * 1024 * 1024);

/** Runs until the processor has FAILED, or has caught up. */
async function observe(
  config: Document,
  write: (events: ReturnType<typeof collectionOf>, db: string, coll: string) => Promise<unknown>,
): Promise<{
  readonly stats: ProcessorStats | undefined;
  readonly types: readonly unknown[];
  readonly letters: readonly Document[];
}> {
  const [db, coll, out] = [mongod.freshDb(), freshName(), freshName()];
  await mongod.client.db(db).createCollection(coll, images);
  const engine = await run(mongod, [
    {
      name: out,
      pipeline: [
        { $source: { connectionName: "c", db, coll, config } },
        { $project: { _id: "$_id._data", operationType: 1 } },
        mergeInto(mongod.db, out),
      ],
      options: dlq(mongod.db, `${out}_dlq`),
    },
  ]);
  await write(collectionOf(db, coll), db, coll);
  await Promise.race([engine.ended, engine.caughtUp()]);
  const found = await mongod.client.db(mongod.db).collection(out).find().sort({ _id: 1 }).toArray();
  const letters = await mongod.client.db(mongod.db).collection(`${out}_dlq`).find().toArray();
  return { stats: engine.stats()[0], types: found.map(({ operationType }) => operationType), letters };
}

const collectionOf = (db: string, coll: string) => mongod.client.db(db).collection<Document>(coll);
const one = { _id: 1 as never };

describe("an image that is required and missing FAILs the processor and names the event", () => {
  const withoutImages = (db: string, coll: string): Promise<unknown> =>
    mongod.client.db(db).command({ collMod: coll, ...noImages });

  test("fullDocument of an update", async () => {
    const { stats, types } = await observe({ fullDocument: "required" }, async (events, db, coll) => {
      await events.insertOne({ ...one, a: 1 });
      await events.updateOne(one, { $set: { a: 2 } });
      await withoutImages(db, coll);
      await events.insertOne({ _id: 2 as never });
      await events.updateOne({ _id: 2 as never }, { $set: { a: 3 } });
    });
    expect(stats).toMatchObject({ state: "FAILED", error: { code: "ASP5104" } });
    expect(stats?.error?.message).toContain('(update of {"_id":2})');
    expect(types).toEqual(["insert", "update", "insert"]);
  });

  test.each([
    ["update", (events: ReturnType<typeof collectionOf>) => events.updateOne(one, { $set: { a: 2 } })],
    ["replace", (events: ReturnType<typeof collectionOf>) => events.replaceOne(one, { a: 2 })],
    ["delete", (events: ReturnType<typeof collectionOf>) => events.deleteOne(one)],
  ])("fullDocumentBeforeChange of a %s", async (type, change) => {
    const { stats, types } = await observe({ fullDocumentBeforeChange: "required" }, async (events, db, coll) => {
      await events.insertOne({ ...one, a: 1 });
      await withoutImages(db, coll);
      await change(events);
    });
    expect(stats).toMatchObject({ state: "FAILED", error: { code: "ASP5104" } });
    expect(stats?.error?.message).toContain(`(${type} of {"_id":1})`);
    expect(types).toEqual(["insert"]);
  });

  test("unless the filter leaves such events out", async () => {
    const config = { fullDocument: "required", pipeline: [{ $match: { operationType: { $ne: "update" } } }] };
    const { stats, types } = await observe(config, async (events, db, coll) => {
      await withoutImages(db, coll);
      await events.insertOne({ ...one, a: 1 });
      await events.updateOne(one, { $set: { a: 2 } });
      await events.replaceOne(one, { a: 3 });
    });
    expect(stats?.error).toBeUndefined();
    expect(types).toEqual(["insert", "replace"]);
  });
});

test("a delete has no document after it, and flows where that is required", async () => {
  const { stats, types } = await observe({ fullDocument: "required" }, async (events, db, coll) => {
    await mongod.client.db(db).command({ collMod: coll, ...noImages });
    await events.insertOne({ ...one, a: 1 });
    await events.deleteOne(one);
  });
  expect(stats?.error).toBeUndefined();
  expect(types).toEqual(["insert", "delete"]);
});

describe("an event larger than 16 MB", () => {
  const both = { fullDocument: "required", fullDocumentBeforeChange: "required" };

  test("is named where the server cannot cut it, and not one that the filter leaves out", async ({ skip }) => {
    if (await hasSplitStage(mongod)) skip();
    const config = { ...both, pipeline: [{ $match: { "documentKey._id": { $ne: 1 } } }] };
    const { stats, types } = await observe(config, async (events) => {
      await events.insertOne({ ...one, a: 1 });
      await events.insertOne({ _id: 2 as never, t: big(9) });
      await events.updateOne(one, { $set: { a: 2 } });
      await events.updateOne(one, { $set: { a: 3 } });
      await events.updateOne({ _id: 2 as never }, { $set: { a: 1 } });
    });
    expect(stats).toMatchObject({ state: "FAILED", error: { code: "ASP5103" } });
    expect(stats?.error?.message).toContain('(update of {"_id":2})');
    expect(stats?.error?.help).toContain("$project");
    expect(types).toEqual(["insert"]);
  });

  test("is a dead letter where the server cuts it: whole again, no command holds it", async ({ skip }) => {
    if (!(await hasSplitStage(mongod))) skip();
    const { stats, types, letters } = await observe(both, async (events) => {
      await events.insertOne({ ...one, t: big(9) });
      await events.updateOne(one, { $set: { a: 1 } });
      await events.insertOne({ _id: 2 as never });
    });
    expect(stats).toMatchObject({ state: "STARTED", deadLetters: 1 });
    expect(types).toEqual(["insert", "insert"]);
    expect(letters).toMatchObject([{ operatorName: "$project", errInfo: { note: expect.stringContaining("16 MB") } }]);
  });

  test("is asked for whole of the servers that have the stage for it, and of no others", async () => {
    const { version } = await mongod.client.db("admin").command({ buildInfo: 1 });
    expect(splitsEvents(String(version))).toBe(await hasSplitStage(mongod));
  });

  test("is delivered where the change stream leaves out what is large, as the message says", async () => {
    const config = { ...both, pipeline: [{ $project: { "fullDocumentBeforeChange.t": 0 } }] };
    const { stats, types } = await observe(config, async (events) => {
      await events.insertOne({ ...one, t: big(9) });
      await events.updateOne(one, { $set: { a: 1 } });
    });
    expect(stats?.error).toBeUndefined();
    expect(types).toEqual(["insert", "update"]);
  });
});
