import { isDeepStrictEqual } from "node:util";
import { Double, Int32, Long } from "bson";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { carryStreamMetadata } from "../../src/expressions/stream-metadata.ts";
import { findEngineExpressions, rewriteEngineExpressions } from "../../src/expressions/engine-expressions.ts";
import { stageIn } from "../language/stage-arbitrary.ts";

const at = new Date(1_600_000_000_000);
const now = { $currentDate: {} };
const old = { currentDate: at, server: { version: "6.0.5", javaScript: true } };
const nothing = { own: false, javaScript: false, conversions: [] };
const rewritten = (...stages: readonly Record<string, unknown>[]): unknown => rewriteEngineExpressions(stages, old);

test("stages without these expressions stay as they are", () => {
  fc.assert(
    fc.property(fc.array(stageIn("main"), { maxLength: 4 }), (stages) => {
      expect(findEngineExpressions(stages)).toEqual(nothing);
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
  expect(findEngineExpressions([{ [name]: argument }])).toEqual({ ...nothing, own: true });
});

test("a new UUID is JavaScript of the server", () => {
  const stages = [{ $set: { id: { $createUUID: {} } } }];
  expect(findEngineExpressions(stages)).toEqual({ ...nothing, own: true, javaScript: true });
  expect(findEngineExpressions(rewritten(...stages))).toEqual({ ...nothing, javaScript: true });
  expect(findEngineExpressions([{ $set: { a: { $literal: { $function: 1 } } } }])).toEqual(nothing);
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
      const server = { version, javaScript: false };
      const stages = rewriteEngineExpressions(set(form), { currentDate: at, server });
      expect({ version, isSame: isDeepStrictEqual(stages, set(form)) }).toEqual({ version, isSame: !isOld });
    }
    expect(findEngineExpressions(set(form))).toEqual({ ...nothing, conversions: [{ needs, explicit: true }] });
    expect(rewriteEngineExpressions(set(form), { currentDate: at })).toEqual(set(form));
  });

  test.each(["int", "long", "double", new Int32(16), new Double(18), Long.fromNumber(1), { $literal: "int" }])(
    "to %j without any sign of it is one, too, where there is JavaScript",
    (to) => {
      const stages = set({ input: "$a", to });
      expect(findEngineExpressions(stages).conversions).toEqual([{ needs: "8.1", explicit: false }]);
      expect(JSON.stringify(rewritten(...stages))).toContain("$function");
      for (const server of [
        { version: "6.0.5", javaScript: false },
        { version: "8.1.0", javaScript: true },
      ]) {
        expect(rewriteEngineExpressions(stages, { currentDate: at, server })).toEqual(stages);
      }
    },
  );

  test.each([
    ...["string", "bool", "date", "decimal", "objectId", 2, 8, "nonsense", 16.5, 99, null, true, [16]],
    ...["$type", { $toLower: "$type" }, { subtype: 4 }, { type: "$type" }],
  ])("to %j is none, or nobody knows", (to) => {
    expect(findEngineExpressions(set({ input: "$a", to }))).toEqual(nothing);
    expect(rewritten(...set({ input: "$a", to }))).toEqual(set({ input: "$a", to }));
  });

  test("to a type that only a document says is left to the server, and so is one in another base", () => {
    for (const form of [
      { input: "$a", to: "$type", byteOrder: "big" },
      { input: "$a", to: { type: "$type" }, format: "hex" },
      { input: "$a", to: "int", byteOrder: "big", base: 16 },
      { input: "$a", to: "int", base: 16 },
    ]) {
      expect(rewritten(...set(form))).toEqual(set(form));
      expect(findEngineExpressions(set(form))).toEqual(nothing);
    }
  });

  test("without use for its arguments is one without them", () => {
    const rest = { onError: "$e", onNull: "$n" };
    const form = { input: "$a", to: { type: "date", subtype: 4 }, format: "$f", byteOrder: "$o", ...rest };
    expect(rewritten(...set(form))).toEqual(set({ input: "$a", to: "date", ...rest }));
  });

  test("has each of its arguments once, however many stand in one another", () => {
    let call: unknown = "$deepest";
    for (let depth = 0; depth < 8; depth++) {
      const to = ["binData", "string", { type: "binData", subtype: 5 }][depth % 3];
      call = { $convert: { input: `$in${depth}`, to, format: "$f", onError: call, onNull: `$null${depth}` } };
    }
    const text = JSON.stringify(rewritten({ $set: { a: call } }));
    for (const path of ["$deepest", "$null0", "$null7", "$in0"]) expect(text.split(`"${path}"`)).toHaveLength(2);
  });

  test("has its arguments rewritten, too", () => {
    const inner = { $convert: { input: now, to: "binData", onError: { $createUUID: {} } } };
    const text = JSON.stringify(
      rewritten({ $set: { a: { $convert: { input: inner, to: "string", format: "hex" } } } }),
    );
    expect(text).not.toContain("$currentDate");
    expect(text).not.toContain("$createUUID");
    expect(text.match(/\$function/gu)).toHaveLength(3);
  });
});
