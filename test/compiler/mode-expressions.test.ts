import { describe, expect, test } from "vitest";
import { compile, merge, source } from "./support.ts";

const mergeWith = (more: object): readonly object[] => [source, { $merge: { ...merge.$merge, ...more } }];
const isDelete = { $eq: [{ $meta: "stream.source.operationType" }, "delete"] };

/** Code and place of each finding. */
function found(more: object): readonly unknown[] {
  return compile(mergeWith(more)).findings.map(({ code, path = [] }) => [code, path.slice(1).join(".")]);
}

describe("a mode that an expression gives", () => {
  test.each<[string, object, readonly unknown[]]>([
    ["the branches of $cond", { $cond: [isDelete, "delet", "replce"] }, [1, 2].map((i) => `$cond.${i}`)],
    ["the named branches of $cond", { $cond: { if: isDelete, then: "delet", else: "merge" } }, ["$cond.then"]],
    [
      "the branches of $switch, and its default",
      {
        $switch: {
          branches: [
            { case: isDelete, then: "delet" },
            { case: "$a", then: "merge" },
          ],
          default: "replce",
        },
      },
      ["$switch.branches.0.then", "$switch.default"],
    ],
    ["the alternatives of $ifNull", { $ifNull: ["$mode", "replce"] }, ["$ifNull.1"]],
    ["what is behind $let", { $let: { vars: {}, in: { $cond: [isDelete, "delete", "x"] } } }, ["$let.in.$cond.2"]],
    ["a variable of $let", { $let: { vars: { mode: "replce" }, in: "$$mode" } }, ["$let.vars.mode"]],
    [
      "a variable that another one names, once",
      { $let: { vars: { a: "x" }, in: { $let: { vars: { b: "$$a" }, in: { $cond: [isDelete, "$$b", "$$a"] } } } } },
      ["$let.vars.a"],
    ],
    ["what is in another branch", { $cond: [isDelete, { $ifNull: ["$mode", "x"] }, "merge"] }, ["$cond.1.$ifNull.1"]],
    ["a literal", { $literal: "replce" }, ["$literal"]],
    ["a word of the other field", { $cond: [isDelete, "discard", "merge"] }, ["$cond.1"]],
  ])("is checked in %s", (_, whenMatched, paths) => {
    expect(found({ whenMatched })).toEqual(paths.map((path) => ["ASP1008", `whenMatched.${String(path)}`]));
  });

  test.each([
    { $cond: [isDelete, "delete", "replace"] },
    { $cond: ["$soft", "keepExisting", "$mode"] },
    { $switch: { branches: [{ case: isDelete, then: "delete" }] } },
    { $ifNull: ["$mode", null, { $cond: [isDelete, null, "$other"] }, "merge"] },
    { $let: { vars: { op: "delete of something" }, in: { $cond: [{ $eq: ["$$op", "x"] }, "delete", "merge"] } } },
    { $let: { vars: { a: "merge" }, in: { $let: { vars: { a: "$$a" }, in: "$$a" } } } },
    { $concat: ["keep", "Existing"] },
    { $toLower: "MERGE" },
    "$mode",
  ])("%j may be right", (whenMatched) => expect(found({ whenMatched })).toEqual([]));

  test("asks what a misspelt word means, and names the field", () => {
    const [matched, notMatched] = compile(
      mergeWith({
        whenMatched: { $cond: [isDelete, "delete", "replce"] },
        whenNotMatched: { $cond: ["$a", "insrt", "discard"] },
      }),
    ).findings;
    expect(matched).toMatchObject({
      message: "`whenMatched` of `$merge` cannot be `replce`",
      help: "did you mean `replace`?",
      path: [1, "whenMatched", "$cond", 2],
    });
    expect(notMatched).toMatchObject({
      message: "`whenNotMatched` of `$merge` cannot be `insrt`",
      help: "did you mean `insert`?",
      path: [1, "whenNotMatched", "$cond", 1],
    });
  });

  test("has no `fail` either", () => {
    expect(found({ whenMatched: { $cond: ["$a", "fail", "merge"] } })).toEqual([["ASP1011", "whenMatched.$cond.1"]]);
    expect(found({ whenNotMatched: { $cond: ["$a", "fail", "insert"] } })).toEqual([
      ["ASP1011", "whenNotMatched.$cond.1"],
    ]);
  });

  test("is a word, and neither a pipeline nor anything else", () => {
    const { findings } = compile(mergeWith({ whenMatched: { $cond: ["$a", [{ $set: { b: 1 } }], null] } }));
    expect(findings.map(({ code, message, help }) => ({ code, message, help }))).toEqual([
      {
        code: "ASP1007",
        message: '`whenMatched` of `$merge` must be "replace" or "keepExisting" or "merge" or "delete", not an array',
        help: "give the pipeline alone, and decide in its stages",
      },
      {
        code: "ASP1007",
        message: '`whenMatched` of `$merge` must be "replace" or "keepExisting" or "merge" or "delete", not null',
        help: undefined,
      },
    ]);
    expect(found({ whenNotMatched: { $ifNull: ["$a", { deep: 1 }] } })).toEqual([
      ["ASP1007", "whenNotMatched.$ifNull.1"],
    ]);
  });

  test("is read in no more time than it is long, however often its variables are named", () => {
    let mode: object = { $cond: ["$a", "$$v0", "$$v0"] };
    for (let depth = 0; depth < 30; depth++) {
      mode = { $let: { vars: { [`v${depth}`]: { $cond: ["$a", `$$v${depth + 1}`, `$$v${depth + 1}`] } }, in: mode } };
    }
    expect(found({ whenMatched: { $let: { vars: { v30: "replce" }, in: mode } } })).toEqual([
      ["ASP1008", "whenMatched.$let.vars.v30"],
    ]);
  });
});
