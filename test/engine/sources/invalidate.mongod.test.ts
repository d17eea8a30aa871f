import type { Document } from "bson";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Engine } from "../../../src/engine/engine.ts";
import { connectMongod, type TestDatabase } from "../../support/mongod.ts";
import { freshName, mergeInto, run } from "../support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

/** Keeps what an event says, in order. */
const keep = {
  $project: { _id: "$_id._data", type: "$operationType", coll: "$ns.coll", key: "$documentKey._id", to: "$to.coll" },
};
const inserts = { pipeline: [{ $match: { operationType: "insert" } }] };

interface Watched {
  readonly db: string;
  readonly out: string;
  readonly start: () => Promise<Engine>;
  readonly insert: (coll: string, key: number) => Promise<unknown>;
  /** What has been delivered: "insert 1", "drop a". */
  readonly delivered: () => Promise<readonly string[]>;
}

function watch(scope: (db: string) => Document, config: Document = {}, db = mongod.freshDb()): Watched {
  const out = freshName();
  const source = { $source: { connectionName: "c", ...scope(db), config } };
  return {
    db,
    out,
    start: () => run(mongod, [{ name: out, pipeline: [source, keep, mergeInto(mongod.db, out)] }]),
    insert: (coll, key) =>
      mongod.client
        .db(db)
        .collection<Document>(coll)
        .insertOne({ _id: key as never }),
    delivered: async () => {
      const found = await mongod.client
        .db(mongod.db)
        .collection(out)
        .find({}, { sort: { _id: 1 } })
        .toArray();
      return found.map(({ type, coll, key, to }) => [type, to ?? key ?? coll].filter((part) => part != null).join(" "));
    },
  };
}

const one = (db: string): Document => ({ db, coll: "a" });
const several = (db: string): Document => ({ db, coll: ["a", "b"] });
const all = (db: string): Document => ({ db });

type Break = (db: string) => Promise<unknown>;
const drop: Break = (db) => mongod.client.db(db).collection("a").drop();
const rename: Break = (db) => mongod.client.db(db).collection("a").rename("z", { dropTarget: true });
const dropDatabase: Break = (db) => mongod.client.db(db).dropDatabase();
/** Another collection takes its place. */
const replace: Break = async (db) => {
  const other = mongod.client.db(db).collection<Document>("other");
  await other.insertOne({ _id: 5 as never });
  await other.rename("a", { dropTarget: true });
};

describe.each([
  ["drop", drop, { one: ["drop a", "invalidate"], several: ["drop a"], all: ["drop a"] }],
  ["rename", rename, { one: ["rename z", "invalidate"], several: ["rename z"], all: ["rename z"] }],
  [
    "dropDatabase",
    dropDatabase,
    { one: ["drop a", "invalidate"], several: ["drop a"], all: ["drop a", "dropDatabase", "invalidate"] },
  ],
  ["rename onto it", replace, { one: ["rename a", "invalidate"], several: [], all: ["insert 5", "rename a"] }],
] as const)("after %s", (_, breakIt, expected) => {
  describe.each([
    ["a collection", one, expected.one],
    ["several collections", several, expected.several],
    ["a database", all, expected.all],
  ] as const)("%s", (__, scope, between) => {
    const key = (events: readonly string[]): readonly string[] => ["insert 1", ...events, "insert 2", "insert 3"];

    test("is read on: what broke it is delivered, and what comes after it", async () => {
      const watched = watch(scope);
      const engine = await watched.start();
      await watched.insert("a", 1);
      await breakIt(watched.db);
      await watched.insert("a", 2);
      await watched.insert("a", 3);
      await engine.caughtUp();
      expect(engine.stats()[0]).toMatchObject({ state: "STARTED" });
      expect(await watched.delivered()).toEqual(key(between));
    });

    test("is read on where the filter takes inserts only", async () => {
      const watched = watch(scope, inserts);
      const engine = await watched.start();
      await watched.insert("a", 1);
      await breakIt(watched.db);
      await watched.insert("a", 2);
      await engine.caughtUp();
      await breakIt(watched.db);
      await engine.caughtUp();
      await watched.insert("a", 3);
      await engine.caughtUp();
      expect(engine.stats()[0]).toMatchObject({ state: "STARTED" });
      const others = (await watched.delivered()).filter((event) => event !== "insert 5");
      expect(others).toEqual(key([]));
    });

    test.each(["stop", "kill"] as const)("is read on after a %s, wherever that falls", async (end) => {
      const watched = watch(scope);
      let engine = await watched.start();
      const restart = async (): Promise<void> => {
        await engine[end]();
        engine = await watched.start();
      };
      await watched.insert("a", 1);
      await restart();
      await breakIt(watched.db);
      await engine.caughtUp();
      await restart();
      await engine.caughtUp();
      await watched.insert("a", 2);
      await engine.caughtUp();
      await engine[end]();
      await watched.insert("a", 3);
      engine = await watched.start();
      await engine.caughtUp();
      expect(engine.stats()[0]?.error).toBeUndefined();
      expect(await watched.delivered()).toEqual(key(between));
    });
  });
});

test("a whole cluster is never invalidated", async () => {
  const db = mongod.freshDb();
  const pipeline = [{ $match: { $or: [{ "ns.db": db }, { operationType: "invalidate" }] } }];
  const watched = watch(() => ({}), { pipeline }, db);
  const engine = await watched.start();
  await watched.insert("a", 1);
  await dropDatabase(db);
  await watched.insert("a", 2);
  await engine.caughtUp();
  expect(await watched.delivered()).toEqual(["insert 1", "drop a", "dropDatabase", "insert 2"]);
});

test("processors that share the stream of a dropped collection go on together", async () => {
  const [first, second] = [freshName(), freshName()];
  const db = mongod.freshDb();
  const definition = (name: string, type: string) => ({
    name,
    pipeline: [
      {
        $source: {
          connectionName: "c",
          db,
          coll: "a",
          config: { pipeline: [{ $match: { operationType: "insert", "fullDocument.type": type } }] },
        },
      },
      { $replaceWith: "$fullDocument" },
      mergeInto(mongod.db, name),
    ],
  });
  const engine = await run(mongod, [definition(first, "A"), definition(second, "B")]);
  const coll = mongod.client.db(db).collection<Document>("a");
  for (let round = 0; round < 3; round += 1) {
    await coll.insertMany([
      { _id: (round * 2) as never, type: "A" },
      { _id: (round * 2 + 1) as never, type: "B" },
    ]);
    await coll.drop();
  }
  await engine.caughtUp();
  const ids = async (name: string): Promise<readonly unknown[]> =>
    (await mongod.client.db(mongod.db).collection(name).find().sort({ _id: 1 }).toArray()).map(({ _id }) => _id);
  expect([await ids(first), await ids(second)]).toEqual([
    [0, 2, 4],
    [1, 3, 5],
  ]);
});
