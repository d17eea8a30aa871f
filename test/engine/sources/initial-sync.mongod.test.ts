import {
  Binary,
  Decimal128,
  deserialize,
  Double,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
  type Document,
} from "bson";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { embedBson } from "../../../src/engine/embed-bson.ts";
import { connectMongod, type TestDatabase } from "../../support/mongod.ts";
import { freshName, mergeInto, run, storedBytes } from "../support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const soon = (ms = 2): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const documents = (from: number, count: number, more: Document = {}): Document[] =>
  Array.from({ length: count }, (_, index) => ({ _id: from + index, a: 0, ...more }));

/** Keeps a copy of collections, deletes included, one collection after the other in the same target. */
function replicate(out: string, db: string, coll: unknown, more: Document = {}) {
  const isDelete = { $eq: [{ $meta: "stream.source.operationType" }, "delete"] };
  return {
    name: out,
    pipeline: [
      {
        $source: {
          connectionName: "c",
          db,
          coll,
          config: { fullDocument: "updateLookup", pipeline: [{ $match: { documentKey: { $exists: true } } }] },
          initialSync: { enable: true },
          ...more,
        },
      },
      { $match: { $expr: { $or: [isDelete, { $eq: [{ $type: "$fullDocument" }, "object"] }] } } },
      { $replaceWith: { $ifNull: ["$fullDocument", "$documentKey"] } },
      mergeInto(mongod.db, out, {
        whenMatched: { $cond: [isDelete, "delete", "replace"] },
        whenNotMatched: { $cond: [isDelete, "discard", "insert"] },
      }),
    ],
  };
}

const collectionOf = (db: string, coll: string) => mongod.client.db(db).collection<Document>(coll);

test("collections are copied one after the other in the order of `_id`, whatever `parallelism` says", async () => {
  const [db, out] = [mongod.freshDb(), freshName()];
  await collectionOf(db, "a").insertMany(documents(0, 2500).toReversed());
  await collectionOf(db, "b").insertMany(documents(5000, 2500).toReversed());
  const copied: number[] = [];
  const initialSync = { enable: true, parallelism: 8 };
  const engine = await run(mongod, [replicate(out, db, ["a", "b"], { initialSync })], {
    onWritten: async (written) => {
      for (const bson of written.documents()) copied.push(Number(deserialize(bson)["_id"]));
    },
  });
  await engine.caughtUp();
  expect(copied).toEqual([...documents(0, 2500), ...documents(5000, 2500)].map(({ _id }) => Number(_id)));
});

describe("the stats of a copy", () => {
  test("count what has been written, for each collection and summed", async () => {
    const [db, out] = [mongod.freshDb(), freshName()];
    await collectionOf(db, "a").insertMany(documents(0, 1500));
    await collectionOf(db, "b").insertMany(documents(5000, 3));
    const engine = await run(mongod, [replicate(out, db, ["a", "b", "later"])]);
    await engine.caughtUp();
    const completed = (docs: number): Document => ({ estimatedDocs: docs, copiedDocs: docs, status: "completed" });
    expect(engine.stats()[0]?.initialSync).toEqual({
      targets: [
        { db, coll: "a", initialSync: completed(1500) },
        { db, coll: "b", initialSync: completed(3) },
      ],
      total: completed(1503),
    });
  });

  test("say where it is, and go on after a crash", async () => {
    const [db, out] = [mongod.freshDb(), freshName()];
    await collectionOf(db, "a").insertMany(documents(0, 4000));
    await collectionOf(db, "b").insertMany(documents(5000, 10));
    const first = await run(mongod, [replicate(out, db, ["a", "b"])], { checkpointIntervalMs: 0 });
    expect(first.stats()[0]?.initialSync?.total.status).toBe("in_progress");
    const copied = (): number => first.stats()[0]?.initialSync?.total.copiedDocs ?? 0;
    while (copied() === 0) await soon();
    await first.kill();
    const before = copied();
    const second = await run(mongod, [replicate(out, db, ["a", "b"])]);
    const { initialSync: resumed } = second.stats()[0] ?? {};
    expect(resumed?.total).toMatchObject({ estimatedDocs: 4010 });
    expect(resumed?.total.copiedDocs).toBeGreaterThan(0);
    await second.caughtUp();
    expect(second.stats()[0]?.initialSync?.targets.map(({ initialSync }) => initialSync.copiedDocs)).toEqual([
      4000, 10,
    ]);
    expect(second.stats()[0]?.input).toBeLessThanOrEqual(4010);
    expect(before).toBeGreaterThan(0);
    expect(await collectionOf(mongod.db, out).countDocuments()).toBe(4010);
  });

  test("a run that has nothing to copy any more has none", async () => {
    const [db, out] = [mongod.freshDb(), freshName()];
    await collectionOf(db, "a").insertMany(documents(0, 10));
    const first = await run(mongod, [replicate(out, db, "a")]);
    await first.caughtUp();
    await first.stop();
    const second = await run(mongod, [replicate(out, db, "a")]);
    await second.caughtUp();
    expect(second.stats()[0]?.initialSync).toBeUndefined();
    expect(second.stats()[0]?.input).toBe(0);
  });
});

