import { describe, expect, test } from "vitest";
import { compile, merge, source } from "./support.ts";

/** What is said of a pipeline: code, message, help. */
function saidOf(...stages: readonly object[]): readonly string[] {
  return compile([source, ...stages, merge]).findings.map(({ code, message, help }) =>
    help === undefined ? `${code} ${message}` : `${code} ${message}; help: ${help}`,
  );
}

/** Where each finding points to. */
const pathsOf = (...stages: readonly object[]) =>
  compile([source, ...stages, merge]).findings.map(({ code, path }) => [code, path]);

describe("constants that an operator never takes", () => {
  test.each([
    [
      { $multiply: ["$quantity", "price"] },
      'ASP1064 operand 2 of `$multiply` must be a number, not the text `price`; help: write `"$price"` where the field is meant',
    ],
    [{ $add: ["two words", 1] }, "ASP1064 operand 1 of `$add` must be a number or a date, not the text `two words`"],
    [
      { $toUpper: { a: 1 } },
      "ASP1064 the operand of `$toUpper` must be a text, a number or a date, not a document with the key `a`",
    ],
    [{ $concat: ["$a", 5] }, "ASP1064 operand 2 of `$concat` must be a text, not `5`"],
    [{ $concat: ["$a", { $literal: 5 }] }, "ASP1064 operand 2 of `$concat` must be a text, not `5`"],
    [
      { $dateTrunc: { date: "$at", unit: "days" } },
      "ASP1008 `unit` of `$dateTrunc` cannot be `days`; help: did you mean `day`?",
    ],
    [
      { $dateToString: { date: "$at", timezone: "Europe/Berln" } },
      "ASP1064 `timezone` of `$dateToString` must be a time zone that the server knows, or an offset such as `+02:00`, not the text `Europe/Berln`; help: did you mean `Europe/Berlin`?",
    ],
    [
      { $dateToString: { date: "$at", format: "%d.%m.%y" } },
      "ASP1064 `format` of `$dateToString` must be a text with known format specifiers, such as `%Y-%m-%d`, not the text `%d.%m.%y`; help: remove `%y`, which no server knows",
    ],
    [
      { $convert: { input: "$a", to: "boolean" } },
      "ASP1064 `to` of `$convert` must be a BSON type, by name or number, not the text `boolean`; help: did you mean `bool`?",
    ],
    [
      { $convert: { input: "$a", to: "int", byteOrder: "bigEndian" } },
      "ASP1008 `byteOrder` of `$convert` cannot be `bigEndian`",
    ],
    [
      { $convert: { input: "$a", to: "string", format: "utf-8" } },
      "ASP1008 `format` of `$convert` cannot be `utf-8`; help: did you mean `utf8`?",
    ],
    [
      { $toObjectId: "customerId" },
      'ASP1064 the operand of `$toObjectId` must be a text of 24 hexadecimal digits, not the text `customerId`; help: write `"$customerId"` where the field is meant',
    ],
    [
      { $regexMatch: { input: "$a", regex: "(a" } },
      "ASP1067 the server cannot read the pattern `(a`: a `(` is not closed",
    ],
    [
      { $regexMatch: { input: "$a", regex: /\u00e9[^]/ } },
      "ASP1067 the server cannot read the pattern `\\u00e9[^]`: it has no escape `\\u`; help: write the character itself, or `\\x{…}`",
    ],
    [
      { $regexMatch: { input: "$a", regex: "a", options: "gi" } },
      "ASP1064 `options` of `$regexMatch` must be letters out of i, m, s, u, x, not the text `gi`",
    ],
  ])("%j: %s", (x, text) => expect(saidOf({ $set: { x } })).toEqual([text]));

  test.each([
    [{ $add: ["$$ROOT.a", 1, new Date(0)] }],
    [{ $add: [null, 1] }],
    [{ $multiply: [{ $toInt: "$a" }, { $ifNull: ["x", 1] }] }],
    [{ $concat: ["price: ", "$$ROOT.price"] }],
    [{ $dateToString: { date: "$at", timezone: "$zone", format: "$format" } }],
    [{ $dateTrunc: { date: "$at", unit: "$unit" } }],
    [{ $convert: { input: "$a", to: { $literal: "int" }, byteOrder: "big" } }],
    [{ $literal: { $add: ["a", 1] } }],
  ])("%j is right", (x) => expect(saidOf({ $set: { x } })).toEqual([]));

  test("point to the constant, wherever it stands", () => {
    expect(
      pathsOf({ $set: { a: { $size: "items" }, b: { $year: { date: "at" } }, c: { $subtract: [1, "b"] } } }),
    ).toEqual([
      ["ASP1064", [1, "a", "$size"]],
      ["ASP1064", [1, "b", "$year", "date"]],
      ["ASP1064", [1, "c", "$subtract", 1]],
    ]);
    expect(pathsOf({ $match: { $expr: { $in: ["$a", "b"] } } })).toEqual([["ASP1064", [1, "$expr", "$in", 1]]]);
    expect(
      compile([source, { $merge: { ...merge.$merge, whenMatched: [{ $set: { a: { $abs: "a" } } }] } }]).findings.map(
        ({ code, path }) => [code, path],
      ),
    ).toEqual([["ASP1064", [1, "whenMatched", 0, "a", "$abs"]]]);
  });
});

