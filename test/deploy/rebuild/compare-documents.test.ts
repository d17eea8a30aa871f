import { Decimal128, Double, Int32, Long } from "bson";
import { describe, expect, test } from "vitest";
import { compareDocuments, isTombstone } from "../../../src/deploy/rebuild/compare-documents.ts";

describe("two read models", () => {
  test("are the same whatever the order of fields and the types of whole numbers, and whatever `_asp` says", () => {
    const before = { _id: 1, a: new Int32(5), b: { c: Long.fromNumber(7), d: "x" }, _asp: { v: 1 } };
    expect(compareDocuments(before, { _asp: { v: 2 }, b: { d: "x", c: 7 }, a: new Double(5), _id: 1 })).toEqual([]);
  });

  test.each([
    ["another value", { a: 1 }, { a: 2 }, [{ field: "a", before: "1", after: "2" }]],
    ["a field that is gone", { a: 1 }, {}, [{ field: "a", before: "1" }]],
    ["a field that is new", {}, { a: null }, [{ field: "a", after: "null" }]],
    [
      "a field deep inside",
      { a: { b: { c: 1 } } },
      { a: { b: { c: "1" } } },
      [{ field: "a.b.c", before: "1", after: '"1"' }],
    ],
    ["an array in another order", { a: [1, 2] }, { a: [2, 1] }, [{ field: "a", before: "[1,2]", after: "[2,1]" }]],
    [
      "`_asp` that is a field of a field",
      { a: { _asp: 1 } },
      { a: { _asp: 2 } },
      [{ field: "a._asp", before: "1", after: "2" }],
    ],
    ["a document in place of a value", { a: { b: 1 } }, { a: 1 }, [{ field: "a", before: '{"b":1}', after: "1" }]],
    [
      "a number of another kind",
      { a: Decimal128.fromString("1.5") },
      { a: 1.5 },
      [{ field: "a", before: '{"$numberDecimal":"1.5"}', after: "1.5" }],
    ],
  ])("differ in %s", (_, before, after, expected) => {
    expect(compareDocuments(before, after)).toEqual(expected);
  });
});

test("what `remove()` leaves is a tombstone, and nothing else is", () => {
  expect(isTombstone({ _id: 1, _asp: { v: 1, deleted: true } })).toBe(true);
  for (const other of [{ _id: 1 }, { _asp: { v: 1 } }, { _asp: null }, { _asp: "deleted" }, { deleted: true }]) {
    expect(isTombstone(other)).toBe(false);
  }
});
