import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Binary, BSONRegExp, Code, Decimal128, Long, MinKey, ObjectId, Timestamp } from "bson";
import type { Document } from "bson";
import { bsonTypes } from "../../src/expressions/bson-types.ts";
import { operandDemands } from "../../src/expressions/operand-demands.ts";
import type { NamedDemand, OperandDemands } from "../../src/expressions/operand-demands.ts";
import { operatorArguments } from "../../src/expressions/operator-arguments.ts";
import { compile, merge, source } from "../compiler/support.ts";
import { connectMongod } from "../support/mongod.ts";
import type { TestDatabase } from "../support/mongod.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

/** A constant of each kind; texts and numbers more than one. */
const constants: Readonly<Record<string, unknown>> = {
  text: "a",
  number: 1,
  fraction: 1.5,
  long: Long.fromNumber(3),
  decimal: Decimal128.fromString("1"),
  boolean: true,
  null: null,
  date: new Date(0),
  timestamp: new Timestamp({ t: 1, i: 1 }),
  objectId: new ObjectId("507f1f77bcf86cd799439011"),
  binary: new Binary(Buffer.from("a")),
  regex: new BSONRegExp("a"),
  array: [1],
  texts: ["a"],
  pairs: [["a", 1]],
  document: { $literal: { b: 1 } },
  computed: { b: "$f9" },
  code: new Code("f"),
  other: new MinKey(),
};

/** What the other operands are: fields that all have one of these values, or that have values which belong together. */
const surroundings: readonly Document[] = [
  ...["abc", 2, [1, 2], { a: 1 }, new Date(5), new Timestamp({ t: 1, i: 1 }), true, null].map((value) => ({
    ...{ f0: value, f1: value, f2: value, f3: value, f9: 1 },
  })),
  { f0: "abc", f1: "b", f2: 0, f3: 2, f9: 1 },
  { f0: "abc", f1: 1, f2: 1, f3: 1, f9: 1 },
  { f0: [1, "a", 3], f1: 1, f2: 1, f3: 2, f9: 1 },
  { f0: 1, f1: [1, 2], f2: [1], f3: [1], f9: 1 },
  { f0: 9, f1: 3, f2: 1, f3: 1, f9: 1 },
  { f0: [1, 2, 3, 4], f1: 0, f2: 1, f3: 1, f9: 1 },
  { f1: 2, f2: 2, f3: 2, f9: 1 },
];

/** Whether the server gives a value, other than null, for at least one of the documents. */
async function givesValue(call: unknown, documents: readonly Document[]): Promise<boolean> {
  for (const document of documents) {
    const value = await mongod.client
      .db(mongod.db)
      .aggregate([{ $documents: [document] }, { $project: { x: { $ifNull: [call, "nothing"] } } }])
      .toArray()
      .then(
        ([result]) => result?.["x"],
        () => "nothing",
      );
    if (value !== "nothing") return true;
  }
  return false;
}

const isRefused = (call: unknown): boolean =>
  compile([source, { $set: { x: call } }, merge]).findings.some(({ severity }) => severity === "error");

/** Numbers and arrays that an operator refuses for what they are, which no demand describes; newer servers split by regular expressions. */
const onlyServerRefuses: Readonly<Record<string, readonly string[]>> = {
  $acos: ["fraction", "long"],
  $asin: ["fraction", "long"],
  $atanh: ["fraction", "long"],
  $log: ["number", "decimal"],
  $arrayToObject: ["array", "texts"],
  $split: ["regex"],
  $replaceOne: ["regex"],
  $replaceAll: ["regex"],
};

interface Call {
  readonly operator: string;
  readonly constant: string;
  readonly call: Document;
}

/** Calls on which the two disagree. */
async function disagreements(calls: readonly Call[], documents: readonly Document[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { operator, constant, call } of calls) {
    const refused = isRefused(call);
    if (!refused && onlyServerRefuses[operator]?.includes(constant) === true) continue;
    const server = await givesValue(call, documents);
    if (server === refused) found.push(`${server ? "a value" : "never a value"}: ${JSON.stringify(call)}`);
  }
  return found;
}

/** What null gives is null, but where it is refused; that is compared below. */
const withoutNull = Object.entries(constants).filter(([name]) => name !== "null");

/** The places of the operands to try a constant in: those of the demands, and one more for the last, which stands for all further ones. */
function placesOf(operator: string, { operands = [] }: OperandDemands): readonly number[] {
  const most = operatorArguments.get(operator)?.counts?.[1] ?? Number.POSITIVE_INFINITY;
  return [...operands.keys(), operands.length].filter(
    (place) => place < most && operands[Math.min(place, operands.length - 1)] !== undefined,
  );
}

