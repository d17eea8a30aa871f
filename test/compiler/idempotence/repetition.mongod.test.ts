import { EJSON } from "bson";
import type { Document } from "bson";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findRepetition } from "../../../src/compiler/idempotence/find-repetition.ts";
import { readUpdate } from "../../../src/compiler/idempotence/read-update.ts";
import { connectMongod } from "../../support/mongod.ts";
import type { TestDatabase } from "../../support/mongod.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

// Numbers, lists, texts and versions, each stored and incoming: few enough that operators often meet the field that they set.
const numbers = fc.constantFrom<unknown>("$n", "$m", "$$new.n", "$$new.m", 0, 1, 2.5);
const lists = fc.constantFrom<unknown>("$list", "$$new.list", [], ["x"], ["$$new.s"], { $ifNull: ["$list", []] });
const texts = fc.constantFrom<unknown>("$s", "$$new.s", "x", "");
const versions = fc.constantFrom<unknown>("$$new.v", "$v", { $ifNull: ["$v", -1] }, "$$new.n", "$n", 2);

const conditions: fc.Arbitrary<unknown> = fc.letrec<{ any: unknown; simple: unknown }>((tie) => ({
  any: fc.oneof(
    { weight: 4, arbitrary: tie("simple") },
    fc.tuple(fc.constantFrom("$and", "$or"), tie("any"), tie("any")).map(([name, a, b]) => ({ [name]: [a, b] })),
    tie("any").map((a) => ({ $not: [a] })),
  ),
  simple: fc.oneof(
    fc.constantFrom<unknown>({ $gt: ["$$new.v", { $ifNull: ["$v", -1] }] }, { $gt: ["$$new.v", "$v"] }),
    fc
      .tuple(fc.constantFrom("$gt", "$gte", "$lt", "$lte", "$eq", "$ne"), versions, versions)
      .map(([name, a, b]) => ({ [name]: [a, b] })),
    fc
      .tuple(
        texts,
        lists.filter((list) => list !== "$list"),
      )
      .map(([item, list]) => ({ $in: [item, list] })),
    fc.constantFrom<unknown>("$on", "$$new.on", { $eq: [{ $type: "$v" }, "missing"] }, { $eq: ["$v", null] }),
  ),
})).any;

type Kind = "n" | "list" | "s" | "any";

function expression(kind: Kind, depth: number): fc.Arbitrary<unknown> {
  if (kind === "any") return fc.oneof(...(["n", "list", "s"] as const).map((each) => expression(each, depth)));
  const leaf = { n: numbers, list: lists, s: texts }[kind];
  if (depth === 0) return leaf;
  const inner = expression(kind, depth - 1);
  const two = fc.tuple(inner, inner);
  const names = {
    n: ["$add", "$subtract", "$multiply", "$max", "$min", "$ifNull"],
    list: ["$concatArrays", "$setUnion", "$setIntersection", "$setDifference", "$ifNull"],
    s: ["$concat", "$max", "$ifNull"],
  }[kind];
  return fc.oneof(
    leaf,
    { weight: 3, arbitrary: fc.tuple(fc.constantFrom(...names), two).map(([name, args]) => ({ [name]: args })) },
    { weight: 3, arbitrary: fc.tuple(conditions, two).map(([condition, [a, b]]) => ({ $cond: [condition, a, b] })) },
    fc.tuple(conditions, conditions, two, inner).map(([c1, c2, [a, b], last]) => ({
      $switch: {
        branches: [
          { case: c1, then: a },
          { case: c2, then: b },
        ],
        default: last,
      },
    })),
    fc.tuple(inner, inner).map(([a, b]) => ({ $let: { vars: { a }, in: { $cond: ["$$new.on", "$$a", b] } } })),
    ...(kind === "list" ? [fc.tuple(inner, texts).map(([input, x]) => filtered(input, x))] : []),
    ...(kind === "list"
      ? [fc.tuple(inner, texts).map(([input, x]) => ({ $concatArrays: [filtered(input, x), [x]] }))]
      : []),
    ...(kind === "s" ? [inner.map((a) => ({ $toLower: a }))] : []),
    ...(kind === "n" ? [inner.map((a) => ({ $abs: a }))] : []),
  );
}

const filtered = (input: unknown, x: unknown): object => ({ $filter: { input, cond: { $ne: ["$$this", x] } } });

const fields = fc
  .record(
    {
      n: expression("n", 2),
      m: expression("n", 1),
      list: expression("list", 2),
      s: expression("s", 1),
      "sub.n": fc.oneof(expression("n", 1), fc.constantFrom<unknown>("$sub.n", { $add: ["$sub.n", 1] })),
      sub: fc.constantFrom<unknown>({ $mergeObjects: ["$sub", "$$new.sub"] }, { $mergeObjects: ["$$new.sub", "$sub"] }),
      v: fc.oneof(
        { weight: 3, arbitrary: fc.constantFrom<unknown>("$$new.v", { $max: ["$v", "$$new.v"] }) },
        fc.tuple(conditions, versions).map(([condition, value]) => ({ $cond: [condition, value, "$v"] })),
      ),
      on: fc.oneof(conditions, fc.constantFrom<unknown>("$on", true)),
      w: expression("any", 1),
    },
    { requiredKeys: [] },
  )
  .map(({ sub, ...others }) => (sub === undefined || "sub.n" in others ? others : { ...others, sub }))
  .filter((set) => Object.keys(set).length > 0);

