import { BSONRegExp } from "bson";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkExpressions } from "../../src/compiler/check-expressions.ts";
import { rootCursor } from "../../src/compiler/cursor.ts";
import type { KindSchema } from "../../src/compiler/kinds.ts";
import type { Finding } from "../../src/diagnostics/finding.ts";
import { operatorsOf } from "../../src/expressions/operators.ts";
import { compile, merge, source } from "./support.ts";

/** What is said of an expression as the value of a field. */
function said(expression: unknown): readonly string[] {
  return saidOf({ $set: { x: expression } });
}

function saidOf(stage: unknown): readonly string[] {
  return compile([source, stage, merge]).findings.map(textOf);
}

function textOf({ code, message, notes = [], help }: Finding): string {
  return [`${code} ${message}`, ...notes, ...(help === undefined ? [] : [`help: ${help}`])].join("; ");
}

/** What is said of a value of a kind that no stage here has yet. */
function saidAs(kind: string, value: unknown): readonly string[] {
  const root = rootCursor(value, { processor: undefined, place: undefined, placeOf: () => undefined });
  const surroundings = { variables: [], spoilt: new Set<string>() };
  const schema: KindSchema = { asp: kind as KindSchema["asp"] };
  return checkExpressions({ schema, cursor: root }, "$group", surroundings).map(textOf);
}

describe("operators", () => {
  test.each([
    [{ $mutliply: [1, "$a"] }, "ASP1030 there is no operator `$mutliply`; help: did you mean `$multiply`?"],
    [{ $a: 1 }, "ASP1030 there is no operator `$a`; help: wrap it in `$literal` if it is data"],
    [
      { $exists: "$a" },
      'ASP1041 `$exists` is a query operator and cannot stand in an expression; help: compare the type: { $ne: [{ $type: "$field" }, "missing"] }',
    ],
    [
      { $push: "$a" },
      "ASP1041 `$push` is an accumulator and cannot stand in an expression; help: use `$concatArrays` for arrays, or `$push` in `$group`, inside a window",
    ],
    [
      { $rank: {} },
      "ASP1041 `$rank` is an operator of `$setWindowFields` and cannot stand in an expression; help: compute it in `$group`, inside a window, or where the documents are read",
    ],
    [
      { $add: [1, "$a"], $divide: 2 },
      "ASP1052 the operator `$add` cannot stand beside `$divide`; help: put one operator into the other, or into documents of their own",
    ],
    [
      { $let: { vars: {}, in: { $add: [1], unit: "EUR" } } },
      "ASP1052 the operator `$add` cannot stand beside `unit`; help: put the operator into a document of its own",
    ],
  ])("%j: %s", (expression, text) => expect(said(expression)).toEqual([text]));
});

