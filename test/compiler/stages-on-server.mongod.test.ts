import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Double, Int32 } from "bson";
import type { Document } from "bson";
import { connectMongod } from "../support/mongod.ts";
import type { TestDatabase } from "../support/mongod.ts";
import { compile, merge, source } from "./support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

/** Stages that the server parses in the same way as ASP documents them. */
const stages: readonly Document[] = [
  { $match: {} },
  { $match: { $expr: { $gt: ["$a", 1] } } },
  { $match: "a" },
  { $match: [] },
  { $match: null },
  { $project: {} },
  { $project: { a: 1 } },
  { $project: { a: { $add: [1, "$b"] }, "c.d": 0.5 } },
  { $project: "a" },
  { $project: { a: { $nope: 1 } } },
  { $set: {} },
  { $set: { a: 1 } },
  { $set: { a: { $const: 1 } } },
  { $set: { a: { b: { $mutliply: [1, 2] } } } },
  { $set: { a: [{ $nope: 1 }] } },
  { $set: { a: { $literal: { $nope: 1 } } } },
  { $set: 5 },
  { $addFields: { "a.b": "$$ROOT" } },
  { $unset: "a" },
  { $unset: ["a", "b.c"] },
  { $unset: [] },
  { $unset: "" },
  { $unset: "$a" },
  { $unset: ["$a"] },
  { $unset: 5 },
  { $unset: ["a", 5] },
  { $unset: { a: 1 } },
  { $replaceRoot: { newRoot: "$$ROOT" } },
  { $replaceRoot: {} },
  { $replaceRoot: { newRoot: "$$ROOT", more: 1 } },
  { $replaceRoot: "$$ROOT" },
  { $replaceWith: "$$ROOT" },
  { $replaceWith: { a: 1 } },
  { $redact: "$$KEEP" },
  { $unwind: "$a" },
  { $unwind: "$a.b" },
  { $unwind: "a" },
  { $unwind: "$" },
  { $unwind: "$$ROOT" },
  { $unwind: ["$a"] },
  { $unwind: {} },
  { $unwind: { path: "$a" } },
  { $unwind: { path: "$a", includeArrayIndex: "i", preserveNullAndEmptyArrays: false } },
  { $unwind: { path: "$a", includeArrayIndex: "$i" } },
  { $unwind: { path: "$a", includeArrayIndex: "" } },
  { $unwind: { path: "$a", preserveNullAndEmptyArrays: 1 } },
  { $unwind: { path: "$a", other: 1 } },
  { $unwind: { path: 5 } },
  { $unwind: "$a..b" },
  ...[
    ["a", "a.b"],
    ["a.b", "a"],
    ["a", "a"],
    ["a.b", "a.c"],
    ["_id", "a"],
    ["_id", "_id.a"],
  ].map(($unset) => ({ $unset })),
  { $unset: "a..b" },
  { $unset: "a.$b" },
  { $unset: "a.$id" },
  { $unset: "a." },
  { $set: { a: new Int32(1), b: new Double(1) } },
  { $set: { a: { $currentDat: {} } } },
  { $match: {}, $unset: "a" },
  {},
];

describe("the checks of a stage say what the server says", () => {
  test.each(stages.map((stage) => [JSON.stringify(stage), stage] as const))("of %s", async (_, stage) => {
    const said = await mongod.client
      .db(mongod.db)
      .aggregate([{ $documents: [] }, stage])
      .toArray()
      .then(
        () => undefined,
        (error: Error) => error.message,
      );
    const ours = compile([source, stage, merge]).findings.map(({ message }) => message);
    expect({ refused: ours.length > 0, said, ours }).toEqual({ refused: said !== undefined, said, ours });
  });
});