function placedCall(operator: string, place: number, constant: unknown): Document {
  const least = operatorArguments.get(operator)?.counts?.[0] ?? 1;
  const operands = Array.from({ length: Math.max(least, place + 1) }, (_, at) => (at === place ? constant : `$f${at}`));
  return { [operator]: operands };
}

/** Whether the server fails for every one of the documents. */
async function failsFor(call: unknown, documents: readonly Document[]): Promise<boolean> {
  for (const document of documents) {
    const failed = await mongod.client
      .db(mongod.db)
      .aggregate([{ $documents: [document] }, { $project: { x: call } }])
      .toArray()
      .then(
        () => false,
        () => true,
      );
    if (!failed) return false;
  }
  return true;
}

/** Fields that each argument below has a right value in. */
const fields: Document = {
  ...{
    d: new Date(1e12),
    n: 1,
    z: "UTC",
    ds: "2020-01-01",
    fm: "%Y-%m-%d",
    b: true,
    a: [1, 2],
    s: "abc",
    r: "a",
    o: "i",
  },
  ...{ e: { y: 1 }, f9: 1 },
};

const inZone = { date: "$d", timezone: "$z" };
const anyText = { input: "$s", regex: "$r", options: "$o" };

/** Every operator with a demand on a named argument, called with all of these from fields. */
const sound: Readonly<Record<string, Document>> = {
  ...Object.fromEntries(
    [...operandDemands].flatMap(([name, { operands }]) =>
      operands?.[0] === operandDemands.get("$year")?.operands?.[0] ? [[name, inZone]] : [],
    ),
  ),
  $dateAdd: { startDate: "$d", unit: "week", amount: "$n", timezone: "$z" },
  $dateSubtract: { startDate: "$d", unit: "week", amount: "$n", timezone: "$z" },
  $dateDiff: { startDate: "$d", endDate: "$d", unit: "week", timezone: "$z", startOfWeek: "sun" },
  $dateTrunc: { date: "$d", unit: "week", binSize: "$n", timezone: "$z", startOfWeek: "sun" },
  $dateFromParts: {
    ...{ year: "$n", month: "$n", day: "$n", hour: "$n", minute: "$n", second: "$n", millisecond: "$n" },
    timezone: "$z",
  },
  $dateFromString: { dateString: "$ds", format: "$fm", timezone: "$z" },
  $dateToParts: { ...inZone, iso8601: "$b" },
  $dateToString: { ...inZone, format: "$fm" },
  $filter: { input: "$a", cond: true, limit: "$n" },
  $map: { input: "$a", in: 1 },
  $reduce: { input: "$a", initialValue: 1, in: 1 },
  $sortArray: { input: "$a", sortBy: 1 },
  ...Object.fromEntries(["$firstN", "$lastN", "$maxN", "$minN"].map((name) => [name, { n: "$n", input: "$a" }])),
  ...Object.fromEntries(["$regexFind", "$regexFindAll", "$regexMatch"].map((name) => [name, anyText])),
  ...Object.fromEntries(
    ["$replaceAll", "$replaceOne"].map((name) => [name, { input: "$s", find: "$s", replacement: "$s" }]),
  ),
  ...Object.fromEntries(["$trim", "$ltrim", "$rtrim"].map((name) => [name, { input: "$s", chars: "$o" }])),
  $setField: { field: "y", input: "$e", value: 1 },
  $unsetField: { field: "z", input: "$e" },
  $function: { body: "function() { return 1; }", args: "$a", lang: "js" },
};

test("every operator with a demand on a named argument is called here", () => {
  const all = [...operandDemands].filter(([, { named }]) => named !== undefined).map(([name]) => name);
  // Its types are compared by themselves, and its other arguments are ASP's.
  expect(Object.keys(sound).toSorted()).toEqual(all.filter((name) => name !== "$convert").toSorted());
});

/** ISO week dates exclude the others. */
const namedDemands = (operator: string): readonly [string, NamedDemand][] =>
  Object.entries(operandDemands.get(operator)?.named ?? {}).filter(
    ([name]) => !name.startsWith("iso") || name === "iso8601",
  );

const namedCall = (operator: string, name: string, constant: unknown): Document => ({
  [operator]: { ...sound[operator], [name]: constant },
});

/** Operators whose texts are looked at too; they are compared further down. */
const byText = /^\$to(?:ObjectId|Date|Int|Long|Double|Decimal)$/u;

const placed = [...operandDemands].filter(([name, { operands }]) => operands !== undefined && !byText.test(name));

