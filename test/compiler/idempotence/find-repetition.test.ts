import { describe, expect, test } from "vitest";
import { findRepetition } from "../../../src/compiler/idempotence/find-repetition.ts";
import { readUpdate } from "../../../src/compiler/idempotence/read-update.ts";

function changing(...pipeline: readonly object[]): string | undefined {
  const update = readUpdate(pipeline);
  if (update === undefined) throw new Error("this is no update");
  return findRepetition(update).changing?.field.join(".");
}

const newer = { $gt: ["$$new.version", { $ifNull: ["$version", -1] }] };

describe("changes nothing the second time", () => {
  const promised: Readonly<Record<string, readonly object[]>> = {
    "constants and what comes in": [{ $set: { a: 1, b: "$$new.b", c: "$$fromLet", d: { $add: ["$$new.n", 1] } } }],
    "the field itself": [{ $set: { a: "$a" } }],
    "fields that are left as they are": [{ $set: { total: { $multiply: ["$price", "$$new.quantity"] } } }],
    removing: [{ $unset: ["a", "b.c"] }, { $set: { d: "$$REMOVE" } }],
    "the largest and the smallest": [{ $set: { a: { $max: ["$a", "$$new.a"] }, b: { $min: ["$$new.b", "$b"] } } }],
    "the largest, from a default": [{ $set: { a: { $max: [{ $ifNull: ["$a", 0] }, "$$new.a"] } } }],
    unions: [{ $set: { a: { $setUnion: [{ $ifNull: ["$a", []] }, ["$$new.a"]] } } }],
    "what is left of a set": [{ $set: { a: { $setDifference: ["$a", ["$$new.a"]] } } }],
    "the first value that there is": [{ $set: { a: { $ifNull: ["$a", "$$new.a"] } } }],
    "the whole document over the incoming one": [{ $replaceWith: { $mergeObjects: ["$$new", "$$ROOT"] } }],
    "the incoming document over the whole": [{ $replaceWith: { $mergeObjects: ["$$ROOT", "$$new"] } }],
    "a part merged": [{ $set: { a: { $mergeObjects: ["$a", "$$new.a"] } } }],
    "elements that are filtered out": [
      { $set: { a: { $filter: { input: "$a", as: "x", cond: { $ne: ["$$x.id", "$$new.id"] } } } } },
    ],
    "an element that takes the place of its like": [
      {
        $set: {
          a: {
            $concatArrays: [
              { $filter: { input: { $ifNull: ["$a", []] }, cond: { $ne: ["$$this.id", "$$new.id"] } } },
              [{ id: "$$new.id", n: "$$new.n" }],
            ],
          },
        },
      },
    ],
    "an element that is added once": [
      {
        $set: { a: { $cond: [{ $in: ["$$new.id", "$a"] }, "$a", { $concatArrays: ["$a", ["$$new.id"]] }] } },
      },
    ],
    "a choice by the incoming document": [{ $set: { a: { $cond: ["$$new.on", "$a", { $max: ["$a", 3] }] } } }],
    "a guard around each field": [
      { $set: { n: { $cond: [newer, { $add: ["$n", 1] }, "$n"] }, version: { $max: ["$version", "$$new.version"] } } },
    ],
    "a guard inside a sum": [
      {
        $set: {
          n: { $add: ["$n", { $cond: [newer, "$$new.n", 0] }] },
          version: { $cond: [newer, "$$new.version", "$version"] },
        },
      },
    ],
    "a guard around the document": [
      {
        $replaceWith: {
          $cond: [newer, { $mergeObjects: ["$$ROOT", { n: { $add: ["$n", 1] }, version: "$$new.version" }] }, "$$ROOT"],
        },
      },
    ],
    "a guard the other way round": [
      {
        $replaceWith: {
          $cond: {
            if: { $gte: ["$version", "$$new.version"] },
            then: "$$ROOT",
            else: { n: { $add: ["$n", "$$new.n"] }, version: "$$new.version" },
          },
        },
      },
    ],
    "a guard in a switch": [
      {
        $replaceWith: {
          $switch: {
            branches: [
              { case: { $lte: ["$$new.version", "$version"] }, then: "$$ROOT" },
              { case: { $eq: ["$$new.type", "add"] }, then: { n: { $add: ["$n", 1] }, version: "$$new.version" } },
            ],
            default: "$$new",
          },
        },
      },
    ],
    "a high-water mark of windows": [
      {
        $replaceWith: {
          $cond: [
            { $gt: ["$$new.windowStart", "$lastWindow"] },
            { total: { $add: [{ $ifNull: ["$total", 0] }, "$$new.total"] }, lastWindow: "$$new.windowStart" },
            "$$ROOT",
          ],
        },
      },
    ],
    "a guard for what has no version yet": [
      {
        $set: {
          n: {
            $cond: [
              { $or: [{ $eq: [{ $type: "$version" }, "missing"] }, { $lt: ["$version", "$$new.version"] }] },
              { $add: ["$n", 1] },
              "$n",
            ],
          },
          version: { $max: ["$version", "$$new.version"] },
        },
      },
    ],
    "a list of what was applied": [
      {
        $set: {
          n: { $cond: [{ $in: ["$$new.id", { $ifNull: ["$seen", []] }] }, "$n", { $add: ["$n", 1] }] },
          seen: { $setUnion: [{ $ifNull: ["$seen", []] }, ["$$new.id"]] },
        },
      },
    ],
    "stages one after the other": [
      { $set: { isNew: newer } },
      {
        $set: { n: { $cond: ["$isNew", { $add: ["$n", 1] }, "$n"] }, version: { $max: ["$version", "$$new.version"] } },
      },
      { $unset: "isNew" },
    ],
  };

  test.each(Object.entries(promised))("%s", (_, pipeline) => expect(changing(...pipeline)).toBeUndefined());
});