describe("what cannot be copied FAILs the processor", () => {
  test("a view", async () => {
    const [db, out] = [mongod.freshDb(), freshName()];
    await collectionOf(db, "a").insertMany(documents(0, 10));
    await mongod.client.db(db).createCollection("v", { viewOn: "a", pipeline: [] });
    const engine = await run(mongod, [replicate(out, db, ["a", "v"])]);
    expect(engine.stats()[0]).toMatchObject({
      state: "FAILED",
      input: 0,
      error: { code: "ASP5171", message: `\`initialSync\` cannot copy ${db}.v: it is a view` },
    });
  });

  test("a time series collection", async () => {
    const [db, out] = [mongod.freshDb(), freshName()];
    await mongod.client.db(db).createCollection("t", { timeseries: { timeField: "at" } });
    const engine = await run(mongod, [replicate(out, db, ["a", "t"])]);
    expect(engine.stats()[0]).toMatchObject({
      state: "FAILED",
      error: { code: "ASP5171", message: `\`initialSync\` cannot copy ${db}.t: it is a time series collection` },
    });
  });

  test("one that a filter fails over, whatever the others are like", async () => {
    const [db, out] = [mongod.freshDb(), freshName()];
    await collectionOf(db, "a").insertMany(documents(0, 10));
    await collectionOf(db, "b").insertMany(documents(0, 10, { a: "x" }));
    const config = { pipeline: [{ $set: { half: { $divide: ["$fullDocument.a", 2] } } }] };
    const engine = await run(mongod, [replicate(out, db, ["a", "b"], { config })]);
    await engine.ended;
    const [stats] = engine.stats();
    expect(stats).toMatchObject({ state: "FAILED", error: { code: "ASP5172" } });
    expect(stats?.error?.message).toContain(`\`initialSync\` cannot copy ${db}.b: `);
    expect(stats?.initialSync?.targets.map(({ initialSync }) => initialSync.status)).toEqual(["completed", "failed"]);
  });
});

test("the server stores no `_id` that could not be copied", async () => {
  const db = mongod.client.db(mongod.freshDb());
  // The driver writes null for it: `{ _id: undefined }` as BSON has it.
  const undefinedId = embedBson(Uint8Array.from([10, 0, 0, 0, 6, 0x5f, 0x69, 0x64, 0, 0]));
  for (const document of [{ _id: [1] }, { _id: /x/ }, undefinedId]) {
    const { writeErrors } = await db.command({ insert: "a", documents: [document] });
    expect(writeErrors).toHaveLength(1);
  }
});

