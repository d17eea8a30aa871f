import { Decimal128, Double, EJSON, Int32, Long, type Document } from "bson";
import type { MongoClient } from "mongodb";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";
import { dlq, freshName, mergeInto, runToEnd, stored, storedBytes } from "./support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

/** Equal and unequal keys of every number type, and some that are no numbers. */
const ids = fc.constantFrom<unknown>(
  1,
  new Double(1),
  Long.fromNumber(1),
  Decimal128.fromString("1.0"),
  2,
  new Double(2.5),
  Decimal128.fromString("2.5"),
  "1",
  "a.b",
  { a: 1 },
  { a: new Double(1) },
  new Date(5),
);

const values = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom<unknown>(
    null,
    "text",
    "$text",
    new Double(1.5),
    Long.fromNumber(7),
    [],
    [1, [2]],
    {},
    { b: { c: 1 } },
    { "d.e": 1 },
    { $f: 1 },
    true,
  ),
);

const fieldNames = ["a", "b", "n", "c.d", "$e", "10", "2"];

const documents = (id: fc.Arbitrary<unknown>): fc.Arbitrary<ReadonlyMap<string, unknown>> =>
  fc
    .record({
      id,
      fields: fc.uniqueArray(fc.tuple(fc.constantFrom(...fieldNames), values), { selector: ([k]) => k, maxLength: 4 }),
    })
    .map(({ id: _id, fields }) => new Map([["_id", _id], ...fields]));

const counting = [
  { $replaceWith: { $mergeObjects: ["$$ROOT", "$$new", { n: { $add: [{ $ifNull: ["$n", 0] }, 1] } }] } },
];
const setting = [{ $set: { n: { $add: ["$n", 1] }, last: "$$new.a" } }, { $unset: "b" }];
const forgetful = [{ $replaceWith: { n: { $add: [{ $ifNull: ["$n", 0] }, "$$new.n"] }, was: "$_id" } }];
const unsound = [{ $replaceWith: { $cond: [{ $eq: ["$$new.n", 1] }, "$$new.a", { was: "$n", n: "$$new.n" }] } }];
const renaming = [{ $replaceWith: { $mergeObjects: ["$$ROOT", { _id: { $ifNull: ["$$new.b", "$_id"] } }] } }];

const matched = fc.constantFrom<unknown>(
  "replace",
  "keepExisting",
  "merge",
  undefined,
  counting,
  setting,
  forgetful,
  unsound,
  renaming,
);

/** What the server's own `$merge` leaves when the documents come one by one, and which of them it refuses. */
async function byTheServer(coll: string, list: readonly Document[], options: Document): Promise<readonly number[]> {
  const refused: number[] = [];
  for (const [index, document] of list.entries()) {
    const pipeline = [{ $documents: [{ $literal: document }] }, { $merge: { into: coll, ...options } }];
    await mongod.client
      .db(mongod.db)
      .command({ aggregate: 1, pipeline, cursor: {} })
      .catch(() => refused.push(index));
  }
  return refused;
}

interface Trial {
  readonly before: readonly ReadonlyMap<string, unknown>[];
  readonly list: readonly ReadonlyMap<string, unknown>[];
  readonly options: Document;
  readonly index?: Document;
  readonly validator?: Document;
}

async function compare({ before, list, options, index, validator }: Trial): Promise<void> {
  const db = mongod.client.db(mongod.db);
  const ofMode = typeof options["whenMatched"] !== "object";
  const numbered = list.map((document, i) => plainFor(ofMode, new Map([...document, ["i", i]])) as unknown as Document);
  const [ours, theirs, letters] = [freshName(), freshName(), freshName()];
  for (const coll of [ours, theirs]) {
    await db.createCollection(coll, validator === undefined ? {} : { validator });
    if (index !== undefined) await db.createIndex(coll, index, { unique: true });
    for (const document of before)
      await db
        .collection(coll)
        .insertOne(plainFor(ofMode, document) as unknown as Document)
        .catch(() => undefined);
  }
  const refused = await byTheServer(theirs, numbered, options);
  const source = { $source: { documents: numbered } };
  const [stats] = await runToEnd(mongod, [
    { name: ours, pipeline: [source, mergeInto(mongod.db, ours, options)], options: dlq(mongod.db, letters) },
  ]);
  expect(stats?.error).toBeUndefined();
  const read = ofMode ? storedAnyOrder : storedBytes;
  expect(await read(mongod.client, mongod.db, ours)).toEqual(await read(mongod.client, mongod.db, theirs));
  const dead = (await stored(mongod.client, mongod.db, letters)).map(({ doc }) => Number(doc.i));
  expect(dead.toSorted((a, b) => a - b)).toEqual(refused);
  await Promise.all([ours, theirs, letters].map((coll) => db.dropCollection(coll)));
}

