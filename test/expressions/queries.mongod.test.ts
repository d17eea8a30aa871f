import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as fc from "fast-check";
import type { Document } from "bson";
import { Binary, BSONRegExp, Decimal128, Double, Long } from "bson";
import { keywordsElsewhere, schemaKeywords } from "../../src/expressions/json-schema-keywords.ts";
import { patternFault } from "../../src/expressions/pattern-fault.ts";
import { operatorsOf } from "../../src/expressions/operators.ts";
import { compile, merge, source } from "../compiler/support.ts";
import { connectMongod } from "../support/mongod.ts";
import type { TestDatabase } from "../support/mongod.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const regex = new BSONRegExp("x");

const type = ($type: unknown): object => ({ $type });
const pattern = ($regex: unknown): object => ({ $regex });
const mod = ($mod: unknown): object => ({ $mod });

/** Conditions on a field. */
const conditions: readonly unknown[] = [
  ...[{ $gtt: 1 }, { $gt: 1, b: 2 }, { b: 2, $gt: 1 }, { b: { $gtt: 1 } }, { $or: [{ b: 1 }] }, { $and: [{ $gt: 1 }] }],
  ...[{ $not: { $gt: 1 } }, { $not: { $gtt: 1 } }, { $not: 5 }, { $not: {} }, { $not: regex }, { $not: { b: 1 } }],
  ...[{ $not: { $not: { $gt: 1 } } }, { $not: { $eq: 1, $foo: 1 } }, { $not: { $regex: "a" } }],
  ...[{ $elemMatch: { $gt: 1 } }, { $elemMatch: { $gtt: 1 } }, { $elemMatch: { b: { $gtt: 1 } } }],
  ...[{ $elemMatch: { $or: [{ b: 1 }] } }, { $elemMatch: { $gt: 1, b: 1 } }, { $elemMatch: { b: 1, $gt: 1 } }],
  ...[{ $elemMatch: 5 }, { $elemMatch: {} }, { $elemMatch: [] }, { $elemMatch: { $and: [{ $gt: 1 }] } }],
  ...[
    { $elemMatch: { $nor: [{ b: { $gtt: 1 } }] } },
    { $elemMatch: { $not: { $gt: 1 } } },
    { $elemMatch: { $where: "1" } },
  ],
  ...[
    { $elemMatch: { $or: [{ c: 1 }], $gt: 1 } },
    { $elemMatch: { $gt: 1, $or: [{ c: 1 }] } },
    { $elemMatch: { $expr: 1 } },
  ],
  ...[{ $all: [1] }, { $all: 5 }, { $all: [{ $elemMatch: { b: { $gtt: 1 } } }] }, { $all: [{ $gt: 1 }] }, { $all: [] }],
  ...[{ $all: [{ b: { $gt: 1 } }] }, { $all: [{ $elemMatch: { b: 1 } }] }, { $all: [{ $elemMatch: 5 }] }],
  ...[{ $in: [1] }, { $in: 5 }, { $in: [{ $gt: 1 }] }, { $in: [{ b: 1, $gt: 1 }] }, { $nin: 5 }, { $nin: [{ $x: 1 }] }],
  ...[{ $eq: { $gt: 1 } }, { $gt: { $foo: 1 } }, { $eq: regex }, { $in: [regex] }, { $exists: "x" }, { $exists: [] }],
  ...[{ $expr: 1 }, { $add: [1, 2] }, { $comment: "x" }, { $jsonSchema: {} }, { $near: [0, 0] }, { $where: "1" }],
  ...[{ $text: 1 }, { $slice: 1 }, { $exists: 1, $foo: 1 }, { $nor: [] }, {}, { "": 1 }, [{ $gtt: 1 }], "$$NOW", null],
  ...[
    { $ref: "x", $id: 1 },
    { $id: 1, $ref: "x" },
    { $ref: "x", $id: 1, b: 1 },
    { $gt: 1, $lt: { $x: 1 } },
  ],
  ...[{ $geoWithin: { $centerSphere: [[0, 0], 1] } }, { $bitsAllSet: 5 }, { $type: "string" }, { $mod: [2, 0] }],
  ...[
    ["string", "nope"],
    ["string", 2],
    [],
    [99],
    "nope",
    "boolean",
    "number",
    "missing",
    "objectid",
    2,
    0,
    20,
    -1,
  ].map(type),
  ...[127, 1.5, "2", null, true, {}, Long.fromNumber(2), new Double(2), "minKey", "integer"].map(type),
  ...["g", "i", "imsux", "", 5, null, "I"].map(($options) => ({ $regex: "a", $options })),
  ...[
    "(",
    "a)",
    "[",
    "[^]",
    "[]a]",
    "*a",
    "a|+",
    "a\\",
    "\\u0041",
    "(?i)a",
    "(?<n>a)",
    "a{",
    "[[:alpha:](]",
    "\\Q(\\E",
  ].map(pattern),
  ...["a\0", "", 5, null, ["a"], {}, regex, new BSONRegExp("("), /a/, /[^]/, /[\u00e9]/, /\//].map(pattern),
  ...[{ $options: "i" }, { $in: ["a"], $options: "i" }, { $not: { $regex: "(" } }, { $not: new BSONRegExp("(") }],
  ...[
    new BSONRegExp("("),
    /\u0041/,
    { $in: [new BSONRegExp("(")] },
    { $nin: [/[^]/] },
    { $all: [new BSONRegExp("(")] },
  ],
  ...[{ $ne: regex }, { $gt: regex }, { $lte: /a/ }, { $eq: new BSONRegExp("(") }, { $regex: "a b", $options: "x" }],
  ...[[2, 0], [0, 1], [2], [2, 1, 3], "x", [], ["a", 1], [2, "a"], [2.5, 1], [0.5, 1], [null, 1], [1e30, 1], 5].map(
    mod,
  ),
  ...[
    [-2, 1],
    [Long.fromNumber(2), 1],
    [2, 1.5],
    [Decimal128.fromString("2"), 1],
    [2, 1e30],
    [2, null],
  ].map(mod),
  ...[0, 1, -1, 1.5, "1", null, [], {}, Long.fromNumber(1), new Double(1), 5e9, Decimal128.fromString("1"), true].map(
    ($size) => ({ $size }),
  ),
  ...[
    0,
    1,
    -1,
    1.5,
    "1",
    null,
    [],
    {},
    [0],
    [1, 5],
    [-1],
    [1.5],
    ["a"],
    Long.fromNumber(1),
    5e9,
    1e30,
    true,
    [70],
  ].flatMap((bits) => [{ $bitsAllSet: bits }, { $bitsAnyClear: bits }]),
  { $bitsAnySet: new Binary(Buffer.from("a")) },
  ...[
    5,
    {},
    "x",
    null,
    [],
    {
      $geometry: {
        type: "Polygon",
        coordinates: [
          [
            [0, 0],
            [1, 0],
            [1, 1],
            [0, 0],
          ],
        ],
      },
    },
  ].map(($geoWithin) => ({ $geoWithin })),
  ...[5, {}, { $geometry: { type: "Point", coordinates: [0, 0] } }].map(($geoIntersects) => ({ $geoIntersects })),
  ...[
    { $all: [{ $elemMatch: {} }, 5] },
    { $all: [5, { $elemMatch: {} }] },
    { $all: [{ $elemMatch: {} }, { $elemMatch: {} }] },
  ],
  ...[{ $options: "i", $regex: "a" }, { $geoNear: [0, 0] }, { $nearSphere: [0, 0] }],
];

const queries: readonly Document[] = [
  ...conditions.flatMap((a) => [{ a }, { "a.b": a }, { $or: [{ b: 1 }, { a }] }]),
  ...[
    { $foo: 1 },
    { $gt: ["$a", 1] },
    { $and: [] },
    { $and: {} },
    { $and: [1] },
    { $and: [{}] },
    { $or: [[]] },
    { $nor: [] },
  ],
  ...[{ $and: [{ a: 1 }], $or: [{ $foo: 1 }] }, { $not: { a: 1 } }, { $add: [1, 2] }, { $expr: { $foo: 1 } }],
  ...[{ $expr: "$$NOPE" }, { $comment: "x", a: 1 }, { $jsonSchema: {} }, { $sampleRate: 0.5 }, { $alwaysTrue: 1 }],
  ...[{ $text: { $search: "x" } }, { $where: "1" }, { "a..b": 1 }, { "": 1 }, { $a: 1 }, { "a.$b": 1 }, { $id: 1 }],
  ...[2, -1, "x", 1, 0, null].map(($sampleRate) => ({ $sampleRate })),
  ...[0, 2, "x", true, new Double(1)].flatMap((one) => [{ $alwaysTrue: one }, { $alwaysFalse: one }]),
  ...[{ $jsonSchema: 5 }, { $jsonSchema: [] }, { $expr: { $add: ["a", 1] } }, { a: regex, b: new BSONRegExp("(") }],
  ...[{ $and: [{ $expr: { $foo: 1 } }] }, { $rand: {} }, { $ref: "x" }],
];

test.each(queries.map((query) => [JSON.stringify(query), query] as const))(
  "the server says the same of %s",
  async (_, query) => {
    const said = await mongod.client
      .db(mongod.db)
      .aggregate([{ $documents: [] }, { $match: query }])
      .toArray()
      .then(
        () => undefined,
        (error: Error) => error.message,
      );
    const ours = compile([source, { $match: query }, merge]).findings.map(({ message }) => message);
    expect({ refused: ours.length > 0, said, ours }).toEqual({ refused: said !== undefined, said, ours });
  },
);

test("every operator that the server knows is one for us, at one of the two levels", () => {
  for (const name of operatorsOf("query")) {
    const codes = [{ a: { [name]: [] } }, { [name]: [] }].map((query) =>
      compile([source, { $match: query }, merge]).findings.map(({ code }) => code),
    );
    expect(codes.flat().filter((code) => code === "ASP1040" || code === "ASP1041")).toEqual([]);
  }
});

/** Values of a keyword of a schema, right ones and wrong ones for each. */
const schemaValues: readonly unknown[] = [
  ...["string", "", 1, 0, -1, 1.5, Long.fromNumber(1), Decimal128.fromString("1"), true, null, new Date(0), regex],
  ...[[], ["string"], ["string", "string"], [1], [{}], {}, { a: {} }, { a: ["b"] }, { a: [] }, { a: 1 }, { "(": {} }],
];

const schemas: readonly unknown[] = [
  ...[
    "nope",
    "integer",
    "number",
    "boolean",
    "bool",
    ["string", "null"],
    [],
    2,
    "missing",
    "undefined",
    "minKey",
  ].flatMap((name) => [{ bsonType: name }, { type: name }]),
  ...["array", "object", "null", "any", "int", "Number", "double", "date", ["int", "long"]].flatMap((name) => [
    { bsonType: name },
    { type: name },
  ]),
  ...[{ exclusiveMinimum: true }, { minimum: 1, exclusiveMinimum: 5 }, { minimum: 1, exclusiveMinimum: true }],
  ...[{ exclusiveMaximum: true }, { exclusiveMaximum: 5 }, { additionalItems: false }, { allOf: [{ foo: 1 }] }],
  ...[{ items: [{ foo: 1 }] }, { items: { foo: 1 } }, { not: { foo: 1 } }, { properties: { a: { requird: ["x"] } } }],
  ...[{ dependencies: { a: { foo: 1 } } }, { dependencies: { a: ["b", "b"] } }, { dependencies: { a: ["b"], c: {} } }],
  ...[{ properties: { $a: {}, "a.b": {}, "": {} } }, { patternProperties: { "^(?i)a": {} } }, { required: ["a.b"] }],
];

const keywords = [...schemaKeywords.keys()].filter((keyword) => !keyword.startsWith("encrypt"));

describe("the server says the same of schemas", () => {
  const all: readonly unknown[] = [
    ...schemas,
    ...keywords.flatMap((keyword) =>
      schemaValues.map((value) => {
        const bound = /^exclusive(Min|Max)/u.exec(keyword)?.[1]?.toLowerCase();
        return { properties: { p: { ...(bound === undefined ? {} : { [`${bound}imum`]: 1 }), [keyword]: value } } };
      }),
    ),
    ...[...keywordsElsewhere.keys(), "foo", "require"].map((keyword) => ({ [keyword]: 1 })),
  ];

  test("with each keyword and many values", async () => {
    const wrong: unknown[] = [];
    for (const schema of all) {
      const query = { $jsonSchema: schema };
      const said = await mongod.client
        .db(mongod.db)
        .aggregate([{ $documents: [] }, { $match: query }])
        .toArray()
        .then(
          () => undefined,
          (error: Error) => error.message,
        );
      const ours = compile([source, { $match: query }, merge]).findings.map(({ message }) => message);
      if ((said !== undefined) !== ours.length > 0) wrong.push({ schema: JSON.stringify(schema), said, ours });
    }
    expect(wrong).toEqual([]);
  });
});

test("a pattern that we cannot read is none to the server either", async () => {
  const pieces = [
    "(",
    ")",
    "[",
    "]",
    "*",
    "+",
    "?",
    "|",
    "\\",
    "a",
    "^",
    "(?:",
    "(?=",
    "(?<n>",
    "{1}",
    "[^",
    "\\d",
    "\\u",
    "-",
    "[:alpha:]",
    "\\]",
    "(?i)",
    "$",
    ".",
  ];
  const patterns = fc
    .sample(fc.array(fc.constantFrom(...pieces), { maxLength: 6 }), { numRuns: 1500, seed: 7 })
    .map((parts) => parts.join(""));
  const faulty = [...new Set(patterns)].filter((each) => patternFault(each) !== undefined);
  expect(faulty.length).toBeGreaterThan(300);
  const taken: string[] = [];
  for (const $regex of faulty) {
    const refused = await mongod.client
      .db(mongod.db)
      .aggregate([{ $documents: [] }, { $match: { a: { $regex } } }])
      .toArray()
      .then(
        () => false,
        () => true,
      );
    if (!refused) taken.push($regex);
  }
  expect(taken).toEqual([]);
});
