import { type Document, serialize } from "bson";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";
import { dlq, eventsOf, freshName, mergeInto, run, runToEnd, stored } from "./support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const read = (coll: string, db = mongod.db): Promise<readonly Document[]> =>
  mongod.client
    .db(db)
    .collection<Document>(coll)
    .find({}, { sort: { _id: 1 } })
    .toArray();

/** Merges inline documents; gives what is stored and, per dead letter, which document and why. */
async function merge(
  documents: readonly Document[],
  options: Document = {},
  prepare: (coll: string) => Promise<unknown> = async () => undefined,
  into: { readonly db?: unknown; readonly coll?: unknown } = {},
) {
  const [coll, letters] = [freshName(), freshName()];
  await prepare(coll);
  const [stats] = await runToEnd(mongod, [
    {
      name: coll,
      pipeline: [{ $source: { documents } }, mergeInto(into.db ?? mongod.db, into.coll ?? coll, options)],
      options: dlq(mongod.db, letters),
    },
  ]);
  const dead = (await read(letters)).map(({ doc, operatorName, errInfo, _stream_meta }) => ({
    id: doc.i ?? doc._id,
    operatorName,
    reason: errInfo.reason,
    meta: _stream_meta,
  }));
  return { stats, coll, stored: await read(coll), dead };
}