describe("queries", () => {
  test.each([
    [{ a: { $type: "boolean" } }, "ASP1008 `$type` cannot be `boolean`; help: write `bool`"],
    [{ a: { $type: ["string", "objectid"] } }, "ASP1008 `$type` cannot be `objectid`; help: write `objectId`"],
    [
      { a: { $regex: "a", $options: "g" } },
      "ASP1043 `$options` must be letters out of i, m, s, u, x, not the text `g`",
    ],
    [{ a: { $regex: "*.js" } }, "ASP1067 the server cannot read the pattern `*.js`: nothing stands before a `*`"],
    [{ a: /[^]/ }, "ASP1067 the server cannot read the pattern `[^]`: a `[` is not closed"],
    [{ a: { $mod: [4] } }, "ASP1043 `$mod` must be [divisor, remainder] with a divisor that is not 0, not an array"],
    [{ a: { $size: "2" } }, "ASP1043 `$size` must be a whole number, 0 or more, not the text `2`"],
    [{ a: { $ne: /x/ } }, "ASP1043 `$ne` must be a value to compare with, not a regular expression"],
    [
      { $jsonSchema: { requierd: ["a"] } },
      "ASP1068 `$jsonSchema` has no keyword `requierd`; help: did you mean `required`?",
    ],
    [
      { $jsonSchema: { properties: { a: { const: 1 } } } },
      "ASP1068 `$jsonSchema` has no keyword `const`; help: write `enum` with the one value",
    ],
    [
      { $jsonSchema: { properties: { a: { type: "integer" } } } },
      "ASP1008 `type` of `$jsonSchema` cannot be `integer`",
    ],
    [
      { $jsonSchema: { properties: { a: { bsonType: "integer" } } } },
      "ASP1008 `bsonType` of `$jsonSchema` cannot be `integer`; help: write `int`",
    ],
    [
      { $jsonSchema: { required: "a" } },
      "ASP1043 `required` of `$jsonSchema` must be an array of names, each once, not the text `a`",
    ],
  ])("%j: %s", (query, text) => {
    expect(saidOf({ $match: query })).toEqual([text]);
    expect(saidOf({ $validate: { validator: query } })).toEqual([text]);
  });
});

describe("paths of a stage", () => {
  test.each([
    [
      { $project: { a: 1, b: 0 } },
      "ASP1065 `$project` keeps `a` and drops `b`; help: remove `b`, or drop it in a stage of its own",
    ],
    [
      { $project: { "a.b": 0, c: "$d" } },
      "ASP1065 `$project` keeps `c` and drops `a.b`; help: remove `a.b`, or drop it in a stage of its own",
    ],
    [{ $set: { "a.b": 1, a: 1 } }, "ASP1066 `$set` names `a` and, inside it, `a.b`; help: remove `a` or `a.b`"],
    [{ $addFields: { a: { b: 1 }, "a.b": 1 } }, "ASP1066 `$addFields` names `a.b` twice; help: remove one `a.b`"],
    [
      { $unset: ["a.b", "a.b.c"] },
      "ASP1066 `$unset` names `a.b` and, inside it, `a.b.c`; help: remove `a.b.c` or `a.b`",
    ],
  ])("%j: %s", (stage, text) => expect(saidOf(stage)).toEqual([text]));
});

