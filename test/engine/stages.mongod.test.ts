import { Decimal128, Double, type Document } from "bson";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";
import { dlq, freshName, mergeInto, runToEnd, stored, storedBytes } from "./support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

interface Outcome {
  readonly bytes: readonly string[];
  readonly documents: readonly Document[];
  readonly dead: readonly Document[];
}

/** Runs stages over inline documents; what they give is numbered by its `_id`. */
async function through(stages: readonly Document[], documents: readonly Document[]): Promise<Outcome> {
  const [coll, letters] = [freshName(), freshName()];
  const pipeline = [{ $source: { documents } }, ...stages, mergeInto(mongod.db, coll, { whenMatched: "replace" })];
  const [stats] = await runToEnd(mongod, [{ name: coll, pipeline, options: dlq(mongod.db, letters) }], {
    now: () => 0,
  });
  expect(stats?.error).toBeUndefined();
  const outcome = {
    bytes: await storedBytes(mongod.client, mongod.db, coll),
    documents: await stored(mongod.client, mongod.db, coll),
    dead: (await stored(mongod.client, mongod.db, letters)).map(({ _id, dlqTime, processorName, ...rest }) => rest),
  };
  await Promise.all([coll, letters].map((name) => mongod.client.db(mongod.db).dropCollection(name)));
  return outcome;
}

const value = fc.oneof(
  fc.integer({ min: 0, max: 3 }),
  fc.constantFrom<unknown>(null, "a", "", [1, 2], [], { b: 1 }, { b: { c: 1 }, kept: true }, true, [
    { b: 1 },
    { kept: true },
  ]),
);
const document = fc.dictionary(fc.constantFrom("a", "b", "c", "kept", "10"), value, {
  maxKeys: 4,
  noNullPrototype: true,
});

/** Each of these is one stage that keeps `_id`. */
const stage = fc.constantFrom<Document>(
  { $match: { a: { $gt: 0 } } },
  { $match: { $expr: { $lt: [{ $size: { $objectToArray: "$$ROOT" } }, 4] } } },
  { $match: { $or: [{ a: 1 }, { $expr: { $eq: ["$b", "a"] } }] } },
  { $match: { $jsonSchema: { maxProperties: 3 } } },
  { $match: { $jsonSchema: { additionalProperties: false, properties: { _id: {}, a: {}, b: {} } } } },
  {
    $match: {
      $jsonSchema: { anyOf: [{ additionalProperties: false, properties: { _id: {}, a: {} } }, { required: ["b"] }] },
    },
  },
  { $match: { $jsonSchema: { not: { minProperties: 4 } } } },
  {
    $match: { $jsonSchema: { patternProperties: { "^_": { bsonType: ["int", "string"] }, a$: { bsonType: "int" } } } },
  },
  { $match: { $jsonSchema: { patternProperties: { "^(_id|a)$": {} }, additionalProperties: { bsonType: "int" } } } },
  { $match: { $jsonSchema: { dependencies: { a: { maxProperties: 2 }, b: ["a"] } } } },
  { $project: { a: 1, "b.c": 1 } },
  { $project: { a: 0 } },
  { $project: { "b.c": 0 } },
  { $project: { b: { c: 0 } } },
  { $project: { b: { c: 1 }, x: "$a" } },
  { $project: { x: [] } },
  { $project: { x: new Date(0) } },
  { $project: { x: { $literal: 0 } } },
  { $project: { a: new Double(0) } },
  { $project: { a: false, kept: false } },
  { $project: { _id: 1 } },
  { $project: { a: Decimal128.fromString("1") } },
  { $addFields: { x: "$$ROOT", y: "$$CURRENT.a" } },
  { $set: { n: { $size: { $objectToArray: "$$ROOT" } } } },
  { $set: { x: { $let: { vars: { all: "$$ROOT" }, in: "$$all" } } } },
  { $set: { x: { $literal: "$$ROOT" } } },
  { $set: { x: { $divide: [1, "$a"] } } },
  { $set: { "b.x": 1 } },
  { $unset: ["a", "b.c"] },
  { $replaceRoot: { newRoot: { $mergeObjects: ["$$ROOT", { r: 1 }] } } },
  { $replaceRoot: { newRoot: { _id: "$_id", all: "$$ROOT" } } },
  { $replaceWith: { _id: "$_id", a: "$a" } },
  { $replaceWith: { $cond: [{ $eq: ["$a", 1] }, "$a", "$$ROOT"] } },
  { $replaceWith: { $cond: [{ $eq: ["$a", 2] }, "$missing", "$$ROOT"] } },
  { $redact: { $cond: [{ $eq: ["$b", 1] }, "$$PRUNE", "$$DESCEND"] } },
  { $redact: { $cond: [{ $eq: ["$kept", true] }, "$$PRUNE", "$$DESCEND"] } },
  { $redact: { $cond: [{ $eq: ["$$ROOT.a", 1] }, "$$KEEP", "$$DESCEND"] } },
  { $unwind: "$a" },
  { $unwind: { path: "$a", preserveNullAndEmptyArrays: true, includeArrayIndex: "i" } },
  { $validate: { validator: { a: { $gt: 0 } } } },
  { $validate: { validator: { $expr: { $gt: [{ $divide: [4, "$a"] }, 1] } } } },
);

