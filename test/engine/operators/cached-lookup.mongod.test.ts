import { Binary, Decimal128, Double, Int32, Long, ObjectId } from "bson";
import type { Document } from "bson";
import fc from "fast-check";
import { MongoClient } from "mongodb";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { connectMongod, type TestDatabase } from "../../support/mongod.ts";
import { dlq, eventsOf, freshName, mergeInto, run, storedBytes } from "../support.ts";
import { pass } from "./support.ts";

let mongod: TestDatabase;
let shop: string;
beforeAll(async () => {
  mongod = await connectMongod();
  shop = mongod.freshDb();
});
afterAll(() => mongod.close());

const minute = { size: 1, unit: "minute" };
const cached = (coll: string, more: Document = {}): Document => ({
  $cachedLookup: {
    ttl: minute,
    from: { connectionName: "other", db: shop, coll },
    localField: "k",
    foreignField: "k",
    as: "found",
    ...more,
  },
});

/** A client that counts the look-ups that it sends. */
async function counting(): Promise<{ readonly client: MongoClient; readonly lookups: () => number }> {
  let lookups = 0;
  const client = await new MongoClient(mongod.uri, { monitorCommands: true }).connect();
  onTestFinished(() => client.close());
  client.on("commandStarted", ({ commandName, command }) => {
    const last: Document | undefined = command["pipeline"]?.[1];
    if (
      commandName === "aggregate" &&
      last !== undefined &&
      "$lookup" in last &&
      (command["pipeline"][0].$documents.$literal.length ?? 0) > 0
    )
      lookups += 1;
  });
  return { client, lookups: () => lookups };
}

const values = fc.oneof(
  fc.constantFrom<unknown>(
    ...[
      null,
      0,
      1,
      "1",
      "",
      true,
      new Long(1),
      new Double(1),
      new Double(Number.NaN),
      new Int32(2),
      Decimal128.fromString("1"),
    ],
    ...[new Date(0), new ObjectId("0".repeat(24)), new Binary(new Uint8Array([1])), /a/, {}, { k: 1 }, { n: { k: 1 } }],
  ),
  fc.array(fc.constantFrom<unknown>(null, 1, "1", [1], [], { k: 1 }, { k: [1, 2] }, { n: 2 }, { "0": 1 }), {
    maxLength: 3,
  }),
);
const documentsOf = fc
  .array(fc.record({ k: values, other: fc.integer() }, { requiredKeys: [] }), { minLength: 1, maxLength: 8 })
  .map((documents) => documents.map((document, _id) => ({ _id, ...document })));
const paths = fc.constantFrom("k", "k.k", "k.n.k", "k.0", "k.0.k", "_id", "none.k");

test("gives what the server's own $lookup gives, for any value there is", async () => {
  const db = mongod.client.db(shop);
  await fc.assert(
    fc.asyncProperty(
      documentsOf,
      documentsOf,
      paths,
      paths,
      fc.constantFrom("found", "k", "k.found", "a.b.c"),
      async (documents, foreign, localField, foreignField, as) => {
        const coll = freshName();
        await db.collection<Document>(coll).insertMany(foreign as never);
        const form = { localField, foreignField, as };
        const byServer = [{ $documents: documents }, { $lookup: { from: coll, ...form } }, { $out: `${coll}_server` }];
        await db.aggregate(byServer).toArray();
        const passed = await pass(mongod, documents, [cached(coll, form)]);
        expect(passed.letters).toEqual([]);
        expect(await storedBytes(mongod.client, mongod.db, passed.coll)).toEqual(
          await storedBytes(mongod.client, shop, `${coll}_server`),
        );
        await db.dropCollection(coll);
      },
    ),
    { numRuns: 60 },
  );
});