describe("constants that the service has a use for", () => {
  const emit = (config: object) => [source, { $emit: { connectionName: "bus", topic: "orders", config } }];
  const said = (pipeline: readonly object[]) =>
    compile(pipeline)
      .findings.filter(({ code }) => code !== "ASP5001")
      .map(({ code, path = [], message, help }) => [
        code,
        path.join("."),
        ...[message, help].filter((each) => each !== undefined),
      ]);

  test.each([
    [
      { headers: 5 },
      [
        "ASP1007",
        "1.config.headers",
        "`config.headers` of `$emit` to Kafka must be a document or an array of { k, v }, not `5`",
      ],
    ],
    [
      { headers: { source: true } },
      [
        "ASP1007",
        "1.config.headers.source",
        "`config.headers.source` of `$emit` to Kafka must be binary data, a text, a number that is no Decimal128, a document or null, not `true`",
      ],
    ],
    [
      {
        headers: [
          { k: "a", v: "b" },
          { key: "a", value: "b" },
        ],
      },
      [
        "ASP1007",
        "1.config.headers.1",
        "`config.headers.1` of `$emit` to Kafka must be { k, v }, not a document with 2 keys",
      ],
    ],
    [
      { headers: [{ k: 5, v: "b" }] },
      ["ASP1007", "1.config.headers.0.k", "`config.headers.0.k` of `$emit` to Kafka must be a text, not `5`"],
    ],
    [
      { tombstoneWhen: "deleted" },
      [
        "ASP1007",
        "1.config.tombstoneWhen",
        "`config.tombstoneWhen` of `$emit` to Kafka must be an expression that gives true or false, not the text `deleted`",
        'write `"$deleted"` where the field is meant',
      ],
    ],
    [
      { key: "orderId", keyFormat: "int" },
      [
        "ASP4085",
        "1.config.key",
        "`config.key` of `$emit` to Kafka must be a whole number where `config.keyFormat` is `int`, not the text `orderId`",
        'write `"$orderId"` where the field is meant',
      ],
    ],
    [
      { key: 5, keyFormat: "string" },
      [
        "ASP4085",
        "1.config.key",
        "`config.key` of `$emit` to Kafka must be a text where `config.keyFormat` is `string`, not `5`",
      ],
    ],
    [
      { key: { a: 1 }, keyFormat: "binData" },
      [
        "ASP4085",
        "1.config.key",
        "`config.key` of `$emit` to Kafka must be binary data where `config.keyFormat` is `binData`, not a document with the key `a`",
      ],
    ],
    [
      { key: 1.5, keyFormat: "long" },
      [
        "ASP4085",
        "1.config.key",
        "`config.key` of `$emit` to Kafka must be a whole number where `config.keyFormat` is `long`, not `1.5`",
      ],
    ],
  ])("%j of Kafka is found", (config, finding) => expect(said(emit(config))).toEqual([finding]));

  test.each([
    [{ headers: "$headers", tombstoneWhen: "$deleted", key: "$id", keyFormat: "int" }],
    [{ headers: { a: "b", c: "$d", e: 5, f: { g: 1 }, h: null, i: { $toString: "$j" } }, tombstoneWhen: false }],
    [{ headers: [{ k: "a", v: "b" }, { k: "$name", v: "$value" }, "$more"], tombstoneWhen: { $literal: true } }],
    [{ headers: { $literal: { a: "$b" } }, key: { $toInt: "$a" }, keyFormat: "string" }],
    [{ key: "all", keyFormat: "string" }],
    [{ key: 5, keyFormat: "double" }],
    [{ key: "all", keyFormat: "json" }],
    [{ key: { a: "$a" }, keyFormat: "json" }],
  ])("%j of Kafka is right", (config) => expect(said(emit(config))).toEqual([]));

  test("headers and parameters of a request, and attributes of a message", () => {
    const request = { connectionName: "web", as: "a" };
    const https = (more: object) => [source, { $https: { ...request, ...more } }, merge];
    expect(said(https({ headers: { a: 5, b: "c", d: "$e" }, parameters: { a: [1], b: 5, c: true, d: "$e" } }))).toEqual(
      [
        ["ASP1007", "1.headers.a", "`headers.a` of `$https` must be a text, not `5`"],
        [
          "ASP1007",
          "1.parameters.a",
          "`parameters.a` of `$https` must be a text, a number, true or false, not an array",
        ],
      ],
    );
    const pubSub = { connectionName: "pubsub", projectId: "acme", topic: "t", region: "us-east1" };
    expect(said([source, { $emit: { ...pubSub, attributes: { a: 5, b: "c" } } }])).toEqual([
      ["ASP1007", "1.attributes.a", "`attributes.a` of `$emit` to Pub/Sub must be a text, not `5`"],
    ]);
  });

  test.each([
    [
      { $emit: { connectionName: "stream", stream: "$s", partitionKey: "$a" } },
      "1.stream",
      "`stream` of `$emit` to Kinesis",
    ],
    [
      { $emit: { connectionName: "pubsub", projectId: "$p", topic: "t", region: "us-east1" } },
      "1.projectId",
      "`projectId` of `$emit` to Pub/Sub",
    ],
  ])("%j: a name cannot be a field", (stage, path, what) => {
    expect(said([source, stage])).toEqual([
      [
        "ASP1007",
        path,
        `${what} must be a literal name, without a dollar, not the text \`${path === "1.stream" ? "$s" : "$p"}\``,
      ],
    ]);
  });
});