const runs = Number(process.env["ASP_PROPERTY_RUNS"] ?? 60);

/** Reads metadata in a way that changes nothing. */
const reading = { $match: { $expr: { $ne: [{ $meta: "stream.source.type" }, "nobody"] } } };

test("stages give the same documents and the same dead letters whether metadata is carried or not", async () => {
  const law = fc.asyncProperty(
    fc.array(stage, { minLength: 1, maxLength: 4 }),
    fc.array(document, { minLength: 1, maxLength: 8 }),
    async (stages, list) => {
      const documents = list.map((each, _id) => ({ _id, ...each }));
      const plain = await through(stages, documents);
      const carried = await through([...stages, reading], documents);
      expect(carried.documents).toEqual(plain.documents);
      expect(carried.bytes).toEqual(plain.bytes);
      expect(carried.dead).toEqual(plain.dead);
    },
  );
  await fc.assert(law, { numRuns: runs });
});

/** What the server makes of one document; `undefined` where one of the stages refuses it. */
async function alone(stages: readonly Document[], document: Document): Promise<readonly Document[] | undefined> {
  const aggregate = (part: readonly Document[], documents: readonly Document[]): Promise<Document[]> =>
    mongod.client
      .db(mongod.db)
      .aggregate([{ $documents: { $literal: documents } }, ...part], { promoteValues: false })
      .toArray();
  try {
    return await aggregate(stages, [document]);
  } catch {
    // Together it may be refused only because the optimiser lets a later stage look at it first.
    let current: readonly Document[] = [document];
    for (const each of stages) {
      const next = await aggregate([each], current).catch(() => undefined);
      if (next === undefined) return undefined;
      current = next;
    }
    return current;
  }
}

test("stages give what mongod's own aggregate gives, and lose no other document to one that fails", async () => {
  const law = fc.asyncProperty(
    fc.array(stage, { minLength: 1, maxLength: 4 }),
    fc.array(document, { minLength: 1, maxLength: 8 }),
    async (stages, list) => {
      const documents = list.map((each, _id) => ({ _id, ...each }));
      const { documents: ours, dead } = await through(stages, documents);
      const own = stages.map((each) => ("$validate" in each ? { $match: each["$validate"].validator } : each));
      const expected = new Map<number, Document>();
      const refused: number[] = [];
      for (const each of documents) {
        const results = await alone(own, each);
        if (results === undefined) refused.push(each._id);
        for (const result of results ?? []) expected.set(each._id, result);
      }
      // Of what `$unwind` made of one document some may fail and the others not; the server refuses them all.
      const unwinds = stages.some((each) => "$unwind" in each);
      if (unwinds) return;
      expect(ours).toEqual([...expected.values()]);
      expect(dead).toHaveLength(refused.length);
    },
  );
  await fc.assert(law, { numRuns: runs });
});

