import fc from "fast-check";
import { expect, test } from "vitest";
import { carryStreamMetadata } from "../../src/expressions/stream-metadata.ts";
import {
  rewriteEngineExpressions,
  runsJavaScript,
  usesEngineExpressions,
} from "../../src/expressions/engine-expressions.ts";
import { stageIn } from "../language/stage-arbitrary.ts";

const at = new Date(1_600_000_000_000);
const now = { $currentDate: {} };
const rewritten = (...stages: readonly Record<string, unknown>[]): unknown => rewriteEngineExpressions(stages, at);

test("stages without these expressions stay as they are", () => {
  fc.assert(
    fc.property(fc.array(stageIn("main"), { maxLength: 4 }), (stages) => {
      expect(usesEngineExpressions(stages)).toBe(false);
      expect(rewriteEngineExpressions(stages, at)).toEqual(stages);
      const carried = carryStreamMetadata(stages);
      expect(rewriteEngineExpressions(carried, at)).toEqual(carried);
    }),
    { numRuns: 500 },
  );
});

test.each([
  ["a literal", { $set: { a: { $literal: now } } }],
  ["a value of a query", { $match: { a: { $eq: now }, $or: [{ b: { $in: [now] } }] } }],
  ["what runs over there", { $lookup: { from: "c", pipeline: [{ $set: { at: now } }], as: "a" } }],
])("%s is no place of an expression of ours", (_, stage) => {
  expect(rewritten(stage)).toEqual([stage]);
});

test.each([
  ["$match", { $expr: { $lt: ["$a", now] } }, { $expr: { $lt: ["$a", at] } }],
  ["$match", { $or: [{ a: 1 }, { $expr: now }] }, { $or: [{ a: 1 }, { $expr: at }] }],
  ["$project", { a: 1, b: { c: now } }, { a: 1, b: { c: at } }],
  ["$replaceRoot", { newRoot: { a: [now] } }, { newRoot: { a: [at] } }],
  ["$redact", { $cond: [now, "$$KEEP", "$$PRUNE"] }, { $cond: [at, "$$KEEP", "$$PRUNE"] }],
  ["$group", { _id: now, all: { $push: { at: now } } }, { _id: at, all: { $push: { at } } }],
  ["$lookup", { let: { now }, pipeline: [], as: "a" }, { let: { now: at }, pipeline: [], as: "a" }],
])("%s %j", (name, argument, expected) => {
  expect(rewritten({ [name]: argument })).toEqual([{ [name]: expected }]);
  expect(usesEngineExpressions([{ [name]: argument }])).toBe(true);
});

test("a new UUID is JavaScript of the server", () => {
  const stages = [{ $set: { id: { $createUUID: {} } } }];
  expect(runsJavaScript(stages)).toBe(true);
  expect(runsJavaScript(rewritten(...stages))).toBe(true);
  expect(usesEngineExpressions(rewritten(...stages))).toBe(false);
  expect(runsJavaScript([{ $set: { a: { $literal: { $function: 1 } } } }])).toBe(false);
});
