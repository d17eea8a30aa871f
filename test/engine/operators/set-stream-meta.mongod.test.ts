import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectMongod, type TestDatabase } from "../../support/mongod.ts";
import { dlq, freshName, mergeInto, runToEnd } from "../support.ts";
import { pass } from "./support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

describe("$setStreamMeta", () => {
  test("is read in later stages, survives a new root, and shows in no document", async () => {
    const { documents, letters } = await pass(
      mongod,
      [{ _id: 1, country: "at", sku: "a" }],
      [
        { $setStreamMeta: { "stream.country": "$country", "stream.order.sku": { $toUpper: "$sku" } } },
        {
          $setStreamMeta: {
            "stream.order.both": { $concat: [{ $meta: "stream.country" }, { $meta: "stream.order.sku" }] },
          },
        },
        { $replaceRoot: { newRoot: { _id: "$_id", root: "$$ROOT" } } },
        { $project: { root: 1, fields: { $objectToArray: "$$ROOT" } } },
        { $match: { $expr: { $eq: [{ $meta: "stream.country" }, "at"] } } },
        { $set: { order: { $meta: "stream.order" } } },
      ],
    );
    expect(letters).toEqual([]);
    expect(documents).toEqual([
      {
        _id: 1,
        root: { _id: 1, country: "at", sku: "a" },
        fields: [
          { k: "_id", v: 1 },
          { k: "root", v: { _id: 1, country: "at", sku: "a" } },
        ],
        order: { sku: "A", both: "atA" },
      },
    ]);
  });

  test("leaves the stream's own metadata as it is, and takes the place of its own of before", async () => {
    const { documents } = await pass(
      mongod,
      [{ _id: 1 }],
      [
        { $setStreamMeta: { "stream.a": 1 } },
        { $setStreamMeta: { "stream.a": { b: [2] } } },
        { $set: { a: { $meta: "stream.a" }, type: { $meta: "stream.source.type" } } },
      ],
    );
    expect(documents).toEqual([{ _id: 1, a: { b: [2] }, type: "generated" }]);
  });

  test("each document of an $unwind has its own", async () => {
    const { documents } = await pass(
      mongod,
      [{ _id: 0, items: [1, 2, 3] }],
      [
        { $unwind: "$items" },
        { $setStreamMeta: { "stream.item": { $multiply: ["$items", 10] } } },
        { $replaceWith: { _id: "$items", item: { $meta: "stream.item" } } },
      ],
    );
    expect(documents.map(({ item }) => item)).toEqual([10, 20, 30]);
  });

  test("an expression that fails makes a dead letter, which has the metadata set until then", async () => {
    const { documents, letters } = await pass(
      mongod,
      [
        { _id: 1, a: 2 },
        { _id: 2, a: "x" },
      ],
      [
        { $setStreamMeta: { "stream.first": { $concat: ["id ", { $toString: "$_id" }] } } },
        { $setStreamMeta: { "stream.twice": { $multiply: ["$a", 2] } } },
        { $set: { twice: { $meta: "stream.twice" } } },
      ],
    );
    expect(documents).toEqual([{ _id: 1, a: 2, twice: 4 }]);
    expect(letters).toMatchObject([
      {
        doc: { _id: 2, a: "x" },
        operatorName: "$setStreamMeta",
        errInfo: { reason: expect.stringContaining("$multiply only supports numeric types") },
        _stream_meta: { source: { type: "generated" }, first: "id 2" },
      },
    ]);
    expect(JSON.stringify(letters)).not.toContain("__asp");
  });

  test("names the target of a $merge", async () => {
    const coll = freshName();
    const documents = [
      { _id: 1, country: "at" },
      { _id: 2, country: "de" },
      { _id: 3, country: 5 },
    ];
    await runToEnd(mongod, [
      {
        name: coll,
        pipeline: [
          { $source: { documents } },
          {
            $setStreamMeta: {
              "stream.target": { $cond: [{ $isNumber: "$country" }, "$country", { $concat: [coll, "_", "$country"] }] },
            },
          },
          { $unset: "country" },
          mergeInto(mongod.db, { $meta: "stream.target" }),
        ],
        options: dlq(mongod.db, `${coll}_letters`),
      },
    ]);
    const db = mongod.client.db(mongod.db);
    expect(await db.collection(`${coll}_at`).find().toArray()).toEqual([{ _id: 1 }]);
    expect(await db.collection(`${coll}_de`).find().toArray()).toEqual([{ _id: 2 }]);
    expect(await db.collection(`${coll}_letters`).find().toArray()).toMatchObject([
      { operatorName: "$merge", doc: { _id: 3 }, _stream_meta: { target: 5 } },
    ]);
  });
});