const stream = { source: { type: "generated" } };

test("a dead letter names the stage that failed and holds that stage's input", async () => {
  const { documents, dead } = await through(
    [{ $match: { a: { $gte: 0 } } }, { $set: { b: 1 } }, { $set: { c: { $divide: [1, "$a"] } } }],
    [
      { _id: 1, a: 1 },
      { _id: 2, a: 0 },
      { _id: 3, a: 2 },
    ],
  );
  expect(documents.map(({ _id }) => Number(_id))).toEqual([1, 3]);
  expect(dead).toMatchObject([
    {
      operatorName: "$set",
      errInfo: { reason: "can't $divide by zero" },
      doc: { _id: { value: 2 }, a: { value: 0 }, b: { value: 1 } },
      _stream_meta: stream,
    },
  ]);
});

test("a dead letter has the documented fields and no others", async () => {
  const letters = freshName();
  const pipeline = [
    { $source: { documents: [{ _id: 1, a: 0 }] } },
    { $set: { b: { $divide: [1, "$a"] } } },
    mergeInto(mongod.db, freshName()),
  ];
  const at = Date.UTC(2026, 0, 1);
  await runToEnd(mongod, [{ name: letters, pipeline, options: dlq(mongod.db, letters) }], { now: () => at });
  const [letter] = await mongod.client.db(mongod.db).collection(letters).find().toArray();
  expect(Object.keys(letter ?? {})).toEqual([
    "_id",
    "processorName",
    "dlqTime",
    "operatorName",
    "errInfo",
    "doc",
    "_stream_meta",
  ]);
  expect(letter).toMatchObject({
    processorName: letters,
    dlqTime: new Date(at),
    operatorName: "$set",
    errInfo: { reason: "can't $divide by zero" },
    doc: { _id: 1, a: 0 },
    _stream_meta: stream,
  });
});

test("a reason quotes the document without what the engine put into it", async () => {
  const stages = [{ $set: { m: { $meta: "stream.source.type" } } }, { $replaceWith: "$a" }];
  const { dead } = await through(stages, [{ _id: 1, a: 5 }]);
  const [{ errInfo, doc }] = dead as [Document];
  expect(errInfo.reason).toContain("must evaluate to an object, but resulting value was: 5");
  expect(errInfo.reason).not.toContain("__asp");
  expect(errInfo.reason).not.toContain("caused by");
  expect(Object.keys(doc)).toEqual(["_id", "a", "m"]);
});

test("metadata reads as the source says it, also after the root was replaced and in a redacted document", async () => {
  const stages = [
    { $replaceWith: { _id: "$_id", kept: true, sub: { kept: false } } },
    { $project: { sub: 1, kept: 1 } },
    { $redact: { $cond: [{ $eq: [{ $meta: "stream.source.type" }, "generated"] }, "$$DESCEND", "$$PRUNE"] } },
    { $unset: "kept" },
    {
      $set: {
        type: { $meta: "stream.source.type" },
        whole: { $meta: "stream" },
        nothing: { $meta: "stream.source.topic" },
      },
    },
  ];
  const { documents, dead } = await through(stages, [{ _id: 1 }]);
  expect(dead).toEqual([]);
  expect(documents).toMatchObject([{ sub: { kept: false }, type: "generated", whole: stream }]);
  expect(Object.keys(documents[0] ?? {})).toEqual(["_id", "sub", "type", "whole"]);
});

const invalid = "Input document found to be invalid in $validate stage";
const schema = { $jsonSchema: { required: ["a"], properties: { a: { bsonType: "int" } } } };

test("$validate discards what is invalid unless it says dlq", async () => {
  const list = [{ _id: 1, a: 1 }, { _id: 2 }, { _id: 3, a: "x" }];
  const discarding = await through([{ $validate: { validator: schema } }], list);
  expect([discarding.documents.length, discarding.dead]).toEqual([1, []]);
  const telling = await through([{ $validate: { validator: schema, validationAction: "dlq" } }], list);
  expect(telling.documents).toHaveLength(1);
  expect(telling.dead).toMatchObject([
    { operatorName: "$validate", errInfo: { reason: invalid }, doc: { _id: { value: 2 } } },
    { operatorName: "$validate", errInfo: { reason: invalid }, doc: { _id: { value: 3 }, a: "x" } },
  ]);
});

