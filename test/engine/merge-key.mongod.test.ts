import { Binary, BSONSymbol, Decimal128, Double, Int32, Long, MaxKey, MinKey, ObjectId, Timestamp } from "bson";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mergeKey } from "../../src/engine/core/merge-key.ts";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";
import { freshName } from "./support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const numbers = fc.oneof(
  fc.constantFrom<unknown>(
    new Double(0),
    new Double(-0),
    new Double(0.1),
    new Double(2.5),
    new Double(2 ** 53),
    new Double(2 ** 60),
    new Double(1e21),
    new Double(1e-300),
    new Double(Number.NaN),
    new Double(Number.POSITIVE_INFINITY),
    new Double(Number.NEGATIVE_INFINITY),
    Long.fromString("9007199254740992"),
    Long.fromString("9007199254740993"),
    Long.fromString("1152921504606846976"),
    Long.fromString("-9223372036854775808"),
    new Double(-(2 ** 63)),
    ...[
      "0",
      "-0",
      "0E+5",
      "0.1",
      "0.10",
      "2.5",
      "25E-1",
      "1E+2",
      "100",
      "100.00",
      "1E+21",
      "NaN",
      "Infinity",
      "-Infinity",
    ].map((text) => Decimal128.fromString(text)),
    Decimal128.fromString("9007199254740993"),
    Decimal128.fromString("1152921504606846976"),
  ),
  fc.integer({ min: -2, max: 2 }).map((number) => new Int32(number)),
  fc.integer({ min: -2, max: 2 }).map((number) => new Double(number / 2)),
  fc.integer({ min: -4, max: 4 }).map((number) => Decimal128.fromString(String(number / 4))),
  fc.double({ noNaN: true }).map((number) => new Double(number)),
);

const others = fc.constantFrom<unknown>(
  "",
  "1",
  "a",
  new BSONSymbol("a"),
  true,
  false,
  new Date(1),
  new Timestamp({ t: 0, i: 1 }),
  new ObjectId("000000000000000000000001"),
  "000000000000000000000001",
  new Binary(new Uint8Array([1])),
  new Binary(new Uint8Array([1]), 4),
  new MinKey(),
  new MaxKey(),
);

const leaves = fc.oneof(numbers, others);
const ids = fc.oneof(
  { weight: 4, arbitrary: numbers },
  { weight: 2, arbitrary: others },
  fc.dictionary(fc.constantFrom("a", "b"), fc.oneof(leaves, fc.array(leaves, { maxLength: 2 })), {
    noNullPrototype: true,
  }),
  fc.constantFrom<unknown>(
    { a: ["x", "y"] },
    { a: ["x,s1:y"] },
    { a: { b: 1 } },
    { a: "1:b" },
    new Map<string, unknown>([
      ["b", 1],
      ["a", 1],
    ]),
    { a: 1, b: 1 },
  ),
);

test("two values have one key if and only if the server takes them for one _id", async () => {
  const law = fc.asyncProperty(fc.array(ids, { minLength: 2, maxLength: 30 }), async (list) => {
    const coll = freshName();
    const db = mongod.client.db(mongod.db);
    const expected = new Set<string>();
    const refused: number[] = [];
    for (const [index, id] of list.entries()) {
      if (expected.has(mergeKey(id))) refused.push(index);
      expected.add(mergeKey(id));
    }
    const reply = await db.command({ insert: coll, documents: list.map((_id) => ({ _id })), ordered: false });
    const duplicates = (reply["writeErrors"] ?? []).map(({ index }: { index: number }) => index);
    expect(refused).toEqual(duplicates);
    await db.dropCollection(coll);
  });
  await fc.assert(law, { numRuns: 100 });
});