test("every other type of `_id` is copied, and a crash in between loses none", async () => {
  const [db, out] = [mongod.freshDb(), freshName()];
  const ids = [
    ...[new MinKey(), null, Number.NaN, -1, 0.5, new Double(2), Long.fromString("9007199254740993"), "", "a", "B"],
    ...[
      Decimal128.fromString("1E+40"),
      {},
      { a: 1 },
      { a: [1] },
      new Binary(Buffer.from("x")),
      new ObjectId(),
      false,
      true,
    ],
    ...[new Date(0), new Date(1), new Timestamp({ t: 1, i: 1 }), new MaxKey()],
  ];
  await collectionOf(db, "a").insertMany(ids.map((_id) => ({ _id: _id as never, t: "x".repeat(500_000) })));
  for (let round = 0; round < 4; round += 1) {
    const engine = await run(mongod, [replicate(out, db, "a")], {
      checkpointIntervalMs: 0,
      faults: { onePerBatchUntil: 100 },
    });
    const enough = round * 4 + 1;
    while (
      (engine.stats()[0]?.output ?? 0) < enough &&
      (await collectionOf(mongod.db, out).countDocuments()) < ids.length
    )
      await soon();
    await engine.kill();
  }
  const engine = await run(mongod, [replicate(out, db, "a")]);
  await engine.caughtUp();
  expect(await storedBytes(mongod.client, mongod.db, out)).toEqual(await storedBytes(mongod.client, db, "a"));
});

test("a collection that is made during the copy is not copied: its changes come from its first document on", async () => {
  const [db, out] = [mongod.freshDb(), freshName()];
  await collectionOf(db, "a").insertMany(documents(0, 3000));
  const engine = await run(mongod, [replicate(out, db, ["a", "b"])]);
  await collectionOf(db, "b").insertMany(documents(9000, 5));
  await engine.caughtUp();
  expect(engine.stats()[0]?.initialSync?.targets.map(({ coll }) => coll)).toEqual(["a"]);
  expect(await collectionOf(mongod.db, out).countDocuments()).toBe(3005);
});

/** What may happen to a collection while it is copied. */
const write = fc.record({
  coll: fc.constantFrom("a", "b"),
  kind: fc.constantFrom("insert", "update", "replace", "delete"),
  key: fc.integer({ min: 0, max: 1500 }),
});
const end = fc.constantFrom("none", "kill", "stop");

test("whatever is written during the copy, and however often it is broken off, the end is the same", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(write, { maxLength: 40 }), fc.array(end, { maxLength: 3 }), async (writes, ends) => {
      const [db, out] = [mongod.freshDb(), freshName()];
      const offset = { a: 0, b: 10_000 } as Readonly<Record<string, number>>;
      await collectionOf(db, "a").insertMany(documents(0, 1200));
      await collectionOf(db, "b").insertMany(documents(10_000, 1200));
      let count = 0;
      const carryOut = async ({ coll, kind, key }: (typeof writes)[number]): Promise<void> => {
        const target = collectionOf(db, coll);
        const _id = ((offset[coll] ?? 0) + key) as never;
        count += 1;
        if (kind === "insert") await target.updateOne({ _id }, { $setOnInsert: { made: count } }, { upsert: true });
        else if (kind === "update") await target.updateOne({ _id }, { $set: { a: count } });
        else if (kind === "replace") await target.replaceOne({ _id }, { r: count });
        else await target.deleteOne({ _id });
      };
      let engine = await run(mongod, [replicate(out, db, ["a", "b"])], { checkpointIntervalMs: 0 });
      const part = Math.ceil(writes.length / (ends.length + 1));
      for (const [round, how] of [...ends, "none"].entries()) {
        for (const each of writes.slice(round * part, (round + 1) * part)) await carryOut(each);
        if (how === "none") continue;
        await (how === "kill" ? engine.kill() : engine.stop());
        engine = await run(mongod, [replicate(out, db, ["a", "b"])], { checkpointIntervalMs: 0 });
      }
      await engine.caughtUp();
      expect(engine.stats()[0]?.error).toBeUndefined();
      await engine.stop();
      const both = [...(await storedBytes(mongod.client, db, "a")), ...(await storedBytes(mongod.client, db, "b"))];
      expect(await storedBytes(mongod.client, mongod.db, out)).toEqual(both);
    }),
    { numRuns: 12 },
  );
});
