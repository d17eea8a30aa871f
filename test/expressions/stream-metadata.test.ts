import { Double, Int32, Long } from "bson";
import { describe, expect, test } from "vitest";
import {
  carriedExpression,
  carrier,
  carryStreamMetadata,
  readsStreamMetadata,
  withoutCarrierText,
} from "../../src/expressions/stream-metadata.ts";

const through = (stage: object): unknown => carryStreamMetadata([stage])[0];

test("an expression that reads stream metadata is found wherever it stands", () => {
  expect(
    readsStreamMetadata([{ $set: { a: { $cond: [{ $eq: [{ $meta: "stream.source.type" }, "x"] }, 1, 2] } } }]),
  ).toBe(true);
  expect(readsStreamMetadata({ $meta: "stream" })).toBe(true);
  expect(readsStreamMetadata([{ $set: { a: { $meta: "textScore" }, b: { $meta: "streams.a" } } }])).toBe(false);
  expect(readsStreamMetadata({ $literal: { $meta: "stream" } })).toBe(false);
});

test("metadata is read from the hidden field, and the whole document is seen without it", () => {
  expect(carriedExpression({ $meta: "stream.source.ns.db" })).toBe(`$$ROOT.${carrier}.stream.source.ns.db`);
  const whole = { $unsetField: { field: carrier, input: "$$ROOT" } };
  expect(carriedExpression({ $mergeObjects: ["$$ROOT", { a: "$$ROOT.b" }] })).toEqual({
    $mergeObjects: [whole, { a: "$$ROOT.b" }],
  });
  expect(carriedExpression({ $literal: "$$ROOT" })).toEqual({ $literal: "$$ROOT" });
});

describe("$project", () => {
  test.each([
    [{ a: 1 }],
    [{ _id: 1 }],
    [{ _id: 0, a: "$b" }],
    [{ a: [] }],
    [{ a: new Date(0) }],
    [{ a: { $literal: 0 } }],
    [{ a: { b: 1 } }],
    [{ a: { b: "$c" } }],
    [{ a: new Long(1) }],
    [{ a: "" }],
  ])("%j takes the hidden field along", (projection) => {
    expect(through({ $project: projection })).toEqual({ $project: { ...projection, [carrier]: 1 } });
  });

  test.each([
    [{ a: 0 }],
    [{ _id: 0 }],
    [{ _id: false }],
    [{ _id: 1, a: 0 }],
    [{ "a.b": false }],
    [{ a: { b: 0 } }],
    [{ a: { b: { c: new Int32(0) } } }],
    [{ a: new Double(0) }],
    [{ a: Long.ZERO }],
  ])("%j leaves it", (projection) => {
    expect(through({ $project: projection })).toEqual({ $project: projection });
  });
});

test("stages that know nothing of it stay as they are", () => {
  for (const stage of [{ $unset: "a" }, { $unwind: "$a" }, { $match: { a: 1 } }]) expect(through(stage)).toEqual(stage);
});

describe("a text that quotes a document", () => {
  const hidden = `${carrier}: { __asp_kept: true, index: 0, stream: { a: "}\\" {", b: { c: 1 } } }`;

  test.each([
    [`Input document: { _id: 1, ${hidden} }`, "Input document: { _id: 1 }"],
    [`Input document: {${hidden}, a: 1}`, "Input document: {a: 1}"],
    [`{ a: 1, ${hidden}, b: 2 } and { ${hidden} }`, "{ a: 1, b: 2 } and {  }"],
    ["no document", "no document"],
  ])("%s", (text, expected) => expect(withoutCarrierText(text)).toBe(expected));

  test("that was cut off in the middle loses the rest", () => {
    expect(withoutCarrierText(`{ a: 1, ${carrier}: { index: 0, str`)).toBe("{ a: 1");
  });
});