describe("arguments", () => {
  test.each([
    [{ $divide: ["$a"] }, "ASP1042 `$divide` takes 2 arguments, not 1; help: add what is missing"],
    [{ $divide: "$a" }, "ASP1042 `$divide` takes 2 arguments, not 1; help: add what is missing"],
    [{ $divide: [1, 2, 3] }, "ASP1042 `$divide` takes 2 arguments, not 3; help: take out what is too much"],
    [
      { $abs: ["$a", 1] },
      "ASP1042 `$abs` takes 1 argument, not 2; help: write { $abs: [[ … ]] } if the array is the argument",
    ],
    [{ $ifNull: [] }, "ASP1042 `$ifNull` takes at least 2 arguments, not 0; help: add what is missing"],
    [{ $slice: ["$a"] }, "ASP1042 `$slice` takes 2 to 3 arguments, not 1; help: add what is missing"],
    [{ $map: "$a" }, "ASP1043 `$map` must be a document with `input`, `in`, not the text `$a`"],
    [
      { $map: { inpt: "$a", in: 1 } },
      "ASP1045 `$map` has no argument `inpt`; it also takes `input`, `as`, `arrayIndexAs`; help: did you mean `input`?",
    ],
    [{ $cond: { if: 1, then: 2 } }, "ASP1044 `$cond` needs `else`; help: add `else`"],
    [{ $switch: { branches: [] } }, "ASP1043 `branches` of `$switch` must be an array of branches, not an empty array"],
    [{ $switch: { branches: [{ case: 1 }] } }, "ASP1044 `$switch` needs `then`; help: add `then`"],
    [
      { $function: { body: "f", args: [], lang: "ts" } },
      'ASP1043 `lang` of `$function` must be "js", not the text `ts`',
    ],
    [{ $currentDate: "$a" }, "ASP1043 `$currentDate` must be an empty document, not the text `$a`"],
    [{ $createUUID: { a: 1 } }, "ASP1043 `$createUUID` must be an empty document, not a document with the key `a`"],
    [
      { $setField: { field: "$a", input: "$b", value: 1 } },
      "ASP1043 `field` of `$setField` must be a text, not the field path `$a`",
    ],
    [{ $sortArray: { input: "$a", sortBy: { b: 2 } } }, "ASP1043 `sortBy` of `$sortArray` must be 1 or -1, not `2`"],
    [
      { $dateFromParts: { year: 1, isoWeek: 2 } },
      "ASP1043 `$dateFromParts` must be without parts of an ISO week date, not with `isoWeek`",
    ],
  ])("%j: %s", (expression, text) => expect(said(expression)).toEqual([text]));

  test.each([
    [{ $currentDate: {} }],
    [{ $createUUID: {} }],
    [{ $convert: { input: "$a", to: "int", byteOrder: "big" } }],
    [{ $convert: { input: "$a", to: "string", format: "utf8" } }],
    [{ $abs: "$a" }],
    [{ $getField: "a.b" }],
    [{ $map: { input: "$a", arrayIndexAs: "i", in: ["$$i", "$$this"] } }],
    [{ $literal: { $nope: ["$$NOW", "$a..b"], a: 1 } }],
    [{ $year: { $toDate: "$a" } }],
    [{ $function: { body: "function (a) { return a }", args: ["$a"], lang: "js" } }],
  ])("%j is right", (expression) => expect(said(expression)).toEqual([]));
});

describe("variables", () => {
  test.each([
    [
      "$$NOW",
      "ASP1012 `$$NOW` does not exist in Atlas Stream Processing; help: use `{ $currentDate: {} }`, or the event's own time",
    ],
    [
      "$$now",
      "ASP1046 the variable `$$now` is not defined here; help: use `{ $currentDate: {} }`, or the event's own time",
    ],
    [
      "$$NWO",
      "ASP1046 the variable `$$NWO` is not defined here; help: use `{ $currentDate: {} }`, or the event's own time",
    ],
    ["$$clusterTime", "ASP1046 the variable `$$clusterTime` is not defined here; help: use the event's own time"],
    [
      "$$own",
      "ASP1046 the variable `$$own` is not defined here; help: define it with `$let`, or write `$own` for a field",
    ],
    [
      "$NOW",
      "ASP4092 `$NOW` is the field `NOW` of the document, not the time; help: use `{ $currentDate: {} }`, or the event's own time",
    ],
    ["$$ROT.a", "ASP1046 the variable `$$ROT` is not defined here; help: did you mean `$$ROOT`?"],
    [
      "$$customer",
      "ASP1046 the variable `$$customer` is not defined here; help: define it with `$let`, or write `$customer` for a field",
    ],
    [
      { $map: { input: "$a", as: "item", in: "$$itme" } },
      "ASP1046 the variable `$$itme` is not defined here; help: did you mean `$$item`?",
    ],
    [
      "$$new.a",
      "ASP1046 the variable `$$new` is not defined here; `$$new` exists in the pipeline of `whenMatched`; help: define it with `$let`, or write `$new` for a field",
    ],
    [
      "$$KEEP",
      "ASP1046 the variable `$$KEEP` is not defined here; `$$KEEP` exists in `$redact`; help: define it with `$let`, or write `$KEEP` for a field",
    ],
    [
      { $let: { vars: { Net: 1 }, in: 2 } },
      "ASP1047 a variable cannot be called `Net`; help: begin with a lower-case letter, and go on with letters, digits and underscores",
    ],
    [
      { $filter: { input: "$a", as: "", cond: 1 } },
      "ASP1047 a variable has no name; help: begin with a lower-case letter, and go on with letters, digits and underscores",
    ],
  ])("%j: %s", (expression, text) => expect(said(expression)).toEqual([text]));

  test.each([
    ["$$ROOT"],
    ["$$CURRENT.a"],
    ["$$REMOVE"],
    ["$now"],
    ["$a.NOW"],
    [{ $let: { vars: { a: 1, b: "$$ROOT" }, in: { $let: { vars: { c: "$$a" }, in: ["$$a", "$$b", "$$c"] } } } }],
    [{ $reduce: { input: "$a", initialValue: 0, in: { $add: ["$$value", "$$this"] } } }],
    [{ $map: { input: "$a", in: { $filter: { input: "$$this.b", as: "b", cond: { $eq: ["$$b", "$$this.c"] } } } } }],
  ])("%j is right", (expression) => expect(said(expression)).toEqual([]));

  test.each([["$now"], ["$NOW"], ["$$NOW"]])("%j is no operator, and is told which one is meant", (operator) => {
    expect(said({ [operator]: {} })).toEqual([
      `ASP1030 there is no operator \`${operator}\`; help: use \`{ $currentDate: {} }\`, or the event's own time`,
    ]);
  });

  test("are seen where they are defined and nowhere else", () => {
    const outside = { $let: { vars: { a: 1, b: "$$a" }, in: "$$a" } };
    expect(said([outside, "$$b"]).map((text) => text.slice(0, 34))).toEqual([
      "ASP1046 the variable `$$a` is not ",
      "ASP1046 the variable `$$b` is not ",
    ]);
    expect(said({ $map: { input: "$$this", as: "x", in: "$$this" } })).toHaveLength(2);
    expect(said({ $reduce: { input: "$a", initialValue: "$$value", in: 1 } })).toHaveLength(1);
  });

  test("of `$redact` are defined there", () => {
    expect(saidOf({ $redact: { $cond: ["$a", "$$DESCEND", { $ifNull: ["$$PRUNE", "$$KEEP"] }] } })).toEqual([]);
  });

  test("of whenMatched are `$$new`, those of `let`, and the server's own", () => {
    const whenMatched = [{ $set: { a: ["$$new.a", "$$x", "$$NOW", "$$y"] } }];
    const { findings } = compile([source, { $merge: { ...merge.$merge, let: { x: "$$new" }, whenMatched } }]);
    expect(findings.map(({ code, path }) => [code, path])).toEqual([
      ["ASP1046", [1, "let", "x"]],
      ["ASP1046", [1, "whenMatched", 0, "a", 3]],
    ]);
  });
});