const nested = (set: Document): Document => {
  const { "sub.n": n, ...rest } = set;
  return n === undefined ? set : { ...rest, sub: { n } };
};

const wholes = fc.oneof(
  fields.map(nested),
  fields.map((set) => ({ $mergeObjects: ["$$ROOT", nested(set)] })),
  fields.map((set) => ({ $mergeObjects: ["$$ROOT", "$$new", nested(set)] })),
  fc.constantFrom<unknown>("$$ROOT", "$$new", { $mergeObjects: ["$$new", "$$ROOT"] }),
);

const stage = fc.oneof(
  { weight: 4, arbitrary: fields.map(($set) => ({ $set })) },
  fields.map((set) => ({ $set: nested(set) })),
  fc.constantFrom<object>({ $unset: "n" }, { $unset: ["v", "sub.n"] }, { $project: { n: 1, list: 1, v: 1 } }),
  fc.constantFrom<object>({ $project: { s: 0, "sub.n": 0 } }, { $project: { n: { $add: ["$n", 1] }, v: "$$new.v" } }),
  { weight: 2, arbitrary: wholes.map(($replaceWith) => ({ $replaceWith })) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(conditions, wholes, wholes)
      .map(([condition, a, b]) => ({ $replaceWith: { $cond: [condition, a, b] } })),
  },
  wholes.map((newRoot) => ({ $replaceRoot: { newRoot } })),
);

const pipelines = fc.array(stage, { minLength: 1, maxLength: 2 });

/** A few documents; each field may be missing. `$$new.v` is what a guard compares, and so is there. */
const content = {
  n: fc.constantFrom(0, 1, 2, -3, 2.5),
  m: fc.constantFrom(1, 2),
  list: fc.constantFrom([], ["x"], ["x", "Y"], ["y", "y"]),
  s: fc.constantFrom("x", "Y", "y"),
  sub: fc.constantFrom({}, { n: 1 }, { n: 2, o: 1 }),
  on: fc.boolean(),
  v: fc.constantFrom(1, 2, 3),
};
const storedDocument = fc.record(content, { requiredKeys: [] });
const incomingDocument = fc.record(content, { requiredKeys: ["v", "s"] });
const pairs = fc.array(fc.tuple(storedDocument, incomingDocument), { minLength: 12, maxLength: 12 });

/** The documents after each of two applications; one that fails leaves its document as it was. */
async function applyTwice(pipeline: readonly object[], list: readonly (readonly [object, object])[]) {
  const collection = mongod.client.db(mongod.db).collection<{ _id: number }>("documents");
  await collection.deleteMany({});
  await collection.insertMany(list.map(([before], _id) => ({ _id, ...before })));
  const updates = list.map(([, document], _id) => ({
    q: { _id },
    u: pipeline,
    c: { new: { _id, ...document } },
  }));
  const apply = async (): Promise<readonly string[]> => {
    await mongod.client.db(mongod.db).command({ update: "documents", updates, ordered: false });
    const documents = await collection.find().sort({ _id: 1 }).toArray();
    return documents.map(canonical);
  };
  return [await apply(), await apply()] as const;
}

/** Without the order of fields, which `$mergeObjects` may change for no one to see. */
function canonical(document: Document): string {
  return JSON.stringify(EJSON.serialize(document), (_, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

const runs = Number(process.env["ASP_PROPERTY_RUNS"] ?? 300);

test("whatever changes when it is applied twice is found", async () => {
  let [same, found, silent] = [0, 0, 0];
  await fc.assert(
    fc.asyncProperty(pipelines, pairs, async (pipeline, list) => {
      const update = readUpdate(pipeline);
      expect(update).toBeDefined();
      if (update === undefined) return;
      const { changing } = findRepetition(update);
      const [once, twice] = await applyTwice(pipeline, list);
      const changes = once.some((each, index) => each !== twice[index]);
      if (!changes) same += 1;
      if (!changes && changing === undefined) silent += 1;
      if (changes) found += 1;
      if (changes && changing === undefined) {
        const index = once.findIndex((each, i) => each !== twice[i]);
        expect({ list: list[index], once: once[index] }).toEqual({ list: list[index], once: twice[index] });
      }
    }),
    { numRuns: runs },
  );
  // The property says nothing where no pipeline changes anything, or where everything is warned of.
  expect(found).toBeGreaterThan(runs / 10);
  expect(silent).toBeGreaterThan(same / 3);
}, 3_600_000);
