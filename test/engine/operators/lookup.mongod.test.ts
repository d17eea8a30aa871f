import type { Document } from "bson";
import { MongoClient } from "mongodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectMongod, type TestDatabase } from "../../support/mongod.ts";
import { dlq, freshName, mergeInto, runToEnd } from "../support.ts";
import { pass } from "./support.ts";

let mongod: TestDatabase;
let shop: string;
beforeAll(async () => {
  mongod = await connectMongod();
  shop = mongod.freshDb();
  const db = mongod.client.db(shop);
  await db.collection<Document>("customers").insertMany([
    { _id: "c1", name: "Ada", tags: ["a", "b"], city: "x" },
    { _id: "c2", name: "Ben", tags: null, city: "y" },
    { _id: "c3", name: "Cyd", city: "x" },
  ] as never);
  await db.collection<Document>("cities").insertMany([
    { _id: "x", country: "at" },
    { _id: "y", country: "de" },
  ] as never);
});
afterAll(() => mongod.close());

const from = (coll: string) => ({ connectionName: "other", db: shop, coll });

/** Documents as `$lookup` may meet them: values, arrays, null and nothing. */
const documents = [
  { _id: 1, c: "c1", city: "x" },
  { _id: 2, c: ["c2", "c3", "none"] },
  { _id: 3, c: null },
  { _id: 4 },
  { _id: 5, c: { id: "c1" }, list: [{ c: "c1" }, { c: ["c2"] }, 5] },
  { _id: 6, c: [], joined: "old" },
  { _id: 7, c: /c1/ },
];

const forms: readonly (readonly [string, Document])[] = [
  ["equality", { localField: "c", foreignField: "_id" }],
  ["equality with arrays over there", { localField: "c", foreignField: "tags" }],
  ["equality through an array", { localField: "list.c", foreignField: "_id" }],
  ["let and pipeline", { let: { c: "$c" }, pipeline: [{ $match: { $expr: { $eq: ["$_id", "$$c"] } } }] }],
  ["a pipeline alone", { pipeline: [{ $sort: { _id: -1 } }, { $limit: 2 }, { $project: { name: 1 } }] }],
  [
    "the concise form",
    {
      localField: "c",
      foreignField: "_id",
      let: { city: "$city" },
      pipeline: [{ $match: { $expr: { $eq: ["$city", "$$city"] } } }],
    },
  ],
  [
    "a look-up within",
    {
      localField: "c",
      foreignField: "_id",
      pipeline: [{ $lookup: { from: "cities", localField: "city", foreignField: "_id", as: "city" } }],
    },
  ],
];

/** The same documents and stage, by the server alone. */
async function byServer(lookup: Document): Promise<readonly Document[]> {
  const cursor = mongod.client.db(shop).aggregate([{ $documents: documents }, { $lookup: lookup }]);
  return cursor.toArray();
}

describe("$lookup on another connection gives what the server's own $lookup gives", () => {
  test.each(forms)("%s", async (_, form) => {
    const expected = await byServer({ from: "customers", ...form, as: "joined" });
    const passed = await pass(mongod, documents, [{ $lookup: { from: from("customers"), ...form, as: "joined" } }]);
    expect(passed.letters).toEqual([]);
    expect(passed.documents).toEqual(expected);
    const spread = { parallelism: 4, partitionBy: "$c" };
    const parallel = await pass(mongod, documents, [
      { $lookup: { from: from("customers"), ...form, ...spread, as: "joined" } },
    ]);
    expect(parallel.documents).toEqual(expected);
  });

  test("a dotted `as`, also through what is no document", async () => {
    const form = { localField: "c", foreignField: "_id", as: "list.found" };
    const { documents: stored } = await pass(mongod, documents, [{ $lookup: { from: from("customers"), ...form } }]);
    expect(stored).toEqual(await byServer({ from: "customers", ...form }));
  });

  test("without a collection, its pipeline begins with $documents", async () => {
    const pipeline = [{ $documents: [{ a: 1 }, { a: 2 }] }, { $match: { $expr: { $eq: ["$a", "$$id"] } } }];
    const { documents: stored } = await pass(
      mongod,
      [{ _id: 1 }, { _id: 2 }, { _id: 3 }],
      [{ $lookup: { let: { id: "$_id" }, pipeline, as: "joined", parallelism: 2 } }],
    );
    expect(stored).toEqual([
      { _id: 1, joined: [{ a: 1 }] },
      { _id: 2, joined: [{ a: 2 }] },
      { _id: 3, joined: [] },
    ]);
  });
});