describe("remembers", () => {
  /** A processor that is kept running, whose engine time is set by hand. */
  async function start(more: Document = {}) {
    const [coll, target, foreign] = [freshName(), freshName(), freshName()];
    const { client, lookups } = await counting();
    let nowMs = Date.UTC(2020, 0, 1);
    const db = mongod.client.db(mongod.db);
    await mongod.client.db(shop).collection<Document>(foreign).insertOne({ k: 1, v: "first" });
    const own = { name: "own", client: mongod.client };
    const engine = await run(
      mongod,
      [
        {
          name: coll,
          pipeline: [eventsOf(mongod.db, coll), cached(foreign, more), mergeInto(mongod.db, target)],
          options: dlq(mongod.db, `${target}_letters`),
        },
      ],
      { now: () => nowMs, cluster: (name) => (name === "other" ? { name, client } : own) },
    );
    let next = 0;
    return {
      lookups,
      foreign: mongod.client.db(shop).collection<Document>(foreign),
      letters: () => db.collection(`${target}_letters`).find().toArray(),
      pass: (ms: number) => {
        nowMs += ms;
      },
      /** What is found for a document. */
      ask: async (document: Document): Promise<readonly unknown[]> => {
        const _id = (next += 1);
        await db.collection<Document>(coll).insertOne({ _id, ...document } as never);
        await engine.caughtUp();
        const [stored] = await db
          .collection(target)
          .find({ _id: _id as never })
          .toArray();
        return stored?.["found"].map(({ v }: Document) => v as unknown);
      },
    };
  }

  test("what was found, or that nothing was, until the time is up", async () => {
    const { ask, foreign, lookups, pass: wait } = await start();
    expect(await ask({ k: 1 })).toEqual(["first"]);
    expect(await ask({ k: 2 })).toEqual([]);
    await foreign.updateOne({ k: 1 }, { $set: { v: "second" } });
    await foreign.insertOne({ k: 2, v: "new" });
    wait(59_999);
    expect([await ask({ k: 1, more: true }), await ask({ k: 2 })]).toEqual([["first"], []]);
    expect(lookups()).toBe(2);
    wait(1);
    expect([await ask({ k: 1 }), await ask({ k: 2 })]).toEqual([["second"], ["new"]]);
    expect(lookups()).toBe(4);
  });

  test("by what the path reads, not by the document around it", async () => {
    const { ask, lookups } = await start({ localField: "order.k" });
    expect(await ask({ order: { k: 1, at: new Date(1) } })).toEqual(["first"]);
    expect(await ask({ order: { at: new Date(2), k: 1 } })).toEqual(["first"]);
    expect(lookups()).toBe(1);
  });

  test("no more than the memory limit: the oldest goes first", async () => {
    const { ask, foreign, lookups } = await start({ maxMemUsageBytes: 4000 });
    await foreign.insertMany([2, 3].map((k) => ({ k, v: "x".repeat(1200) })));
    await ask({ k: 1 });
    await ask({ k: 2 });
    await ask({ k: 3 });
    expect(lookups()).toBe(3);
    await ask({ k: 3 });
    await ask({ k: 2 });
    expect(lookups()).toBe(3);
    await foreign.insertOne({ k: 4, v: "y".repeat(1200) });
    await ask({ k: 4 });
    await ask({ k: 3 });
    expect(lookups()).toBe(4);
    await ask({ k: 1 });
    expect(lookups()).toBe(5);
  });

  test("no more than the memory limit, also of results that are next to nothing", async () => {
    const { ask, lookups } = await start({ maxMemUsageBytes: 3000 });
    for (let k = 100; k < 120; k += 1) expect(await ask({ k })).toEqual([]);
    await ask({ k: 119 });
    expect(lookups()).toBe(20);
    await ask({ k: 100 });
    expect(lookups()).toBe(21);
  });

  test("nothing of a look-up that fails: it is a dead letter, and asked for again", async () => {
    const { ask, foreign, letters } = await start();
    const big = "z".repeat(9 * 1024 * 1024);
    await foreign.insertMany([{ k: 7, v: big }]);
    await foreign.insertMany([{ k: 7, v: big }]);
    expect(await ask({ k: 7 })).toBeUndefined();
    expect(await letters()).toMatchObject([{ operatorName: "$cachedLookup", doc: { _id: 1, k: 7 } }]);
    await foreign.deleteMany({ k: 7 });
    expect(await ask({ k: 7 })).toEqual([]);
    expect(await ask({ k: 1 })).toEqual(["first"]);
  });
});
