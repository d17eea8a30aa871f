import type { Document } from "bson";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Engine } from "../../src/engine/engine.ts";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";
import { dlq, eventsOf, freshName, mergeInto, run, runToEnd } from "./support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const at = new Date("2026-01-01T00:00:00Z");
const timeseries = { timeField: "at", metaField: "sensor" };

const emitTo = (db: unknown, coll: unknown, more: Document = {}): Document => ({
  $emit: { connectionName: "c", db, coll, ...more },
});

const read = (coll: string, db = mongod.db): Promise<readonly Document[]> =>
  mongod.client
    .db(db)
    .collection<Document>(coll)
    .find({}, { sort: { at: 1, i: 1 } })
    .toArray();

/** Emits inline documents; gives the collection's name and the dead letters. */
async function emit(documents: readonly Document[], target: Document = {}, coll = freshName()) {
  const letters = freshName();
  const { db, name, ...more } = { db: mongod.db, name: coll, timeseries, ...target };
  const pipeline = [{ $source: { documents } }, emitTo(db, name, more)];
  const [stats] = await runToEnd(mongod, [{ name: coll, pipeline, options: dlq(mongod.db, letters) }]);
  const dead = (await read(letters)).map(({ doc, operatorName, errInfo }) => ({
    i: doc.i,
    operatorName,
    reason: String(errInfo.reason),
  }));
  return { stats, coll, dead };
}