describe("$lookup between other stages", () => {
  test("runs on the cluster of its connection, not on the one that runs the stages", async () => {
    const asked: string[] = [];
    const other = await new MongoClient(mongod.uri, { monitorCommands: true }).connect();
    other.on("commandStarted", ({ commandName, databaseName }) => asked.push(`${commandName} ${databaseName}`));
    const own = { name: "own", client: mongod.client };
    const { documents: stored } = await pass(
      mongod,
      documents,
      [
        { $set: { before: 1 } },
        { $lookup: { from: from("customers"), localField: "c", foreignField: "_id", as: "joined" } },
        { $set: { count: { $size: "$joined" } } },
      ],
      { cluster: (name) => (name === "other" ? { name, client: other } : own) },
    );
    await other.close();
    expect(stored.map(({ before, count }) => [before, count])).toEqual(
      [1, 2, 0, 0, 0, 0, 0].map((count) => [1, count]),
    );
    expect(new Set(asked.filter((command) => command.startsWith("aggregate")))).toEqual(new Set([`aggregate ${shop}`]));
  });

  test("metadata goes through it, and into `let`", async () => {
    const { documents: stored } = await pass(
      mongod,
      [{ _id: 1, c: "c1" }],
      [
        { $setStreamMeta: { "stream.c": "$c" } },
        { $unset: "c" },
        {
          $lookup: {
            from: from("customers"),
            let: { c: { $meta: "stream.c" } },
            pipeline: [{ $match: { $expr: { $eq: ["$_id", "$$c"] } } }],
            as: "joined",
          },
        },
        { $set: { after: { $meta: "stream.c" } } },
      ],
    );
    expect(stored).toMatchObject([{ _id: 1, joined: [{ _id: "c1" }], after: "c1" }]);
  });

  test("a document that makes it fail is a dead letter, and the others go on", async () => {
    const lookup = {
      from: from("customers"),
      let: { by: "$by" },
      pipeline: [{ $set: { share: { $divide: [1, "$$by"] } } }, { $limit: 1 }],
      as: "joined",
    };
    const { documents: stored, letters } = await pass(
      mongod,
      [
        { _id: 1, by: 2 },
        { _id: 2, by: 0 },
        { _id: 3, by: 4 },
      ],
      [{ $lookup: lookup }, { $set: { share: { $first: "$joined.share" } } }, { $unset: "joined" }],
    );
    expect(stored).toEqual([
      { _id: 1, by: 2, share: 0.5 },
      { _id: 3, by: 4, share: 0.25 },
    ]);
    expect(letters).toMatchObject([
      {
        operatorName: "$lookup",
        doc: { _id: 2, by: 0 },
        errInfo: { reason: expect.stringContaining("divide by zero") },
      },
    ]);
  });

  test("a pipeline that the cluster refuses FAILs the processor at its start", async () => {
    const [name, letters] = [freshName(), freshName()];
    const lookup = { from: from("customers"), pipeline: [{ $nothing: 1 }], as: "joined" };
    const pipeline = [{ $source: { documents } }, { $lookup: lookup }, mergeInto(mongod.db, name)];
    const [stats] = await runToEnd(mongod, [{ name, pipeline, options: dlq(mongod.db, letters) }]);
    expect(stats).toMatchObject({ state: "FAILED", error: { code: "ASP5107" }, input: 0 });
  });
});