/**
 * The server's modes are made of `$set` and of replacement documents: they sort new fields, take a dotted name for a path and refuse
 * a dollar, and `merge` refuses to write 1 over an `_id` of 1.0. Ours keep names and order; docs/emulator.md says so.
 */
function plainFor(ofMode: boolean, document: ReadonlyMap<string, unknown>): ReadonlyMap<string, unknown> {
  if (!ofMode) return document;
  const plain = [...document].filter(([name]) => !/[.$]/.test(name));
  return new Map(plain.map(([name, value]) => (name === "_id" ? [name, plainId(value)] : [name, value])));
}

function plainId(id: unknown): unknown {
  if (typeof id === "number") return new Double(id);
  if (typeof id !== "object" || id === null || Array.isArray(id) || id instanceof Date) return id;
  return "_bsontype" in id ? new Double(Number(String(id))) : JSON.stringify(id);
}

async function storedAnyOrder(client: MongoClient, db: string, coll: string): Promise<readonly unknown[]> {
  return (await stored(client, db, coll)).map((document) =>
    Object.entries(EJSON.serialize(document, { relaxed: false })).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}

const runs = Number(process.env["ASP_PROPERTY_RUNS"] ?? 30);

const options = (more: Document) =>
  fc
    .record({ whenMatched: matched, whenNotMatched: fc.constantFrom("insert", "discard", undefined) })
    .map((chosen) => ({ ...withoutUndefined(chosen), ...more }))
    // A mode pair that the server does not have is not to be compared with it.
    .filter(({ whenMatched, whenNotMatched }) => whenMatched !== "keepExisting" || whenNotMatched !== "discard");

function withoutUndefined(value: Document): Document {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined));
}

test("any batch merged on _id leaves what the server's own $merge leaves document by document", async () => {
  const trial = fc.record({
    before: fc.array(documents(ids), { maxLength: 3 }),
    list: fc.array(documents(fc.oneof({ weight: 8, arbitrary: ids }, fc.constantFrom<unknown>(null, [1]))), {
      minLength: 1,
      maxLength: 12,
    }),
    options: options({}),
  });
  await fc.assert(fc.asyncProperty(trial, compare), { numRuns: runs });
});

const keyed = (key: fc.Arbitrary<unknown>): fc.Arbitrary<ReadonlyMap<string, unknown>> =>
  fc
    .tuple(key, fc.integer({ min: 1, max: 3 }), documents(fc.uuid()))
    .map(([k, l, document]) => new Map([...document, ["k", { x: k }], ["l", l]]));

test("any batch merged on two fields, one of them dotted, leaves what the server's own $merge leaves", async () => {
  const trial = fc.record({
    before: fc.array(keyed(ids), { maxLength: 3 }),
    list: fc.array(keyed(fc.oneof({ weight: 8, arbitrary: ids }, fc.constantFrom<unknown>(null, [1]))), {
      minLength: 1,
      maxLength: 12,
    }),
    options: options({ on: ["k.x", "l"] }),
    index: fc.constant({ "k.x": 1, l: 1 }),
  });
  await fc.assert(fc.asyncProperty(trial, compare), { numRuns: runs });
});

test("a validator and another unique index refuse the same documents of a batch as one by one", async () => {
  const trial = fc.record({
    before: fc.constant([]),
    list: fc.array(
      fc
        .record({
          _id: fc.integer({ min: 1, max: 3 }),
          n: fc.integer({ min: 0, max: 4 }),
          u: fc.integer({ min: 0, max: 3 }),
        })
        .map((document) => new Map<string, unknown>(Object.entries(document))),
      { minLength: 1, maxLength: 12 },
    ),
    options: options({}),
    index: fc.constant({ u: 1 }),
    validator: fc.constant({ n: { $lt: 3 } }),
  });
  await fc.assert(fc.asyncProperty(trial, compare), { numRuns: runs });
});

test("a let variable and $$new are what the server makes of them, and one without a value is refused", async () => {
  const whenMatched = [
    { $set: { seen: "$$who", n: { $add: ["$n", "$$new.n"] }, more: { $ifNull: ["$$lost", "nothing"] } } },
  ];
  await compare({
    before: [
      new Map<string, unknown>([
        ["_id", 1],
        ["n", new Int32(1)],
      ]),
    ],
    list: [1, 1, 3, 2].map(
      (_id) => new Map<string, unknown>([["_id", _id], ["n", 2], ...(_id === 3 ? [] : [["w", "me"] as const])]),
    ),
    options: { let: { who: "$w", lost: { $ifNull: ["$x", null] } }, whenMatched },
  });
});