describe("$emit to a time series collection", () => {
  test("creates the collection with its options and inserts the documents", async () => {
    const { stats, coll } = await emit(
      [
        { at, sensor: "a", i: 1 },
        { at, sensor: "b", i: 2 },
      ],
      {
        timeseries: { ...timeseries, granularity: "minutes", bucketMaxSpanSeconds: 3600 },
      },
    );
    expect(stats).toMatchObject({ output: 2, deadLetters: 0 });
    const [info] = await mongod.client.db(mongod.db).listCollections({ name: coll }).toArray();
    expect(info).toMatchObject({
      type: "timeseries",
      options: { timeseries: { ...timeseries, granularity: "minutes" } },
    });
    expect(await read(coll)).toMatchObject([
      { at, sensor: "a", i: 1 },
      { at, sensor: "b", i: 2 },
    ]);
  });

  test("keeps a document's own _id and its types", async () => {
    const { coll } = await emit([{ _id: "own", at, i: 1 }]);
    expect(await read(coll)).toEqual([{ _id: "own", at, i: 1 }]);
  });

  test("takes a collection that is there, also without `timeseries`", async () => {
    const coll = freshName();
    await mongod.client.db(mongod.db).createCollection(coll, { timeseries: { timeField: "at" } });
    const { stats } = await emit([{ at, i: 1 }], { timeseries: undefined }, coll);
    expect(stats).toMatchObject({ output: 1, deadLetters: 0 });
  });

  test("a missing, null or wrong time is a dead letter, and the others are stored", async () => {
    const { coll, dead } = await emit([{ i: 1 }, { at: null, i: 2 }, { at, i: 3 }, { at: "now", i: 4 }]);
    expect((await read(coll)).map(({ i }) => i)).toEqual([3]);
    expect(dead.map(({ i }) => i)).toEqual([1, 2, 4]);
    for (const { operatorName, reason } of dead) {
      expect(operatorName).toBe("$emit");
      expect(reason).toContain("'at' must be present and contain a valid BSON UTC datetime value");
    }
  });

  test("a document of more than 4 MB is a dead letter; one just below is stored", async () => {
    const limit = 4 * 1024 * 1024;
    const { coll, dead } = await emit([
      { at, i: 1, text: "x".repeat(limit) },
      { at, i: 2, text: "x".repeat(limit - 200) },
    ]);
    expect((await read(coll)).map(({ i }) => i)).toEqual([2]);
    expect(dead).toMatchObject([{ i: 1, reason: expect.stringContaining("may have 4194304 bytes, found 41943") }]);
  });

  test("the name of the collection may come from the document", async () => {
    const base = freshName();
    const documents = [
      { at, i: 1, sensor: "a" },
      { at, i: 2, sensor: "b" },
      { at, i: 3, sensor: 5 },
      { at, i: 4 },
    ];
    const { dead } = await emit(documents, { name: { $concat: [`${base}_`, "$sensor"] } }, base);
    expect(await read(`${base}_a`)).toMatchObject([{ i: 1 }]);
    expect(await read(`${base}_b`)).toMatchObject([{ i: 2 }]);
    expect(dead.map(({ i }) => i)).toEqual([3, 4]);
    expect(dead[1]?.reason).toBe("$emit.coll must evaluate to a non-empty string, found null");
  });

  test("a computed name of a plain collection, or one that the server refuses, makes dead letters", async () => {
    const plain = freshName();
    await mongod.client.db(mongod.db).createCollection(plain);
    const documents = [plain, "a\0b", "system.views"].map((name, i) => ({ at, i, name }));
    const { stats, dead } = await emit(documents, { name: "$name" });
    expect(stats?.error).toBeUndefined();
    expect(dead.map(({ i }) => i)).toEqual([0, 1, 2]);
    expect(dead[0]?.reason).toBe("it is a plain collection");
    expect(await read(plain)).toEqual([]);
  });

  test.each([
    [
      "a plain collection",
      (coll: string) => mongod.client.db(mongod.db).createCollection(coll),
      timeseries,
      "it is a plain collection",
    ],
    [
      "a view",
      (coll: string) => mongod.client.db(mongod.db).createCollection(coll, { viewOn: "a" }),
      timeseries,
      "it is a view",
    ],
    ["none, without `timeseries`", async () => undefined, undefined, "it is not there"],
    [
      "one by another field",
      (coll: string) => mongod.client.db(mongod.db).createCollection(coll, { timeseries: { timeField: "ts" } }),
      timeseries,
      "it is a time series by `ts`",
    ],
    [
      "options that the server refuses",
      async () => undefined,
      { timeField: "at", metaField: "at" },
      "cannot be the same",
    ],
  ])("ASP5155 at the start: %s", async (_name, prepare, options, reason) => {
    const coll = freshName();
    await prepare(coll);
    const { stats } = await emit([{ at, i: 1 }], { timeseries: options }, coll);
    expect(stats).toMatchObject({ state: "FAILED", output: 0, error: { code: "ASP5155" } });
    expect(stats?.error?.message).toContain(reason);
  });

  test("many documents, of several megabytes together, are stored in several commands", async () => {
    const documents = Array.from({ length: 30 }, (_, i) => ({ at, i, text: "x".repeat(1024 * 1024) }));
    const source = freshName();
    const coll = freshName();
    const pipeline = [eventsOf(mongod.db, source), emitTo(mongod.db, coll, { timeseries: { timeField: "at" } })];
    const engine: Engine = await run(mongod, [{ name: coll, pipeline }]);
    await mongod.client.db(mongod.db).collection<Document>(source).insertMany(documents);
    await engine.caughtUp();
    expect(engine.stats()[0]).toMatchObject({ output: 30, deadLetters: 0 });
    expect((await read(coll)).map(({ i }) => i)).toEqual(documents.map(({ i }) => i));
  });
});

test("ASP5156: a $merge whose expression gives more than a thousand collections fails", async () => {
  const name = freshName();
  const documents = Array.from({ length: 1001 }, (_, i) => ({ _id: i, coll: `${name}_${i}` }));
  const pipeline = [{ $source: { documents } }, mergeInto(mongod.db, "$coll", { whenNotMatched: "discard" })];
  const [stats] = await runToEnd(mongod, [{ name, pipeline }]);
  expect(stats).toMatchObject({ state: "FAILED", error: { code: "ASP5156" } });
  expect(stats?.error?.message).toContain(`"${mongod.db}.${name}_1000"`);
});