describe("field paths and names", () => {
  test.each(["$", "$.a", "$a..b", "$a.", "$a.$b", "$$", "$$ROOT..a", "$$ROOT.$a", "$a\0"])("%j is no path", (path) => {
    expect(said(path).map((text) => text.slice(0, 7))).toEqual(["ASP1053"]);
  });
  test.each(["$a", "$a.0.b", "$ a", "$a$", "$a.b$c", "$a.$id", "$$ROOT.a"])("%j is one", (path) => {
    expect(said(path)).toEqual([]);
  });
  test.each([
    [{ $set: { $a: 1 } }, "ASP1055"],
    [{ $set: { "a..b": 1 } }, "ASP1055"],
    [{ $set: { a: { "b.c": 1 } } }, "ASP1055"],
    [{ $set: { a: [{ "b.c": 1 }] } }, "ASP1055"],
    [{ $set: { a: {} } }, "ASP1057"],
    [{ $set: { a: { b: 1, $add: [1] } } }, "ASP1052"],
    [{ $project: { a: { "b..c": 1 } } }, "ASP1055"],
    [{ $replaceWith: { "a.b": 1 } }, "ASP1055"],
  ])("%j: %s", (stage, code) => expect(saidOf(stage).map((text) => text.slice(0, 7))).toEqual([code]));
  test.each([[{ $set: { "a.b": 1 } }], [{ $project: { a: { "b.c": 1 } } }], [{ $replaceWith: { a: {} } }]])(
    "%j is right",
    (stage) => expect(saidOf(stage)).toEqual([]),
  );
});

