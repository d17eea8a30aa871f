import { describe, expect, test } from "vitest";
import { codes, compile, source } from "./support.ts";

const into = { connectionName: "domain", db: "shop", coll: "totals" };
const merging = (whenMatched: unknown, more: object = {}, before: readonly object[] = []) =>
  compile([source, ...before, { $merge: { into, whenMatched, ...more } }]);

const newer = { $gt: ["$$new.version", "$version"] };
const counting = [
  { $set: { n: { $cond: [newer, { $add: ["$n", 1] }, "$n"] }, version: { $max: ["$version", "$$new.version"] } } },
];

test.each([
  "replace",
  "keepExisting",
  "merge",
  "delete",
  undefined,
  { $cond: [{ $eq: ["$operationType", "delete"] }, "delete", "replace"] },
  "$mode",
])("whenMatched: %j is safe", (mode) => {
  const compiled = mode === undefined ? compile([source, { $merge: { into } }]) : merging(mode);
  expect(codes(compiled)).toEqual([]);
});

test("a field that grows is named, with a guard in the author's own fields", () => {
  const compiled = merging([{ $set: { total: { $add: ["$total", "$$new.amount"] }, at: "$$new.updatedAt" } }]);
  expect(compiled.definition).toBeDefined();
  expect(compiled.findings).toEqual([
    {
      code: "ASP1060",
      severity: "warning",
      message: "`total` changes again when `$merge` gets the same document twice",
      processor: "orders",
      path: [1, "whenMatched", 0],
      notes: [
        "documents are delivered at least once: after a restart some of them come again",
        'a guard: { $cond: [{ $gt: ["$$new.updatedAt", { $ifNull: ["$updatedAt", -1] }] }, <the new value>, "$total"] }',
        'and what it compares: updatedAt: { $max: ["$updatedAt", "$$new.updatedAt"] }',
      ],
      help: "set it only where the incoming document is newer than what was applied last",
    },
  ]);
});

test("variables of let are as good as $$new", () => {
  const pipeline = [
    {
      $set: {
        n: { $cond: [{ $gt: ["$$v", "$version"] }, { $add: ["$n", "$$by"] }, "$n"] },
        version: { $max: ["$version", "$$v"] },
      },
    },
  ];
  expect(codes(merging(pipeline, { let: { v: "$version", by: "$amount" } }))).toEqual([]);
});

describe("what is inserted", () => {
  const without = [{ $project: { amount: 1 } }];
  test("has to bring what the guard compares", () => {
    expect(codes(merging(counting, {}, without))).toEqual(["ASP1063"]);
    expect(codes(merging(counting, {}, [{ $replaceWith: { _id: "$_id", n: 1 } }]))).toEqual(["ASP1063"]);
  });

  test("may bring it from any stage, or be unknown, or not be inserted at all", () => {
    expect(codes(merging(counting, {}, [...without, { $addFields: { version: "$v" } }]))).toEqual([]);
    expect(codes(merging(counting, {}, [{ $project: { amount: 1, version: 1 } }]))).toEqual([]);
    expect(codes(merging(counting))).toEqual([]);
    expect(codes(merging(counting, {}, [{ $replaceWith: "$fullDocument" }]))).toEqual([]);
    expect(codes(merging(counting, { whenNotMatched: "discard" }, without))).toEqual([]);
  });

  test("needs no mark where there is no guard", () => {
    expect(codes(merging([{ $set: { n: { $max: ["$n", "$$new.n"] } } }], {}, without))).toEqual([]);
  });
});

test("a mark that is never set, and one that is as good as equal", () => {
  const set = { n: { $cond: [newer, { $add: ["$n", 1] }, "$n"] } };
  expect(codes(merging([{ $set: set }]))).toEqual(["ASP1061"]);
  const equal = { n: { $cond: [{ $gte: ["$$new.version", "$version"] }, { $add: ["$n", 1] }, "$n"] } };
  expect(codes(merging([{ $set: { ...equal, version: "$$new.version" } }]))).toEqual(["ASP1062"]);
});

test("an update of any size is followed, or left, in little time", () => {
  const doubled = Array.from({ length: 45 }, (_, i) => ({ $set: { [`f${i + 1}`]: { $add: [`$f${i}`, `$f${i}`] } } }));
  const nested = Array.from({ length: 12 }).reduce<unknown>(
    (n) => ({ $cond: ["$a", n, { $cond: ["$b", n, 1] }] }),
    "$n",
  );
  const started = performance.now();
  expect(codes(merging(doubled))).toEqual(["ASP1060"]);
  merging([{ $set: { n: nested } }]);
  merging([{ $set: Object.fromEntries(Array.from({ length: 250 }, (_, i) => [`g${i}`, { $max: [`$g${i}`, 1] }])) }]);
  expect(performance.now() - started).toBeLessThan(2000);
});