test("$validate after $unwind refuses only those of a document's parts that are invalid", async () => {
  const stages = [
    { $unwind: "$a" },
    { $validate: { validator: { a: { $lt: 3 } }, validationAction: "dlq" } },
    { $set: { x: { $divide: [1, "$a"] }, _id: { $add: [{ $multiply: ["$_id", 10] }, "$a"] } } },
  ];
  const { documents, dead } = await through(stages, [
    { _id: 1, a: [1, 5, 2, 0] },
    { _id: 2, a: [7, 1] },
  ]);
  expect(documents.map(({ _id }) => Number(_id))).toEqual([11, 12, 21]);
  expect(dead.map(({ operatorName, doc }) => [operatorName, Number(doc._id), Number(doc.a)])).toEqual([
    ["$validate", 1, 5],
    ["$validate", 2, 7],
    ["$set", 1, 0],
  ]);
});

test("a validator that fails over a document sends it to the dead letters with the server's reason", async () => {
  const { documents, dead } = await through(
    [{ $validate: { validator: { $expr: { $gt: [{ $divide: [1, "$a"] }, 0] } }, validationAction: "dlq" } }],
    [
      { _id: 1, a: 0 },
      { _id: 2, a: 1 },
    ],
  );
  expect(documents.map(({ _id }) => Number(_id))).toEqual([2]);
  expect(dead).toMatchObject([{ operatorName: "$validate", errInfo: { reason: "can't $divide by zero" } }]);
});

test("of many failing documents in a batch each gets its own dead letter, and the others go on", async () => {
  const list = Array.from({ length: 3000 }, (_, _id) => ({ _id, a: _id % 100 === 7 ? 0 : 1 }));
  const { documents, dead } = await through([{ $set: { b: { $divide: [1, "$a"] } } }], list);
  expect(documents).toHaveLength(2970);
  expect(dead.map(({ doc }) => Number(doc._id))).toEqual(Array.from({ length: 30 }, (_, index) => index * 100 + 7));
});

test("without a dead letter queue failing documents are dropped and counted", async () => {
  const coll = freshName();
  const [stats] = await runToEnd(mongod, [
    {
      name: coll,
      pipeline: [
        {
          $source: {
            documents: [
              { _id: 1, a: 0 },
              { _id: 2, a: 1 },
            ],
          },
        },
        { $set: { b: { $divide: [1, "$a"] } } },
        mergeInto(mongod.db, coll),
      ],
    },
  ]);
  expect(stats).toMatchObject({ state: "STOPPED", input: 2, output: 1, deadLetters: 1 });
});

test("inline documents may be an expression", async () => {
  const coll = freshName();
  const documents = { $map: { input: { $range: [0, 1500] }, in: { _id: "$$this", x: { $mod: ["$$this", 3] } } } };
  const [stats] = await runToEnd(mongod, [
    { name: coll, pipeline: [{ $source: { documents } }, { $match: { x: 1 } }, mergeInto(mongod.db, coll)] },
  ]);
  expect(stats).toMatchObject({ state: "STOPPED", input: 1500, output: 500 });
  expect(await mongod.client.db(mongod.db).collection(coll).countDocuments()).toBe(500);
});

test("stages that mongod refuses for every document fail the processor at its start", async () => {
  const coll = freshName();
  const [stats] = await runToEnd(mongod, [
    {
      name: coll,
      pipeline: [
        { $source: { documents: [{ _id: 1 }] } },
        { $set: { a: { $nothing: 1 } } },
        mergeInto(mongod.db, coll),
      ],
    },
  ]);
  expect(stats).toMatchObject({ state: "FAILED", error: { code: "ASP5107" } });
  expect(stats?.error?.message).toContain("$nothing");
});