describe("queries", () => {
  test.each([
    [{ a: { $gtt: 1 } }, "ASP1040 there is no query operator `$gtt`; help: did you mean `$gt`?"],
    [{ $or: [{ a: { $not: { $gtt: 1 } } }] }, "ASP1040 there is no query operator `$gtt`; help: did you mean `$gt`?"],
    [
      { a: { $all: [{ $elemMatch: { b: { $gtt: 1 } } }] } },
      "ASP1040 there is no query operator `$gtt`; help: did you mean `$gt`?",
    ],
    [
      { a: { $add: [1, 2] } },
      "ASP1041 `$add` is an operator of expressions and cannot stand in a query; help: compare under `$expr`: { $expr: { $gt: [{ $add: … }, 0] } }",
    ],
    [
      { $gt: ["$a", 1] },
      "ASP1054 `$gt` stands below a field, not around it; help: write { field: { $gt: … } }, or compare expressions under `$expr`",
    ],
    [
      { a: { $or: [{ $gt: 1 }] } },
      "ASP1054 `$or` stands around fields, not below one; help: name the field in each part: { $or: [{ field: … }, { field: … }] }",
    ],
    [
      { $not: { a: 1 } },
      "ASP1054 `$not` stands below a field, not around it; help: use `$nor` to negate a whole query",
    ],
    [
      { a: { $gt: 1, b: 2 } },
      "ASP1052 the operator `$gt` cannot stand beside `b`; help: put the operator into a document of its own",
    ],
    [{ $where: "1" }, "ASP1056 `$match` of a stream cannot use `$where`; help: compare under `$expr`"],
    [{ a: { $in: 5 } }, "ASP1043 `$in` must be an array, not `5`"],
    [{ $expr: { $concta: [] } }, "ASP1030 there is no operator `$concta`; help: did you mean `$concat`?"],
  ])("%j: %s", (query, text) => {
    expect(saidOf({ $match: query })).toEqual([text]);
    if (!("$where" in query)) expect(saidOf({ $validate: { validator: query } })).toEqual([text]);
  });

  test.each([
    [{ a: { b: { $gtt: 1 } } }],
    [{ a: "$$NOW", b: ["$x..y"] }],
    [{ a: { $eq: { $gtt: 1 } } }],
    [{ a: { $not: new BSONRegExp("x") } }],
    [{ a: { $ref: "x", $id: 1 } }],
    [{ $jsonSchema: { properties: { $nope: { enum: [{ $nope: 1 }] } } } }],
  ])("%j is right", (query) => expect(saidOf({ $match: query })).toEqual([]));

  test("$validate refuses what needs an index, at any depth", () => {
    const validator = { $or: [{ a: { $elemMatch: { b: { $near: [0, 0] } } } }, { $text: { $search: "x" } }] };
    const { findings } = compile([source, { $validate: { validator } }, merge]);
    expect(findings.map(({ code, path }) => [code, path])).toEqual([
      ["ASP1015", [1, "validator", "$or", 0, "a", "$elemMatch", "b", "$near"]],
      ["ASP1015", [1, "validator", "$or", 1, "$text"]],
    ]);
  });
});

describe("accumulators", () => {
  test.each([
    [{ _id: null, n: { $summ: 1 } }, "ASP1030 there is no operator `$summ`; help: did you mean `$sum`?"],
    [
      { _id: null, n: { $add: [1] } },
      "ASP1041 `$add` is an operator of expressions and cannot stand in the place of an accumulator; help: wrap it in an accumulator, like `$sum` or `$push`",
    ],
    [{ _id: null, n: 1 }, "ASP1043 `n` of `$group` must be one accumulator, like { $sum: 1 }, not `1`"],
    [{ _id: null, n: { $sum: ["$a", "$b"] } }, "ASP1043 `$sum` must be one expression, not an array"],
    [{ _id: null, n: { $count: 1 } }, "ASP1043 `$count` must be an empty document, not `1`"],
    [{ _id: null, n: { $top: { output: "$a" } } }, "ASP1044 `$top` needs `sortBy`; help: add `sortBy`"],
    [
      { _id: "$$NOPE", n: { $max: "$a" } },
      "ASP1046 the variable `$$NOPE` is not defined here; help: define it with `$let`, or write `$NOPE` for a field",
    ],
  ])("%j: %s", (group, text) => expect(saidAs("group", group)).toEqual([text]));

  test("every one that there is may stand in a group", () => {
    for (const name of operatorsOf("accumulator")) {
      const codes = saidAs("group", { _id: null, n: { [name]: {} } }).map((text) => text.slice(0, 7));
      expect(codes.filter((code) => code === "ASP1030" || code === "ASP1041")).toEqual([]);
    }
  });
});