describe("$merge", () => {
  test("a missing, null or array `on` value is refused as the server's $merge refuses it", async () => {
    const index = (coll: string): Promise<unknown> =>
      mongod.client.db(mongod.db).createIndex(coll, { "k.x": 1 }, { unique: true });
    const documents = [
      { k: { x: 1 }, i: 1 },
      { k: {}, i: 2 },
      { k: { x: null }, i: 3 },
      { k: { x: [1] }, i: 4 },
      { k: [{ x: 1 }], i: 5 },
      { i: 6 },
      { k: { x: 2 }, i: 7 },
    ];
    const { stored, dead } = await merge(documents, { on: "k.x" }, index);
    expect(stored.map(({ i }) => i)).toEqual([1, 7]);
    expect(dead.map(({ id }) => id)).toEqual([2, 3, 4, 5, 6]);
    expect(dead[0]).toMatchObject({ operatorName: "$merge", meta: { source: { type: "generated" } } });
    const own = mongod.client.db(mongod.db).command({
      aggregate: 1,
      pipeline: [
        { $documents: [{ i: 1 }] },
        { $merge: { into: stored.length > 0 ? await indexed(index) : "x", on: "k.x" } },
      ],
      cursor: {},
    });
    const refusal = await own.then(
      () => "",
      ({ message }: Error) => message,
    );
    expect(refusal).toContain(dead.at(-1)?.reason);
  });

  async function indexed(index: (coll: string) => Promise<unknown>): Promise<string> {
    const coll = freshName();
    await index(coll);
    return coll;
  }

  test("a document without _id gets one, whether merged on it or on another field", async () => {
    const index = (coll: string): Promise<unknown> =>
      mongod.client.db(mongod.db).createIndex(coll, { k: 1 }, { unique: true });
    const onKey = await merge(
      [
        { k: 1, a: 1 },
        { k: 1, a: 2 },
      ],
      { on: "k" },
      index,
    );
    expect(onKey.stored).toMatchObject([{ k: 1, a: 2 }]);
    expect(onKey.stored[0]?.["_id"]).toBeDefined();
    const onId = await merge([{ a: 1 }, { a: 2 }]);
    expect(onId.stored.map(({ a }) => a)).toEqual([1, 2]);
  });

  test("changing the _id of a stored document is refused", async () => {
    const index = (coll: string): Promise<unknown> =>
      mongod.client.db(mongod.db).createIndex(coll, { k: 1 }, { unique: true });
    const { stored, dead } = await merge(
      [
        { _id: 1, k: 1 },
        { _id: 2, k: 1, i: 2 },
      ],
      { on: "k", whenMatched: "replace" },
      index,
    );
    expect(stored).toEqual([{ _id: 1, k: 1 }]);
    expect(dead).toMatchObject([{ id: 2, reason: expect.stringContaining("(immutable) field '_id'") }]);
    expect(dead[0]?.reason).not.toMatch(/error during/);
  });

  test.each([
    [
      "replace",
      "insert",
      [
        { _id: 1, b: 2 },
        { _id: 9, b: 2 },
      ],
    ],
    ["replace", "discard", [{ _id: 1, b: 2 }]],
    [
      "merge",
      "insert",
      [
        { _id: 1, a: 1, b: 2 },
        { _id: 9, b: 2 },
      ],
    ],
    ["merge", "discard", [{ _id: 1, a: 1, b: 2 }]],
    [
      "keepExisting",
      "insert",
      [
        { _id: 1, a: 1 },
        { _id: 9, b: 2 },
      ],
    ],
    ["keepExisting", "discard", [{ _id: 1, a: 1 }]],
    ["delete", "insert", [{ _id: 9, b: 2 }]],
    ["delete", "discard", []],
  ])(
    "whenMatched %s with whenNotMatched %s, also where expressions say so",
    async (whenMatched, whenNotMatched, expected) => {
      const before = (coll: string): Promise<unknown> =>
        mongod.client
          .db(mongod.db)
          .collection<Document>(coll)
          .insertOne({ _id: 1 as never, a: 1 });
      const documents = [
        { _id: 1, b: 2 },
        { _id: 9, b: 2 },
      ];
      expect((await merge(documents, { whenMatched, whenNotMatched }, before)).stored).toEqual(expected);
      const modes = {
        whenMatched: { $concat: [whenMatched, ""] },
        whenNotMatched: { $cond: [true, whenNotMatched, ""] },
      };
      expect((await merge(documents, modes, before)).stored).toEqual(expected);
    },
  );

  test("deletes and inserts of one key keep their order within a batch", async () => {
    const isGone = { $cond: ["$gone", "delete", "replace"] };
    const documents = [
      { _id: 1, n: 1 },
      { _id: 1, gone: true },
      { _id: 1, n: 2 },
      { _id: 2, n: 1 },
      { _id: 2, gone: true },
    ];
    const { stored } = await merge(documents, {
      whenMatched: isGone,
      whenNotMatched: { $cond: ["$gone", "discard", "insert"] },
    });
    expect(stored).toEqual([{ _id: 1, n: 2 }]);
  });

  test("into may be told by each document, and one that cannot say it is a dead letter", async () => {
    const prefix = freshName();
    const into = { db: { $concat: [mongod.db, "$suffix"] }, coll: { $concat: [`${prefix}_`, "$to"] } };
    const documents = [
      { _id: 1, to: "a", suffix: "" },
      { _id: 2, to: "b", suffix: "" },
      { _id: 3, suffix: "" },
      { _id: 4, to: 5, suffix: "" },
      { _id: 5, to: "a", suffix: "" },
    ];
    const { dead } = await merge(documents, {}, undefined, into);
    expect((await read(`${prefix}_a`)).map(({ _id }) => _id)).toEqual([1, 5]);
    expect((await read(`${prefix}_b`)).map(({ _id }) => _id)).toEqual([2]);
    expect(dead).toMatchObject([
      { id: 4, operatorName: "$merge", reason: expect.stringContaining("$concat only supports strings") },
      {
        id: 3,
        operatorName: "$merge",
        reason: expect.stringContaining("into.coll must evaluate to a non-empty string"),
      },
    ]);
  });

  test("a mode that is none is a dead letter", async () => {
    const { dead, stored } = await merge([{ _id: 1, m: "fail" }, { _id: 2, m: "merge" }, { _id: 3 }], {
      whenMatched: "$m",
    });
    expect(stored.map(({ _id }) => _id)).toEqual([2]);
    expect(dead.map(({ id, reason }) => [id, reason])).toEqual([
      [1, '$merge.whenMatched must evaluate to one of replace, keepExisting, merge, delete, found "fail"'],
      [3, "$merge.whenMatched must evaluate to one of replace, keepExisting, merge, delete, found nothing"],
    ]);
  });

  test.each<[string, Document]>([
    ["$merge", mergeInto("$into", "x")],
    ["$emit", { $emit: { connectionName: "c", db: "$into", coll: "x", timeseries: { timeField: "at" } } }],
  ])("a text that no database can be called is a dead letter of %s", async (operator, sink) => {
    const [name, letters, home] = [freshName(), freshName(), mongod.freshDb()];
    const documents = ["a.b", ".", "a b", "x".repeat(80), home].map((into, _id) => ({ _id, into, at: new Date() }));
    const [stats] = await runToEnd(mongod, [
      { name, pipeline: [{ $source: { documents } }, sink], options: dlq(mongod.db, letters) },
    ]);
    expect(stats?.error).toBeUndefined();
    const dead = await stored(mongod.client, mongod.db, letters);
    const byId = ([a]: readonly unknown[], [b]: readonly unknown[]): number => Number(a) - Number(b);
    expect(dead.map(({ doc, operatorName }) => [Number(doc._id), operatorName]).toSorted(byId)).toEqual(
      [0, 1, 2, 3].map((id) => [id, operator]),
    );
    expect(await stored(mongod.client, home, "x")).toHaveLength(1);
  });

  test("a refused document in the middle of many of its key leaves all the others applied", async () => {
    const whenMatched = [{ $replaceWith: { $mergeObjects: ["$$ROOT", { n: { $add: ["$n", "$$new.n"] } }] } }];
    const documents = Array.from({ length: 200 }, (_, i) => ({ _id: i % 2, i, n: i === 101 ? "x" : 1 }));
    const { stored, dead, stats } = await merge(documents, { whenMatched });
    expect(stored.map(({ _id, n }) => [_id, n])).toEqual([
      [0, 100],
      [1, 99],
    ]);
    expect(dead).toMatchObject([
      { id: 101, operatorName: "$merge", reason: "$add only supports numeric or date types, not string" },
    ]);
    expect(stats).toMatchObject({ input: 200, output: 200, deadLetters: 1 });
  });

  test("a validator's refusal and another unique index's are dead letters with the server's reason", async () => {
    const prepare = async (coll: string): Promise<void> => {
      const db = mongod.client.db(mongod.db);
      await db.createCollection(coll, { validator: { n: { $gte: 0 } } });
      await db.createIndex(coll, { u: 1 }, { unique: true });
    };
    const { stored, dead } = await merge(
      [
        { _id: 1, n: 1, u: 1 },
        { _id: 2, n: -1, u: 2 },
        { _id: 3, n: 1, u: 1 },
        { _id: 4, n: 1, u: 4 },
      ],
      {},
      prepare,
    );
    expect(stored.map(({ _id }) => _id)).toEqual([1, 4]);
    expect(dead.map(({ id, reason }) => [id, reason.split(":")[0]])).toEqual([
      [2, "Document failed validation"],
      [3, "E11000 duplicate key error collection"],
    ]);
  });

  test("a dead letter of the sink says which event it came from, also behind a $match and an $unwind", async () => {
    const [coll, events, out] = [freshName(), freshName(), freshName()];
    const engine = await run(mongod, [
      {
        name: coll,
        pipeline: [
          eventsOf(mongod.db, events),
          { $match: { a: { $exists: true } } },
          { $unwind: "$a" },
          { $set: { _id: "$a" } },
          mergeInto(mongod.db, out),
        ],
        options: dlq(mongod.db, `${out}_dlq`),
      },
    ]);
    await mongod.client
      .db(mongod.db)
      .collection<Document>(events)
      .insertMany([{ _id: 1 as never }, { _id: 2 as never, a: [1, null, 2] }, { _id: 3 as never, a: 3 }]);
    await engine.caughtUp();
    expect((await read(out)).map(({ _id }) => _id)).toEqual([1, 2, 3]);
    const [letter] = await read(`${out}_dlq`);
    expect(letter).toMatchObject({
      doc: { _id: null, a: null },
      _stream_meta: { source: { documentKey: { _id: 2 }, operationType: "insert" } },
    });
  });

  test("so does one whose own expressions failed", async () => {
    const [coll, events, out] = [freshName(), freshName(), freshName()];
    const target = mergeInto(mongod.db, { $concat: [out, { $toString: { $divide: [1, "$a"] } }] });
    const engine = await run(mongod, [
      {
        name: coll,
        pipeline: [eventsOf(mongod.db, events), { $match: { b: 1 } }, target],
        options: dlq(mongod.db, `${out}_dlq`),
      },
    ]);
    await mongod.client
      .db(mongod.db)
      .collection<Document>(events)
      .insertMany([
        { _id: 1 as never, b: 0 },
        { _id: 2 as never, b: 1, a: 0 },
        { _id: 3 as never, b: 1, a: 1 },
      ]);
    await engine.caughtUp();
    expect((await read(`${out}1`)).map(({ _id }) => _id)).toEqual([3]);
    expect(await read(`${out}_dlq`)).toMatchObject([
      {
        operatorName: "$merge",
        errInfo: { reason: "can't $divide by zero" },
        doc: { _id: 2, b: 1, a: 0 },
        _stream_meta: { source: { documentKey: { _id: 2 } } },
      },
    ]);
  });
});