describe("a constant that we refuse never gives a value, and one that we take does", () => {
  test.each(placed)("as an operand of %s", async (operator, demands) => {
    const calls = placesOf(operator, demands).flatMap((place) =>
      withoutNull.map(([name, constant]) => ({
        operator,
        constant: name,
        call: placedCall(operator, place, constant),
      })),
    );
    expect(calls.length).toBeGreaterThan(0);
    expect(await disagreements(calls, surroundings)).toEqual([]);
  });

  test.each(Object.keys(sound))("as an argument of %s", async (operator) => {
    const calls = namedDemands(operator)
      // Texts that are words or have a form of their own are compared below.
      .flatMap(([name, { words, rule }]) =>
        withoutNull
          .filter(([constant]) => constant !== "text" || (words === undefined && rule === undefined))
          .map(([constant, value]) => ({ operator, constant, call: namedCall(operator, name, value) })),
      );
    expect(await givesValue({ [operator]: sound[operator] }, [fields])).toBe(true);
    expect(await disagreements(calls, [fields])).toEqual([]);
  });
});

test.each(placed)("where we refuse null as an operand of %s, so does the server", async (operator, demands) => {
  const calls = placesOf(operator, demands).map((place) => placedCall(operator, place, null));
  for (const call of calls.filter(isRefused)) expect([call, await failsFor(call, surroundings)]).toEqual([call, true]);
});

test.each(Object.keys(sound))("where we refuse null as an argument of %s, so does the server", async (operator) => {
  const calls = namedDemands(operator).map(([name]) => namedCall(operator, name, null));
  for (const call of calls.filter(isRefused)) expect([call, await failsFor(call, [fields])]).toEqual([call, true]);
});

/** Texts in one place: those that are right, and those that no server takes. */
const texts: readonly { readonly of: string; call: (text: unknown) => Document; right: unknown[]; wrong: unknown[] }[] =
  [
    {
      of: "units",
      call: (unit) => ({ $dateTrunc: { date: "$d", unit } }),
      right: ["year", "quarter", "week", "month", "day", "hour", "minute", "second", "millisecond"],
      wrong: ["days", "Day", "ms", "isoWeek", "", "min"],
    },
    {
      of: "units that are added",
      call: (unit) => ({ $dateAdd: { startDate: "$d", unit, amount: 1 } }),
      right: ["year", "millisecond"],
      wrong: ["days", "Day"],
    },
    {
      of: "days of the week",
      call: (startOfWeek) => ({ $dateDiff: { startDate: "$d", endDate: "$d", unit: "week", startOfWeek } }),
      right: ["monday", "mon", "Monday", "MON", "SUN", "saturday"],
      wrong: ["tues", "mo", "", "montag"],
    },
    {
      of: "days of the week that nobody reads",
      call: (startOfWeek) => ({ $dateDiff: { startDate: "$d", endDate: "$d", unit: "day", startOfWeek } }),
      right: ["tues", "montag", 5],
      wrong: [],
    },
    {
      of: "time zones",
      call: (timezone) => ({ $dateToString: { date: "$d", timezone } }),
      right: [
        ...["UTC", "GMT", "+02", "+0200", "-02:00", "EST", "GB", "Zulu", "Etc/GMT+5", "US/Pacific", "GMT+0"],
        ...["Asia/Calcutta", "America/Argentina/ComodRivadavia", "W-SU", "NZ-CHAT", "MET", "Factory", "Hongkong"],
      ],
      wrong: [
        ...["utc", "Z", "PST", "CEST", "IST", "BST", "UTC+2", "GMT+5", "-2", "+2:00", "02:00", "europe/berlin", ""],
        ...["Europe/Berln", "Europe/", "Europe", "Foo/Bar", " UTC", "localtime", "SystemV/PST8PDT", "Europe/berlin"],
      ],
    },
    {
      of: "regular expressions",
      call: (regex) => ({ $regexMatch: { input: "$s", regex } }),
      right: ["", "(?i)a", "[]a]", "a++", new BSONRegExp("a#(", "x")],
      wrong: ["(", "[", "*a", "\\u0041", "[^]", new BSONRegExp("("), /[^]/],
    },
    {
      of: "options of regular expressions",
      call: (options) => ({ $regexMatch: { input: "$s", regex: "a", options } }),
      right: ["", "i", "imsxu", "ii"],
      wrong: ["g", "y", "I", "i m"],
    },
    { of: "counts", call: (n) => ({ $firstN: { n, input: "$a" } }), right: [1, 2], wrong: [0, -1] },
    {
      of: "limits",
      call: (limit) => ({ $filter: { input: "$a", cond: true, limit } }),
      right: [1, null],
      wrong: [0, -1],
    },
    {
      of: "sizes of bins",
      call: (binSize) => ({ $dateTrunc: { date: "$d", unit: "day", binSize } }),
      right: [1, 7],
      wrong: [0, -1],
    },
    { of: "lengths of slices", call: (count) => ({ $slice: ["$a", 1, count] }), right: [1], wrong: [0, -1] },
    { of: "places of slices", call: (at) => ({ $slice: ["$a", at] }), right: [1, 0, -1], wrong: [1.5] },
    { of: "places in texts", call: (from) => ({ $indexOfCP: ["$s", "a", from] }), right: [0, 1], wrong: [-1, 1.5] },
    {
      of: "ObjectIds",
      call: ($toObjectId) => ({ $toObjectId }),
      right: ["507f1f77bcf86cd79943901A"],
      wrong: ["id", ""],
    },
    { of: "dates", call: ($toDate) => ({ $toDate }), right: ["2026-01-01"], wrong: ["createdAt", "", "now", "monday"] },
    { of: "whole numbers", call: ($toInt) => ({ $toInt }), right: ["12", "-1"], wrong: ["amount", "", "NaN"] },
    {
      of: "numbers",
      call: ($toDouble) => ({ $toDouble }),
      right: ["1.5", "Infinity", "-inf", "1e3"],
      wrong: ["amount", ""],
    },
    {
      of: "dates as texts",
      call: (dateString) => ({ $dateFromString: { dateString } }),
      right: ["2026-01-01"],
      wrong: ["createdAt", ""],
    },
    {
      of: "dates as texts that may be wrong",
      call: (dateString) => ({ $dateFromString: { dateString, onError: 1 } }),
      right: ["2026-01-01", "createdAt", 5],
      wrong: [],
    },
  ];