/** Arguments of `$merge` that the server has too, but for the connection. */
const merges: readonly Document[] = [
  {},
  { on: "a" },
  { on: [] },
  { on: ["a", "b"] },
  { on: ["a", 5] },
  { on: "" },
  { on: "$a" },
  { on: null },
  { whenMatched: "replace" },
  { whenMatched: "repalce" },
  { whenMatched: [{ $set: { a: 1 } }] },
  { whenMatched: [] },
  {
    whenMatched: [
      { $project: { a: 1 } },
      { $unset: "b" },
      { $replaceWith: "$$new" },
      { $replaceRoot: { newRoot: "$$new" } },
    ],
  },
  { whenMatched: [{ $addFields: { a: "$$x" } }], let: { x: "$a" } },
  { whenMatched: [{ $match: { a: 1 } }] },
  { whenMatched: [{ $unwind: "$a" }] },
  { whenMatched: [{ $redact: "$$KEEP" }] },
  { whenMatched: [{ $set: { a: 1 } }], let: [] },
  { whenMatched: 5 },
  { whenNotMatched: "discard" },
  { whenNotMatched: "discrad" },
  { whenNotMatched: [] },
  { more: 1 },
];

describe("the checks of $merge say what the server says", () => {
  test.each(merges.map((args) => [JSON.stringify(args), args] as const))("of %s", async (_, args) => {
    const db = mongod.client.db(mongod.db);
    await db.collection("target").createIndex({ a: 1, b: 1 }, { unique: true });
    await db.collection("target").createIndex({ a: 1 }, { unique: true });
    await db.collection<{ _id: number }>("target").replaceOne({ _id: 1 }, { a: 1, b: 1 }, { upsert: true });
    const said = await db
      .aggregate([{ $documents: [{ _id: 1, a: 1, b: 1 }] }, { $merge: { into: "target", ...args } }])
      .toArray()
      .then(
        () => undefined,
        (error: Error) => error.message,
      );
    const ours = compile([source, { $merge: { ...merge.$merge, ...args } }]).findings.map(({ message }) => message);
    expect({ refused: ours.length > 0, said, ours }).toEqual({ refused: said !== undefined, said, ours });
  });
});

/** What a document becomes, and which part of it is kept: constants that give neither, and their neighbours. */
const replacements: readonly unknown[] = [
  ...[5, "x", null, true, [1], ["$e"], new Date(0), { $literal: 5 }, { $literal: "$e" }],
  ...[{}, { a: 1 }, { a: "$n" }, "$e", "$$ROOT", { $literal: {} }, { $ifNull: ["$e", 1] }],
];
const redactions: readonly unknown[] = [
  ...[5, "x", null, true, {}, { a: 1 }, [1], "KEEP", { $literal: "x" }],
  ...[
    "$$KEEP",
    "$$PRUNE",
    "$$DESCEND",
    "keep",
    "prune",
    "descend",
    { $literal: "keep" },
    { $cond: ["$n", "$$KEEP", "$$PRUNE"] },
  ],
];
const constantStages: readonly Document[] = [
  ...replacements.flatMap((newRoot) => [{ $replaceRoot: { newRoot } }, { $replaceWith: newRoot }]),
  ...redactions.map(($redact) => ({ $redact })),
];

describe("the constants of a stage are those with which the server does something", () => {
  test.each(constantStages.map((stage) => [JSON.stringify(stage), stage] as const))("in %s", async (_, stage) => {
    const documents = [
      { _id: 1, n: 1, e: { y: 1 } },
      { _id: 1, n: null, e: {} },
    ];
    const said = await Promise.all(
      documents.map((document) =>
        mongod.client
          .db(mongod.db)
          .aggregate([{ $documents: [document] }, stage])
          .toArray()
          .then(
            () => undefined,
            (error: Error) => error.message,
          ),
      ),
    );
    const ours = compile([source, stage, merge]).findings.map(({ message }) => message);
    const refused = said.every((each) => each !== undefined);
    expect({ refused: ours.length > 0, said, ours }).toEqual({ refused, said, ours });
  });
});

test.each(["_id", "a", "a.b", "$a", ""])("$count of %j is what the server makes of it", async (name) => {
  const window = { $tumblingWindow: { interval: { size: 1, unit: "hour" }, pipeline: [{ $count: name }] } };
  const refused = await mongod.client
    .db(mongod.db)
    .aggregate([{ $documents: [] }, { $count: name }])
    .toArray()
    .then(
      () => false,
      () => true,
    );
  const ours = compile([source, window, merge]).findings.filter(({ severity }) => severity === "error");
  expect(ours.length > 0).toBe(refused);
});
