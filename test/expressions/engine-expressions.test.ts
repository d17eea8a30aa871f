import { isDeepStrictEqual } from "node:util";
import { Int32 } from "bson";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { carryStreamMetadata } from "../../src/expressions/stream-metadata.ts";
import {
  rewriteEngineExpressions,
  runsJavaScript,
  usesBinaryConversions,
  usesEngineExpressions,
} from "../../src/expressions/engine-expressions.ts";
import { stageIn } from "../language/stage-arbitrary.ts";

const at = new Date(1_600_000_000_000);
const now = { $currentDate: {} };
const old = { currentDate: at, version: "6.0.5" };
const rewritten = (...stages: readonly Record<string, unknown>[]): unknown => rewriteEngineExpressions(stages, old);

test("stages without these expressions stay as they are", () => {
  fc.assert(
    fc.property(fc.array(stageIn("main"), { maxLength: 4 }), (stages) => {
      expect(usesEngineExpressions(stages, old.version)).toBe(false);
      expect(rewriteEngineExpressions(stages, old)).toEqual(stages);
      const carried = carryStreamMetadata(stages);
      expect(rewriteEngineExpressions(carried, old)).toEqual(carried);
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
  expect(usesEngineExpressions([{ [name]: argument }], old.version)).toBe(true);
});

test("a new UUID is JavaScript of the server", () => {
  const stages = [{ $set: { id: { $createUUID: {} } } }];
  expect(runsJavaScript(stages, old.version)).toBe(true);
  expect(runsJavaScript(rewritten(...stages), old.version)).toBe(true);
  expect(usesEngineExpressions(rewritten(...stages), old.version)).toBe(false);
  expect(runsJavaScript([{ $set: { a: { $literal: { $function: 1 } } } }], old.version)).toBe(false);
});

describe("a conversion of binary data", () => {
  const set = (convert: unknown) => [{ $set: { a: { $convert: convert } } }];
  const forms = {
    "8.0": [
      { input: "$a", to: "string", format: "hex" },
      { input: "$a", to: "binData", format: "$format" },
    ],
    "8.1": [
      { input: "$a", to: "binData" },
      { input: "$a", to: 5, onError: null },
      { input: "$a", to: { type: "binData", subtype: 4 } },
      { input: "$a", to: "int", byteOrder: "big" },
      { input: "$a", to: new Int32(18), byteOrder: "$order" },
    ],
  };
  const rows = Object.entries(forms).flatMap(([needs, all]) => all.map((form) => ({ needs, form })));

  test.each(rows)("is rewritten for servers before $needs: $form", ({ needs, form }) => {
    const versions = ["6.0.5", "7.0.2", "8.0.1", "8.1.0", "8.2.1"];
    for (const version of versions) {
      const isOld = Number(version.slice(0, 3)) < Number(needs);
      const stages = rewriteEngineExpressions(set(form), { currentDate: at, version });
      expect({ version, isSame: isDeepStrictEqual(stages, set(form)) }).toEqual({ version, isSame: !isOld });
      expect(usesEngineExpressions(set(form), version)).toBe(isOld);
      expect(runsJavaScript(set(form), version)).toBe(isOld);
      expect(usesBinaryConversions(set(form))).toBe(true);
    }
  });

  test.each([
    { input: "$a", to: "int" },
    { input: "$a", to: "string" },
    { input: "$a", to: "$type" },
  ])("every server has: %j", (form) => {
    expect(usesBinaryConversions(set(form))).toBe(false);
    expect(rewritten(...set(form))).toEqual(set(form));
  });

  test("to a type that only a document says is left to the server, and so is one in another base", () => {
    for (const form of [
      { input: "$a", to: "$type", byteOrder: "big" },
      { input: "$a", to: "int", byteOrder: "big", base: 16 },
    ]) {
      expect(rewritten(...set(form))).toEqual(set(form));
      expect(usesBinaryConversions(set(form))).toBe(true);
    }
  });

  test("has its arguments rewritten, too", () => {
    const inner = { $convert: { input: now, to: "binData", onError: { $createUUID: {} } } };
    const text = JSON.stringify(
      rewritten({ $set: { a: { $convert: { input: inner, to: "string", format: "hex" } } } }),
    );
    expect(text).not.toContain("$currentDate");
    expect(text).not.toContain("$createUUID");
    expect(text.match(/aspInput"/gu)?.length).toBeGreaterThan(3);
  });
});
