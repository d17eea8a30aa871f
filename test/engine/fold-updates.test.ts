import { expect, test } from "vitest";
import { foldUpdates } from "../../src/engine/core/fold-updates.ts";
import { documentShape } from "../../src/engine/core/document-shape.ts";
import { findDiscriminator, specialize } from "../../src/engine/core/specialize.ts";

const step = (expression: unknown): unknown => {
  const one = foldUpdates([{ $replaceWith: expression }])?.pipeline[0]?.["$replaceWith"];
  return one?.$reduce.in.$let.in;
};

test("each round reads the document so far and its own incoming document", () => {
  expect(step({ $mergeObjects: ["$$ROOT", { a: "$b.c", n: "$$new.n", all: "$$CURRENT.x" }] })).toEqual({
    $mergeObjects: ["$$asp_doc", { a: "$$asp_doc.b.c", n: "$$asp_new.n", all: "$$asp_doc.x" }],
  });
});

test("$replaceRoot folds as $replaceWith does", () => {
  expect(foldUpdates([{ $replaceRoot: { newRoot: "$$new" } }])).toEqual(foldUpdates([{ $replaceWith: "$$new" }]));
});

test("constants in $literal stay as they are", () => {
  const constant = { $literal: { a: "$$ROOT" } };
  expect(step({ $mergeObjects: ["$$ROOT", { a: constant }] })).toMatchObject({
    $mergeObjects: ["$$asp_doc", { a: constant }],
  });
});

test("a result without _id gets it back before the next round, as an update gives it back", () => {
  expect(step({ n: "$n" })).toEqual({ $mergeObjects: [{ _id: "$$ROOT._id" }, { n: "$$asp_doc.n" }] });
});

test.each([
  ["several stages", [{ $set: { a: 1 } }, { $unset: "b" }]],
  ["another stage than a replacement", [{ $set: { a: 1 } }]],
  ["a binding that hides a name of ours", [{ $replaceWith: { $let: { vars: { new: 1 }, in: "$$ROOT" } } }]],
  ["metadata", [{ $replaceWith: { $mergeObjects: ["$$ROOT", { a: { $meta: "textScore" } }] } }]],
  ["JavaScript", [{ $replaceWith: { $mergeObjects: ["$$ROOT", { a: { $function: {} } }] } }]],
  ["a result that may be no document", [{ $replaceWith: "$$new.sub" }]],
  ["a branch that may be no document", [{ $replaceWith: { $cond: ["$a", "$$ROOT", "$b"] } }]],
  ["a result that may have another _id", [{ $replaceWith: { $mergeObjects: ["$$ROOT", { _id: "$b" }] } }]],
])("%s is written one by one", (_, pipeline) => expect(foldUpdates(pipeline)).toBeUndefined());

test.each([
  ["$$ROOT", "withId"],
  ["$$new", "withId"],
  ["$a", "unknown"],
  [{ a: 1 }, "withoutId"],
  [{ _id: "$_id" }, "withId"],
  [{ _id: 1 }, "unknown"],
  [{ $literal: { a: 1 } }, "withoutId"],
  [{ $mergeObjects: ["$$ROOT", { a: 1 }] }, "withId"],
  [{ $mergeObjects: "$$ROOT" }, "unknown"],
  [{ $mergeObjects: ["$$ROOT", "$$new.sub"] }, "unknown"],
  [{ $setField: { field: "a", input: "$$ROOT", value: 1 } }, "withId"],
  [{ $setField: { field: "_id", input: "$$ROOT", value: 1 } }, "unknown"],
  [{ $setField: { field: { $literal: "_id" }, input: "$$ROOT", value: 1 } }, "unknown"],
  [{ $unsetField: { field: "a", input: "$$new" } }, "withId"],
  [{ $cond: [true, "$$ROOT", { a: 1 }] }, "withoutId"],
  [{ $cond: { if: true, then: "$$ROOT", else: "$$new" } }, "withId"],
  [{ $switch: { branches: [{ case: true, then: "$$new" }] } }, "withId"],
  [{ $switch: { branches: [{ case: true, then: "$$new" }], default: "$x" } }, "unknown"],
  [{ $let: { vars: { view: "$$ROOT" }, in: { $mergeObjects: ["$$view", { a: 1 }] } } }, "withId"],
  [{ $let: { vars: { ROOT: "$x" }, in: "$$ROOT" } }, "unknown"],
  [{ $ifNull: ["$a", "$$ROOT"] }, "unknown"],
  [5, "unknown"],
] as const)("%j gives a document %s", (expression, shape) => expect(documentShape(expression)).toBe(shape));

const choice = (...cases: [unknown, unknown][]): object => ({
  $switch: { branches: cases.map(([test_, then]) => ({ case: test_, then })), default: "other" },
});
const is = (...types: string[]): object =>
  types.length === 1 ? { $eq: ["$$new.t", types[0]] } : { $in: ["$$new.t", types] };
const by = { reference: "$$new.t", path: ["t"] };
const pruned = (expression: object, ...values: string[]): unknown =>
  specialize([{ $set: { a: expression } }], by, new Set(values))[0]?.["$set"].a;

test("only the branches that the values take are left, the last of them without its test", () => {
  const whole = choice([is("A"), 1], [is("B", "C"), 2], [is("D"), 3]);
  expect(pruned(whole, "A")).toBe(1);
  expect(pruned(whole, "C")).toBe(2);
  expect(pruned(whole, "A", "D")).toEqual({ $switch: { branches: [{ case: is("A"), then: 1 }], default: 3 } });
  expect(pruned(whole, "X")).toBe("other");
  expect(pruned(whole, "A", "X")).toEqual({ $switch: { branches: [{ case: is("A"), then: 1 }], default: "other" } });
  expect(pruned(whole, "A", "B", "D", "X")).toEqual(whole);
});

test("a branch that asks something else keeps its place", () => {
  const guard = { $gte: ["$v", "$$new.v"] };
  const whole = choice([guard, 0], [is("A"), 1], [is("B"), 2]);
  expect(findDiscriminator([{ $set: { a: whole } }])).toEqual(by);
  expect(pruned(whole, "B")).toEqual({ $switch: { branches: [{ case: guard, then: 0 }], default: 2 } });
});

test("the first branch that takes a value takes it", () => {
  expect(pruned(choice([is("A"), 1], [is("A", "B"), 2]), "A")).toBe(1);
});

test("inner choices are pruned as well", () => {
  expect(pruned(choice([is("A"), { x: choice([is("A"), 1], [is("B"), 2]) }], [is("B"), 5]), "A")).toEqual({ x: 1 });
});

test("what is compared with an array, or lies in $literal, is left alone", () => {
  const withArray = choice([{ $eq: ["$$new.t", ["A"]] }, 1]);
  expect(findDiscriminator([{ $set: { a: withArray } }])).toBeUndefined();
  expect(pruned({ $literal: choice([is("A"), 1]) }, "B")).toEqual({ $literal: choice([is("A"), 1]) });
});

test("nothing tells where two paths are compared", () => {
  expect(findDiscriminator([{ $set: { a: choice([is("A"), 1], [{ $eq: ["$$new.u", "A"] }, 2]) } }])).toBeUndefined();
});
