import { Long, ObjectId } from "bson";
import { describe, expect, test } from "vitest";
import { isPlainObject } from "../../src/expressions/is-plain-object.ts";
import { rewriteExpression } from "../../src/expressions/rewrite.ts";

const leaves = {
  fieldPath: (path: string) => `$$d.${path}`,
  variable: (reference: string) => (reference === "NOPE" ? undefined : `$$v_${reference}`),
};
const rewrite = (expression: unknown): unknown => rewriteExpression(expression, leaves, new Set(["mine", "this"]));

test.each<[unknown, unknown]>([
  ["$a.b", "$$d.a.b"],
  ["$$ROOT.a", "$$v_ROOT.a"],
  ["text", "text"],
  [5, 5],
  [null, null],
  [
    ["$a", ["$b"]],
    ["$$d.a", ["$$d.b"]],
  ],
  [{ $add: ["$a", 1] }, { $add: ["$$d.a", 1] }],
  [{ x: { y: "$a" } }, { x: { y: "$$d.a" } }],
  [{ $literal: "$a" }, { $literal: "$a" }],
  [{ $getField: "a.b" }, { $getField: { field: "a.b", input: "$$v_CURRENT" } }],
  [{ $getField: { field: "a", input: "$b" } }, { $getField: { field: "a", input: "$$d.b" } }],
  [{ $let: { vars: { x: "$a" }, in: "$$x" } }, { $let: { vars: { x: "$$d.a" }, in: "$$v_x" } }],
])("%j becomes %j", (expression, expected) => expect(rewrite(expression)).toEqual(expected));

describe("given up", () => {
  test.each<[string, unknown]>([
    ["a variable that has no counterpart", { $add: ["$$NOPE", 1] }],
    ["a $let of a reserved name", { $let: { vars: { mine: 1 }, in: 1 } }],
    ["a $map over a reserved name", { $map: { input: [], as: "mine", in: 1 } }],
    ["a $filter whose default name is reserved", { $filter: { input: [], cond: 1 } }],
    ["JavaScript", { a: { $function: { body: "", args: [], lang: "js" } } }],
    ["metadata", [{ $meta: "stream" }]],
  ])("%s", (_, expression) => expect(rewrite(expression)).toBeUndefined());
});

test("documents and expressions are plain; BSON values, dates, Maps and arrays are not", () => {
  expect([{}, Object.create(null)].every(isPlainObject)).toBe(true);
  expect([null, 1, "a", [], new Date(), new Map(), new ObjectId(), Long.ONE, /a/].some(isPlainObject)).toBe(false);
});