describe("names the field that changes again", () => {
  const wrong: readonly (readonly [string, readonly object[]])[] = [
    ["n", [{ $set: { n: { $add: ["$n", 1] } } }]],
    ["n", [{ $set: { a: 1, n: { $add: [{ $ifNull: ["$n", 0] }, "$$new.n"] } } }]],
    ["list", [{ $set: { list: { $concatArrays: ["$list", ["$$new.a"]] } } }]],
    ["stats.n", [{ $set: { stats: { n: { $add: ["$stats.n", 1] } } } }]],
    ["a", [{ $set: { a: "$b", b: "$a" } }]],
    ["on", [{ $set: { on: { $not: ["$on"] } } }]],
    ["n", [{ $replaceWith: { $mergeObjects: ["$$ROOT", "$$new", { n: { $add: ["$n", 1] } }] } }]],
    ["a", [{ $set: { a: { $cond: [{ $gt: ["$a", 5] }, 0, 10] } } }]],
    ["a", [{ $set: { a: { $cond: [{ $eq: ["$b", 1] }, 5, "$a"] }, b: 1 } }]],
    ["a", [{ $set: { a: { $setDifference: [["$$new.a"], "$a"] } } }]],
    ["a", [{ $set: { a: { $map: { input: "$a", in: { $add: ["$$this", 1] } } } } }]],
    ["n", [{ $set: { x: { $add: ["$n", 1] } } }, { $set: { n: "$x" } }, { $unset: "x" }]],
    ["a", [{ $replaceWith: { a: "$$ROOT" } }]],
    // The guard is stored, but what is not newer does not give back what is stored.
    ["n", [{ $set: { n: { $cond: [newer, { $add: ["$n", 1] }, 0] }, version: "$$new.version" } }]],
    // The mark is set by another condition than the guard.
    [
      "n",
      [
        {
          $set: {
            n: { $cond: [newer, { $add: ["$n", 1] }, "$n"] },
            version: { $cond: ["$$new.isLast", "$$new.version", "$version"] },
          },
        },
      ],
    ],
    // What the property test has found: a missing value that is compared, added to, or put into a list.
    ["n", [{ $replaceWith: { n: { $cond: [{ $eq: ["$v", "$$new.n"] }, "$$new.n", "$n"] } } }]],
    ["w", [{ $set: { s: { $concat: ["$s", ""] }, w: "$s" } }]],
    [
      "list",
      [
        {
          $set: {
            list: { $concatArrays: [{ $filter: { input: "$list", cond: { $ne: ["$$this", "$s"] } } }, ["$s"]] },
          },
        },
      ],
    ],
    // A default above every version holds nothing up.
    [
      "n",
      [
        {
          $set: {
            n: { $cond: [{ $ne: ["$version", "$$new.other"] }, { $add: ["$n", 1] }, "$n"] },
            version: "$$new.version",
          },
        },
      ],
    ],
  ];

  test.each(wrong)("%s", (field, pipeline) => expect(changing(...pipeline)).toBe(field));
});