describe("$meta", () => {
  test.each([
    [5, "ASP1043 `$meta` must be a text, not `5`"],
    ["textScor", "ASP1048 `$meta` has no `textScor`; help: did you mean `textScore`?"],
    ["streams.source", "ASP1048 `$meta` has no `streams.source`; help: did you mean `stream.source`?"],
  ])("%j: %s", (word, text) => expect(said({ $meta: word })).toEqual([text]));

  test("takes the server's words and the stream's paths", () => {
    expect(said([{ $meta: "textScore" }, { $meta: "vectorSearchScore" }, { $meta: "stream" }])).toEqual([]);
  });

  test("has no stream where the cluster runs the stage", () => {
    const whenMatched = [{ $set: { a: { $meta: "stream.source.ts" } } }];
    expect(compile([source, { $merge: { ...merge.$merge, whenMatched } }]).findings.map(textOf)).toEqual([
      'ASP1048 the cluster, which runs this stage, has no metadata `stream.source.ts`; help: write `let: { value: { $meta: "stream.source.ts" } }`, which the stream evaluates, and read `$$value` here',
    ]);
  });
});

describe("what only the stream has, in a pipeline that a cluster runs", () => {
  const customers = { connectionName: "domain", db: "shop", coll: "customers" };
  const joins = (pipeline: readonly object[], more: object = {}): object => ({
    $lookup: { from: customers, pipeline, as: "c", ...more },
  });
  const similar = (pipeline: readonly object[]): object => ({
    $vectorSearch: {
      ...{ from: customers, index: "i", path: "e", queryVector: "$e", numCandidates: 9, limit: 3, as: "c" },
      pipeline,
    },
  });
  const uuid = { $set: { a: { $ifNull: ["$a", { $createUUID: {} }] } } };
  /** Codes and paths but for what is said of stages that the engine does not run. */
  const placed = (pipeline: readonly object[]): readonly unknown[] =>
    compile(pipeline)
      .findings.filter(({ code }) => code !== "ASP5001")
      .map(({ code, path }) => [code, path]);
  const merges = (more: object): object => ({ $merge: { ...merge.$merge, ...more } });

  test.each<[string, readonly object[], readonly unknown[]]>([
    ["whenMatched", [source, merges({ whenMatched: [uuid] })], [1, "whenMatched", 0, "a", "$ifNull", 1]],
    [
      "a change stream",
      [{ $source: { ...source.$source, config: { pipeline: [uuid] } } }, merge],
      [0, "config", "pipeline", 0, "a", "$ifNull", 1],
    ],
    [
      "a change stream's condition",
      [
        {
          $source: {
            ...source.$source,
            config: { pipeline: [{ $match: { $expr: { $eq: ["$a", { $createUUID: {} }] } } }] },
          },
        },
        merge,
      ],
      [0, "config", "pipeline", 0, "$expr", "$eq", 1],
    ],
    ["a look-up", [source, joins([uuid]), merge], [1, "pipeline", 0, "a", "$ifNull", 1]],
    [
      "a look-up in a look-up",
      [source, joins([{ $lookup: { from: "x", pipeline: [uuid], as: "y" } }]), merge],
      [1, "pipeline", 0, "pipeline", 0, "a", "$ifNull", 1],
    ],
    [
      "a stage of the server's own",
      [source, joins([{ $facet: { all: [uuid] } }]), merge],
      [1, "pipeline", 0, "all", 0, "$set", "a", "$ifNull", 1],
    ],
    ["a vector search", [source, similar([uuid]), merge], [1, "pipeline", 0, "a", "$ifNull", 1]],
  ])("is found in %s", (_, pipeline, path) => expect(placed(pipeline)).toEqual([["ASP1037", path]]));

  test("is metadata too", () => {
    const word = { $meta: "stream.source.topic" };
    expect(
      placed([source, joins([{ $set: { a: word } }, { $match: { $expr: { $eq: ["$a", word] } } }]), merge]),
    ).toEqual([
      ["ASP1048", [1, "pipeline", 0, "a", "$meta"]],
      ["ASP1048", [1, "pipeline", 1, "$expr", "$eq", 1, "$meta"]],
    ]);
  });

  test("comes in by `let`, and where a change stream has none, in a stage after it", () => {
    const helps = (operator: string): readonly unknown[] =>
      [
        [source, merges({ whenMatched: [{ $set: { a: { [operator]: {} } } }] })],
        [{ $source: { ...source.$source, config: { pipeline: [{ $set: { a: { [operator]: {} } } }] } } }, merge],
      ].map((pipeline) => compile(pipeline).findings[0]?.help);
    const after = "use it in a stage of the processor's own, after `$source`";
    expect(helps("$createUUID")).toEqual([
      "write `let: { value: { $createUUID: {} } }`, which the stream evaluates, and read `$$value` here",
      after,
    ]);
    expect(helps("$currentDate")).toEqual(["write `$$NOW`, which the cluster has", after]);
  });

  test.each<[string, readonly object[]]>([
    [
      "variables of `let`",
      [
        source,
        joins([{ $set: { a: "$$id" } }], { let: { id: { $createUUID: {} }, at: { $meta: "stream.source.ts" } } }),
        merges({ let: { id: { $createUUID: {} } }, whenMatched: [{ $set: { a: "$$id", b: "$$NOW" } }] }),
      ],
    ],
    [
      "what is data",
      [
        source,
        joins([{ $set: { a: { $literal: { $createUUID: {} } } } }, { $match: { a: { $meta: "stream" } } }]),
        merge,
      ],
    ],
    ["the server's own metadata", [source, joins([{ $set: { a: { $meta: "textScore" } } }]), merge]],
    [
      "a validator, which the stream evaluates",
      [source, { $validate: { validator: { $expr: { $ne: ["$a", { $createUUID: {} }] } } } }, merge],
    ],
    [
      "a payload, which the stream makes",
      [source, { $https: { connectionName: "web", as: "r", payload: [{ $set: { a: { $createUUID: {} } } }] } }, merge],
    ],
  ])("is not %s", (_, pipeline) => expect(placed(pipeline)).toEqual([]));

  test("is nothing of a payload, which has no variables of the server's", () => {
    const https = { $https: { connectionName: "web", as: "r", payload: [{ $set: { a: "$$NOW" } }] } };
    expect(placed([source, https, merge])).toEqual([["ASP1012", [1, "payload", 0, "a"]]]);
  });
});