describe("the server takes the right texts and none of the wrong ones", () => {
  test.each(texts)("of $of", async ({ call, right, wrong }) => {
    for (const text of right)
      expect([text, isRefused(call(text)), await failsFor(call(text), [fields])]).toEqual([text, false, false]);
    for (const text of wrong)
      expect([text, isRefused(call(text)), await failsFor(call(text), [fields])]).toEqual([text, true, true]);
  });

  test("of the time zones that this Node.js knows", async () => {
    for (const timezone of Intl.supportedValuesOf("timeZone")) {
      expect([timezone, isRefused({ $year: { date: "$d", timezone } })]).toEqual([timezone, false]);
    }
    expect(isRefused({ $year: { date: "$d", timezone: "America/Atlantis" } })).toBe(false);
  });

  const letters = [..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0 -%"].map((letter) => `x%${letter}`);
  test("of the formats of dates", async () => {
    const newer = ["x%b", "x%B"];
    const ours = [...letters, "%", "%Y%", ""].filter((format) => isRefused({ $dateToString: { date: "$d", format } }));
    const servers: string[] = [];
    for (const format of [...letters, "%", "%Y%", ""]) {
      if (newer.includes(format)) continue;
      if (await failsFor({ $dateToString: { date: "$d", format } }, [fields])) servers.push(format);
    }
    expect(ours).toEqual(servers);
    for (const format of ours) {
      expect([
        format,
        await failsFor({ $dateFromString: { dateString: "$ds", format, onError: 1 } }, [fields]),
      ]).toEqual([format, true]);
    }
  });

  test("of the types of $convert", async () => {
    const all = [
      ...bsonTypes.keys(),
      "number",
      "boolean",
      "integer",
      "Int",
      "objectid",
      "",
      ...Array.from({ length: 24 }, (_, code) => code - 2),
      127,
      255,
      1.5,
    ];
    for (const to of all.filter((each) => each !== 0)) {
      const call = { $convert: { input: "$n", to, onError: 1 } };
      expect([to, isRefused(call)]).toEqual([to, await failsFor(call, [fields])]);
    }
  });
});

test.each([
  ["$firstN", { n: 0, input: "$a" }, { n: 2, input: "$a" }],
  ["$maxN", { n: "x", input: "$a" }, { n: { $add: [1, 1] }, input: "$a" }],
  ["$topN", { n: 1.5, sortBy: { a: 1 }, output: "$a" }, { n: 1, sortBy: { a: 1 }, output: "$a" }],
  ["$mergeObjects", "a", "$e"],
] as const)("the accumulator %s takes the same constants as on the server", async (operator, wrong, right) => {
  const inWindow = (call: unknown) =>
    compile([
      source,
      {
        $tumblingWindow: {
          interval: { size: 1, unit: "hour" },
          pipeline: [{ $group: { _id: null, x: { [operator]: call } } }],
        },
      },
      merge,
    ]).findings.filter(({ severity }) => severity === "error").length;
  const onServer = async (call: unknown) =>
    mongod.client
      .db(mongod.db)
      .aggregate([{ $documents: [fields] }, { $group: { _id: null, x: { [operator]: call } } }])
      .toArray()
      .then(
        () => 0,
        () => 1,
      );
  expect([inWindow(wrong), await onServer(wrong)]).toEqual([1, 1]);
  expect([inWindow(right), await onServer(right)]).toEqual([0, 0]);
});
