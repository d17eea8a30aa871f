import { Long, serialize } from "bson";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  createFieldFinder,
  dateMsIn,
  decodeField,
  documentIn,
  documentsIn,
  withFields,
  withoutField,
} from "../../src/engine/core/bson-fields.ts";
import { document } from "./bson-documents.ts";
import { hex } from "./support.ts";

test("a field that is found reads and writes as it does in the whole document, and no other is found", () => {
  const law = fc.property(document, (fields) => {
    const bson = serialize(fields);
    for (const name of fields.keys()) {
      const field = createFieldFinder(name)(bson);
      expect(field).toBeDefined();
      expect(hex(serialize({ a: decodeField(bson, field) }))).toBe(hex(serialize({ a: fields.get(name) })));
      const others = new Map([...fields].filter(([other]) => other !== name));
      expect(hex(withoutField(bson, field))).toBe(hex(serialize(others)));
    }
    const none = createFieldFinder("no such field")(bson);
    expect(none).toBeUndefined();
    expect(decodeField(bson, none)).toBeUndefined();
    expect(withoutField(bson, none)).toBe(bson);
  });
  fc.assert(law, { numRuns: 1000 });
});

test("a name that another one begins with is another name", () => {
  const bson = serialize({ abc: 1, ab: 2, a: 3 });
  const values = ["a", "ab", "abc", "abcd", "b"].map((name) =>
    Number(decodeField(bson, createFieldFinder(name)(bson))),
  );
  expect(values).toEqual([3, 2, 1, Number.NaN, Number.NaN]);
});

test("fields are put before a document's own, or after them", () => {
  const own = { b: 1, c: [2] };
  const more = { a: { z: true } };
  expect(hex(withFields(serialize(own), more, "before"))).toBe(hex(serialize({ ...more, ...own })));
  expect(hex(withFields(serialize(own), more, "after"))).toBe(hex(serialize({ ...own, ...more })));
  expect(hex(withFields(serialize({}), more, "after"))).toBe(hex(serialize(more)));
});

test("documents within a document come out as they are, also from an array of any length", () => {
  const inner = Array.from({ length: 120 }, (_, at) => ({ at, text: "\u0000".repeat(at % 3) }));
  const bson = serialize({ before: [1], one: inner[7], all: inner, none: [], after: 1 });
  const find = (name: string): ReturnType<ReturnType<typeof createFieldFinder>> => createFieldFinder(name)(bson);
  expect(hex(documentIn(bson, find("one")) ?? bson)).toBe(hex(serialize(inner[7] ?? {})));
  expect(documentsIn(bson, find("all")).map(hex)).toEqual(inner.map((each) => hex(serialize(each))));
  expect(documentsIn(bson, find("none"))).toEqual([]);
  expect(documentIn(bson, find("all"))).toBeUndefined();
  expect(documentsIn(bson, find("one"))).toEqual([]);
});

test("the time of a date is read where JavaScript has it", () => {
  const find = createFieldFinder("t");
  const timeIn = (bson: Uint8Array): number | undefined => dateMsIn(bson, find(bson));
  const dateOf = (ms: bigint): Uint8Array => {
    // The library makes no date that JavaScript does not have: the same eight bytes as a long, with the type of a date.
    const bson = serialize({ t: Long.fromBigInt(ms) });
    bson[4] = 9;
    return bson;
  };
  const most = 8_640_000_000_000_000n;
  const law = fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (ms) => {
    const isWithin = ms >= -most && ms <= most;
    expect(timeIn(dateOf(ms))).toBe(isWithin ? Number(ms) : undefined);
  });
  const edges = [0n, -1n, 1n, 2n ** 32n, -(2n ** 32n), most, most + 1n, -most, -most - 1n, 2n ** 53n + 1n];
  fc.assert(law, { numRuns: 1000, examples: edges.map((ms) => [ms]) });
  const near = fc.property(fc.bigInt({ min: -most, max: most }), (ms) => {
    expect(timeIn(dateOf(ms))).toBe(Number(ms));
  });
  fc.assert(near, { numRuns: 1000 });
  expect(timeIn(serialize({ t: 5 }))).toBeUndefined();
  expect(timeIn(serialize({ a: 5 }))).toBeUndefined();
});
