import { type Document, ObjectId, serialize } from "bson";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { decodeExact } from "../../src/engine/core/exact-bson.ts";
import { toCondition, toPredicate } from "../../src/engine/core/simple-match.ts";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const text = fc.constantFrom("A", "B", "", "ObjectId");
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    { weight: 3, arbitrary: text },
    fc.constantFrom<unknown>(null, 1, 2.5, true, new Date(0), new ObjectId("0123456789abcdef01234567")),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("t", "u", "10"), tie("value"), { maxKeys: 2, noNullPrototype: true }),
  ),
}));
const event = fc.record({ a: value, b: value }, { requiredKeys: [] });
const path = fc.constantFrom("a", "a.t", "a.u", "a.t.u", "b", "b.t", "a._bsontype", "a.length", "c");
const condition = fc.oneof(
  text,
  text.map(($eq) => ({ $eq })),
  fc.array(text, { maxLength: 3 }).map(($in) => ({ $in })),
);
const pipeline = fc.array(
  fc.dictionary(path, condition, { minKeys: 0, maxKeys: 2, noNullPrototype: true }).map(($match) => ({ $match })),
  { minLength: 0, maxLength: 2 },
);

test("the predicate lets through what the server's $match lets through", async () => {
  const law = fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 20 }), pipeline, async (events, stages) => {
    const predicate = toPredicate(stages);
    expect(predicate).toBeDefined();
    const numbered = events.map((document, _id) => ({ ...document, _id }));
    const passed = await mongod.client
      .db(mongod.db)
      .aggregate([{ $documents: { $literal: numbered } }, ...stages])
      .toArray();
    const ours = numbered.filter((document) => predicate?.(decodeExact(serialize(document))));
    expect(ours.map(({ _id }) => _id)).toEqual(passed.map(({ _id }: Document) => _id));
  });
  await fc.assert(law, { numRuns: 300 });
});

test("the condition is true where the predicate is, or fails for an array within an array", async () => {
  const hasNested = (value: unknown, inArray: boolean): boolean =>
    Array.isArray(value)
      ? inArray || value.some((item) => hasNested(item, true))
      : typeof value === "object" && value !== null && Object.values(value).some((item) => hasNested(item, inArray));
  let compared = 0;
  const law = fc.asyncProperty(event, pipeline, async (document, stages) => {
    const pass = toPredicate(stages)?.(decodeExact(serialize(document)));
    const [result] = await mongod.client
      .db(mongod.db)
      .aggregate([{ $documents: { $literal: [document] } }, { $replaceWith: { pass: toCondition(stages) } }])
      .toArray()
      .catch((error: unknown) => {
        if (!hasNested(document, false)) throw error;
        expect(String(error)).toMatch(/no array/);
        return [];
      });
    if (result === undefined) return;
    expect(result["pass"]).toBe(pass);
    compared += 1;
  });
  await fc.assert(law, { numRuns: 500 });
  expect(compared).toBeGreaterThan(300);
});

test.each(["a.$b", "a..b", ""])("a path that an expression cannot name gives no condition: %j", (name) => {
  expect(toCondition([{ $match: { [name]: "A" } }])).toBeUndefined();
});

test.each<[string, readonly Document[]]>([
  ["another stage", [{ $project: { a: 1 } }]],
  ["a number", [{ $match: { a: 1 } }]],
  ["null", [{ $match: { a: null } }]],
  ["a pattern among texts", [{ $match: { a: { $in: ["A", /b/] } } }]],
  ["another operator", [{ $match: { a: { $ne: "A" } } }]],
  ["two operators", [{ $match: { a: { $in: ["A"], $ne: "B" } } }]],
  ["a combination", [{ $match: { $or: [{ a: "A" }] } }]],
  ["an expression", [{ $match: { $expr: { $eq: ["$a", "A"] } } }]],
  ["a place in an array", [{ $match: { "a.0": "A" } }]],
])("%s is left to mongod", (_, stages) => expect(toPredicate(stages)).toBeUndefined());