test("all findings are given at once, each at its place", () => {
  const stage = { $set: { a: { $add: ["$$NOW", { $nope: "$b..c" }] }, d: { $cond: { if: "$$x", then: 1 } } } };
  const { findings } = compile([source, stage, merge]);
  expect(findings.map(({ code, path }) => [code, path])).toEqual([
    ["ASP1012", [1, "a", "$add", 0]],
    ["ASP1030", [1, "a", "$add", 1]],
    ["ASP1053", [1, "a", "$add", 1, "$nope"]],
    ["ASP1044", [1, "d", "$cond"]],
    ["ASP1046", [1, "d", "$cond", "if"]],
  ]);
});

test("what could not be copied is not complained about a second time", () => {
  const stage = { $set: { a: { $map: { input: "$a", as: undefined, in: 1 } }, b: { $meta: Number.NaN } } };
  expect(compile([source, stage, merge]).findings.map(({ code }) => code)).toEqual(["ASP1020", "ASP1022"]);
});

describe("whatever stands there, findings are given and nothing is thrown", () => {
  const names = (["expression", "query", "accumulator"] as const).flatMap(operatorsOf);
  const words = fc.oneof(
    fc.constantFrom(...names, "$literal", "$nope", "$$x", "$a..b", "a.b", "", "__proto__", "constructor", "0"),
    fc.constantFrom("input", "in", "vars", "as", "cond", "branches", "case", "sortBy", "inputs", "defaults", "field"),
  );
  const { junk } = fc.letrec((tie) => ({
    junk: fc.oneof(
      { depthSize: "medium", withCrossShrink: true },
      fc.oneof(words, fc.integer(), fc.boolean(), fc.constant(null), fc.string({ unit: "binary", maxLength: 6 })),
      fc.array(tie("junk"), { maxLength: 4 }),
      fc.dictionary(words, tie("junk"), { maxKeys: 3 }),
    ),
  }));
  test.each(["expression", "expressions", "projection", "query", "group", "sort", "metadata", "timeField", "choice"])(
    "of %s",
    (kind) => {
      fc.assert(
        fc.property(junk, (value) => {
          expect(saidAs(kind, value)).toEqual(saidAs(kind, value));
        }),
        { numRuns: 200 },
      );
    },
  );
});

test("time grows with the number of variables and of uses, and not with their product", () => {
  const names = Array.from({ length: 30_000 }, (_, index) => `v${index}`);
  const vars = Object.fromEntries(names.map((name) => [name, 1]));
  const uses = { $let: { vars, in: [...names.map((name) => `$$${name}`), ...names.map((name) => `$$${name}x`)] } };
  const started = performance.now();
  expect(saidAs("expression", uses)).toHaveLength(30_000);
  // Seconds; the product would take minutes.
  expect(performance.now() - started).toBeLessThan(20_000);
});
