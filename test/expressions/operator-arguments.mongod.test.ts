import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Decimal128, Double, Long } from "bson";
import type { Document } from "bson";
import { accumulatorArguments, operatorArguments } from "../../src/expressions/operator-arguments.ts";
import type { OperatorArguments } from "../../src/expressions/operator-arguments.ts";
import { aspOperators, isOlder, operatorVersions, operatorsOf } from "../../src/expressions/operators.ts";
import { checkExpressions } from "../../src/compiler/check-expressions.ts";
import { rootCursor } from "../../src/compiler/cursor.ts";
import type { KindSchema } from "../../src/compiler/kinds.ts";
import { connectMongod } from "../support/mongod.ts";
import type { TestDatabase } from "../support/mongod.ts";

/** The version whose answers these are. */
const judge = "6.0.5";

let mongod: TestDatabase;
let version = "";
beforeAll(async () => {
  mongod = await connectMongod();
  ({ version } = await mongod.client.db("admin").command({ serverStatus: 1 }));
});
afterAll(() => mongod.close());

/** What a mongod says when it reads a stage that gets no document; undefined where it takes it. */
async function serverSays(stage: Document): Promise<string | undefined> {
  try {
    await mongod.client
      .db(mongod.db)
      .aggregate([{ $documents: [] }, stage])
      .toArray();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function weSay(kind: string, value: unknown): readonly string[] {
  const cursor = rootCursor(value, { processor: undefined, place: undefined, placeOf: () => undefined });
  const surroundings = { stream: true, metadata: true, variables: [], spoilt: new Set<string>() };
  const schema: KindSchema = { asp: kind as KindSchema["asp"] };
  return checkExpressions({ schema, cursor }, "$set", surroundings).map(({ message }) => message);
}

/** Every call on which the two disagree. */
async function disagreements(calls: readonly unknown[], kind: string, toStage: (call: unknown) => Document) {
  const wrong: { call: string; server: string | undefined; ours: readonly string[] }[] = [];
  for (const call of calls) {
    const [server, ours] = [await serverSays(toStage(call)), weSay(kind, call)];
    if ((server !== undefined) !== ours.length > 0) wrong.push({ call: JSON.stringify(call), server, ours });
  }
  return wrong;
}

const inProject = (call: unknown): Document => ({ $project: { x: call } });

/** A value that the server reads without complaint in the place of an argument; what is not here is a field. */
const sound: Readonly<Record<string, unknown>> = {
  "$function.body": "function () {}",
  "$function.args": [],
  "$function.lang": "js",
  "$let.vars": { y: "$a" },
  "$map.as": "y",
  "$filter.as": "y",
  "$setField.field": "y",
  "$unsetField.field": "y",
  "$getField.field": "y",
  "$sortArray.sortBy": { y: 1 },
  "$switch.branches": [{ case: "$a", then: "$b" }],
  "$zip.inputs": ["$a"],
  "$zip.useLongestLength": true,
  "$zip.defaults": ["$b"],
  "$top.sortBy": { y: 1 },
  "$topN.sortBy": { y: 1 },
  "$bottom.sortBy": { y: 1 },
  "$bottomN.sortBy": { y: 1 },
  "$accumulator.init": "f",
  "$accumulator.accumulate": "f",
  "$accumulator.accumulateArgs": [],
  "$accumulator.initArgs": [],
  "$accumulator.merge": "f",
  "$accumulator.finalize": "f",
  "$accumulator.lang": "js",
};

/** Arguments that ASP or a newer server has. */
const newer: ReadonlySet<string> = new Set([
  ...["$convert.format", "$convert.byteOrder", "$convert.base"],
  ...["$map.arrayIndexAs", "$filter.arrayIndexAs", "$reduce.as", "$reduce.valueAs", "$reduce.arrayIndexAs"],
]);

const argument = (operator: string, name: string): unknown => sound[`${operator}.${name}`] ?? "$a";

function withArguments(operator: string, names: readonly string[]): Document {
  return Object.fromEntries(names.map((name) => [name, argument(operator, name)]));
}

/** Calls by name: all that is needed, each of it left out, each that may be there, one too many, and none at all. */
function namedCalls(operator: string, { named }: OperatorArguments): readonly Document[] {
  if (named === undefined) return [];
  // These need one of two.
  const required = operator === "$dateFromParts" ? ["year"] : named.required;
  const optional = named.optional.filter((name) => !newer.has(`${operator}.${name}`) && !required.includes(name));
  return [
    required,
    ...required.map((name) => required.filter((each) => each !== name)),
    ...optional.map((name) => [...required, name]),
    [...required, ...(operator === "$dateFromParts" ? [] : optional)],
    [...required, "unknown"],
    [],
  ].map((names) => ({ [operator]: withArguments(operator, names) }));
}

function countedCalls(operator: string): readonly Document[] {
  const lists = [0, 1, 2, 3, 4, 5].map((count) => ({ [operator]: Array.from({ length: count }, () => "$a") }));
  // Newer servers take a path for the name of a field.
  return operator === "$getField" ? lists : [...lists, { [operator]: "$a" }];
}

const old = (names: readonly string[]): readonly string[] =>
  names.filter((name) => !aspOperators.includes(name) && !isOlder(judge, operatorVersions.get(name) ?? judge));

describe("the server refuses a call where we do, and takes it where we do", () => {
  const expressions = old(operatorsOf("expression")).filter(
    // Expressions of newer servers only, though they are as old as accumulators.
    (name) => name !== "$meta" && !["$top", "$topN", "$bottom", "$bottomN"].includes(name),
  );
  test.for(expressions)("of %s", async (operator, { skip }) => {
    if (version !== judge) skip();
    const rule = operatorArguments.get(operator) ?? {};
    const calls = [...countedCalls(operator), ...namedCalls(operator, rule)];
    expect(await disagreements(calls, "expression", inProject)).toEqual([]);
  });

  const inGroup = (call: unknown): Document => ({ $group: call as Document });
  test.for(old(operatorsOf("accumulator")).filter((name) => !["$concatArrays", "$setUnion"].includes(name)))(
    "of the accumulator %s",
    async (operator, { skip }) => {
      if (version !== judge) skip();
      const rule = accumulatorArguments.get(operator) ?? {};
      const calls = [...countedCalls(operator), { [operator]: {} }, ...namedCalls(operator, rule)];
      const groups = calls.map((call) => ({ _id: null, x: call }));
      expect(await disagreements(groups, "group", inGroup)).toEqual([]);
    },
  );
});

/** Calls that no table describes. */
const calls: readonly unknown[] = [
  ...["$", "$$", "$.a", "$a..b", "$a.", "$a.$b", "$a.$id", "$$a", "$$ROOT.", "$$ROOT..a", "$$CURRENT.a", "$$REMOVE"],
  ...[
    "$$DESCEND",
    "$$NOPE",
    "$a.0",
    "$ a",
    "$a.b$c",
    "$$ROOT.a$",
    "$$this",
    "$$new",
    "$$_a",
    "$$A",
    "$$a-b",
    "$a.$b.c",
  ],
  [{ "a.b": 1 }],
  [{ "": 1 }],
  [{ $a: 1, b: 2 }],
  [{ b: 2, $a: 1 }],
  { $and: [{ a: { $add: [1], b: 1 } }] },
  { $and: [{ a$b: 1 }] },
  { $and: [{}] },
  { $and: [{ a: {} }] },
  { $let: { vars: { A: 1 }, in: 1 } },
  { $let: { vars: { CURRENT: "$b" }, in: "$c" } },
  { $let: { vars: { ROOT: "$b" }, in: "$c" } },
  { $let: { vars: { é: "$b" }, in: "$$é" } },
  { $let: { vars: { _a: "$b" }, in: "$c" } },
  { $let: { vars: { "a-b": "$b" }, in: "$c" } },
  { $let: { vars: { "": "$b" }, in: "$c" } },
  { $let: { vars: { a1_Z: "$b" }, in: "$$a1_Z.c" } },
  { $let: { vars: { a: 1, b: "$$a" }, in: "$$a" } },
  { $let: { vars: { this: 1 }, in: "$$this" } },
  { $let: { vars: "$a", in: 1 } },
  { $let: { vars: [], in: 1 } },
  { $let: { vars: {}, in: 1 } },
  { $let: { vars: { $add: [1] }, in: 1 } },
  { $map: { input: "$a", in: "$$this" } },
  { $map: { input: "$a", as: "x", in: "$$this" } },
  { $map: { input: "$a", as: "x", in: { $map: { input: "$$x", in: ["$$x", "$$this"] } } } },
  { $map: { input: "$$this", in: 1 } },
  { $map: { input: "$a", as: "X", in: 1 } },
  { $map: { input: "$a", as: 5, in: 1 } },
  { $map: { input: "$a", as: "", in: 1 } },
  { $filter: { input: "$a", cond: "$$this", limit: "$$this" } },
  { $filter: { input: "$a", as: null, cond: 1 } },
  { $reduce: { input: "$a", initialValue: "$$value", in: 1 } },
  { $reduce: { input: "$a", initialValue: 0, in: { $add: ["$$value", "$$this"] } } },
  { $getField: "a" },
  { $getField: { $literal: "$a" } },
  { $getField: { field: "a", input: "$b", x: 1 } },
  { $setField: { field: "$a", input: "$b", value: 1 } },
  { $setField: { field: { $literal: "$a" }, input: "$b", value: 1 } },
  { $setField: { field: { $concat: ["a", "$b"] }, input: "$b", value: 1 } },
  { $switch: { branches: [{ case: 1 }] } },
  { $switch: { branches: [{ case: "$a", then: 2, x: 3 }] } },
  { $switch: { branches: "$a" } },
  { $switch: { branches: [5] } },
  { $switch: { branches: [], default: 1 } },
  { $zip: { inputs: "$a" } },
  { $zip: { inputs: [] } },
  { $zip: { inputs: ["$a"], defaults: [1] } },
  { $zip: { inputs: ["$a"], defaults: "$b", useLongestLength: true } },
  { $zip: { inputs: ["$a"], useLongestLength: "$b" } },
  { $zip: { inputs: ["$a"], defaults: [1, 2], useLongestLength: true } },
  { $zip: { inputs: ["$a"], defaults: [1], useLongestLength: false } },
  ...[1, -1, 2, "$b", {}, { b: 1 }, { b: 2 }, { b: { $meta: "textScore" } }].map((sortBy) => ({
    $sortArray: { input: "$a", sortBy },
  })),
  { $function: { body: "f", args: "$a", lang: "js" } },
  { $function: { body: "f", args: ["$$x"], lang: "js" } },
  { $function: { body: "f", args: [], lang: "ts" } },
  { $function: { body: "$f", args: [], lang: "js" } },
  { $function: { body: 5, args: [], lang: "js" } },
  { $dateFromParts: { year: "$a", isoWeek: 2 } },
  { $dateFromParts: { isoWeekYear: "$a", month: 2 } },
  { $dateFromParts: { month: 2 } },
  { $dateFromParts: { year: "$a", isoWeekYear: 1 } },
  { $dateFromParts: { isoWeekYear: "$a", isoWeek: 1, isoDayOfWeek: 2, hour: 1, timezone: "UTC" } },
  { $year: { $toDate: "$a" } },
  { $year: { $toDate: "$a", x: 1 } },
  { $rand: { a: 1 } },
  { $rand: null },
  { $literal: { $x: 1 } },
  { $const: { $x: 1 } },
  { $toHashedIndexKey: ["$$x"] },
  ...[5, ["textScore"], { $literal: "textScore" }, "textScore", "indexKey", "randVal", "geoNearDist", "nope"].map(
    (word) => ({ $meta: word }),
  ),
  ...["$push", "$exists", "$rank", "$nope", "$regex"].map((name) => ({ [name]: "$a" })),
];

test("the server says the same of variables, paths and special arguments", async ({ skip }) => {
  if (version !== judge) skip();
  // In an array an expression stands by itself; as a field of `$project` a document is one of the stage's own.
  expect(await disagreements(calls, "expression", (call) => ({ $project: { x: [call] } }))).toEqual([]);
});

const documents: readonly Document[] = [
  ...["$a", "a..b", "a.", "", "a.$b", "a.b", "a$b"].map((name) => ({ [name]: 1 })),
  { a: { "b.c": 1 } },
  { a: { $b: 1, c: 2 } },
  { a: { c: 2, $add: [1] } },
  { a: { "": 1 } },
  { a: { b: [{ "c.d": 1 }] } },
  { a: {} },
  { a: { b: {} } },
  { a: [{}] },
  { a: { "b..c": 1 } },
  { a: { b: { $add: ["$a", 1] }, c: "$$NOPE" } },
  // Paths inside each other.
  ...[
    { "a.b": 1, a: 1 },
    { a: 1, "a.b": 1 },
    { a: { b: 1 }, "a.b": 1 },
    { a: { b: 1 }, "a.c": 1 },
    { ab: 1, a: 1 },
  ],
  ...[
    { a: { b: { c: 1 } }, "a.b": 1 },
    { "a.b": 1, a: { c: 1 } },
    { a: { b: 1, "b.c": 1 } },
    { "a.b": "$x", "a.b.c": 1 },
  ],
  ...[
    { a: "$x", "a.b": 1 },
    { a: [1], "a.b": 1 },
    { a: { $literal: {} }, "a.b": 1 },
    { a: { b: 1 }, "a.b.c": 1 },
  ],
  ...[
    { a: { b: { c: 1 } }, "a.b": { d: 1 } },
    { a: { b: 1, "c.d": 1 }, "a.c": 1 },
    { "a.b.c": 1, "a.b.d": 1, "a.e": 1 },
  ],
  ...[
    { "a.b.c": 1, a: 1 },
    { "a.0": 1, "a.1": 1 },
    { _id: 1, "_id.a": 1 },
    { "a.b": 1, "a.bc": 1, b: 1 },
  ],
  // What is kept and what is dropped.
  ...[{ a: 1, b: 0 }, { a: 0, b: 1 }, { _id: 0, a: 1 }, { _id: 1, a: 0 }, { _id: 0, a: 0 }, { _id: 0 }, { _id: 1 }],
  ...[{ _id: "$x", a: 0 }, { a: "$x", b: 0 }, { a: 0, b: "$x" }, { a: { b: 0 }, c: 1 }, { a: { b: 1, c: 0 } }],
  ...[
    { a: true, b: false },
    { a: 1.5, b: 0 },
    { a: "x", b: 0 },
    { a: null, b: 0 },
    { a: [1], b: 0 },
    { a: "", b: 0 },
  ],
  ...[
    { a: { $literal: 1 }, b: 0 },
    { "_id.a": 0, b: 1 },
    { "_id.a": 1, b: 0 },
    { _id: { a: 0 }, b: 1 },
    { a: NaN, b: 0 },
  ],
  ...[
    { _id: { a: 1 }, b: 0 },
    { _id: 0, b: "$x" },
    { a: new Double(0), b: 1 },
    { a: Long.fromNumber(0), b: 1 },
  ],
  ...[
    { a: Decimal128.fromString("0.0"), b: 1 },
    { a: { b: "$x" }, c: 0 },
    { _id: false, a: 1 },
    { a: -1, b: 0 },
  ],
  ...[
    { a: "$$REMOVE", b: 0 },
    { _id: { $add: [1, 2] }, a: 0 },
    { a: new Date(0), b: 0 },
    { _id: 5, a: 0 },
  ],
  ...[{ _id: { a: 0 } }, { _id: { a: 0 }, a: 0 }, { _id: { a: 1 }, a: 1 }, { a: { $meta: "textScore" }, b: 0 }],
  ...[
    { a: { $meta: "textScore" }, b: 1 },
    { a: false, b: { $slice: ["$a", 1] } },
    { a: { b: { c: 0, d: 0 } }, e: false },
  ],
];

test.for(["$set", "$project"])("the server says the same of the fields of %s", async (name, { skip }) => {
  if (version !== judge) skip();
  const wrong: unknown[] = [];
  for (const document of documents) {
    const server = await serverSays({ [name]: document });
    const cursor = rootCursor(document, { processor: undefined, place: undefined, placeOf: () => undefined });
    const surroundings = { stream: true, metadata: true, variables: [], spoilt: new Set<string>() };
    const ours = checkExpressions({ schema: { asp: "projection" }, cursor }, name, surroundings);
    if ((server !== undefined) !== ours.length > 0) wrong.push({ document, server, ours });
  }
  expect(wrong).toEqual([]);
});