describe("size", () => {
  const megabyte = 1024 * 1024;
  const text = (megabytes: number): string => "x".repeat(Math.floor(megabytes * megabyte));

  test("documents of more than 16 MB together go through", async () => {
    const documents = Array.from({ length: 14 }, (_, i) => ({ _id: i, t: text(1) }));
    const { stored, dead } = await merge(documents);
    expect(stored.map(({ t }) => t.length)).toEqual(documents.map(() => megabyte));
    expect(dead).toEqual([]);
  });

  test("an event of almost 16 MB goes through, or to the dead letters alone", async () => {
    const [events, out] = [freshName(), freshName()];
    const engine = await run(mongod, [
      {
        name: out,
        pipeline: [eventsOf(mongod.db, events), { $set: { small: true } }, mergeInto(mongod.db, out)],
        options: dlq(mongod.db, `${out}_dlq`),
      },
      // With its text twice, the same event is larger than a document may be.
      {
        name: `${out}2`,
        pipeline: [
          eventsOf(mongod.db, events),
          { $set: { again: "$t", m: { $meta: "stream.source" } } },
          mergeInto(mongod.db, `${out}2`),
        ],
        options: dlq(mongod.db, `${out}2_dlq`),
      },
    ]);
    const collection = mongod.client.db(mongod.db).collection<Document>(events);
    await collection.insertMany(Array.from({ length: 10 }, (_, i) => ({ _id: i as never, t: text(2) })));
    await collection.insertOne({ _id: 10 as never, t: text(15.9) });
    await collection.insertOne({ _id: 11 as never, t: "" });
    await engine.caughtUp();
    expect(engine.stats().map(({ error }) => error)).toEqual([undefined, undefined]);
    expect((await read(out)).map(({ _id }) => _id)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect((await read(`${out}2`)).map(({ _id }) => _id)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11]);
    const [letter, ...more] = await read(`${out}2_dlq`);
    expect(more).toEqual([]);
    expect(letter?.["doc"]._id).toBe(10);
    expect(letter?.["errInfo"].reason).toMatch(/larger|BSONObj/);
  });

  test("a dead letter that would pass 16 MB comes without its document, and says so", async () => {
    const [events, out] = [freshName(), freshName()];
    const engine = await run(mongod, [
      {
        name: out,
        pipeline: [eventsOf(mongod.db, events), { $set: { a: { $divide: [1, "$n"] } } }, mergeInto(mongod.db, out)],
        options: dlq(mongod.db, `${out}_dlq`),
      },
    ]);
    const collection = mongod.client.db(mongod.db).collection<Document>(events);
    const room = 16 * megabyte - serialize({ _id: 1, n: 0, t: "" }).length - 100;
    await collection.insertMany([
      { _id: 1 as never, n: 0, t: "x".repeat(room) },
      { _id: 2 as never, n: 0 },
    ]);
    await engine.caughtUp();
    expect(engine.stats()[0]).toMatchObject({ state: "STARTED", deadLetters: 2 });
    const letters = await read(`${out}_dlq`);
    expect(letters.map(({ doc }) => doc)).toEqual([{ _id: 1 }, { _id: 2, n: 0 }]);
    expect(letters[0]?.["errInfo"].note).toContain("larger than 16 MB");
  });
});

test("a batch of documents that all fail gets as many letters as there are, whatever their size together", async () => {
  const documents = Array.from({ length: 13 }, (_, i) => ({ _id: null, i, t: "x".repeat(1024 * 1024) }));
  const { dead, stats } = await merge(documents);
  expect(dead.map(({ id }) => id)).toEqual(documents.map(({ i }) => i));
  expect(stats).toMatchObject({ output: 13, deadLetters: 13 });
});
