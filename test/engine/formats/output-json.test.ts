import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  Decimal128,
  Double,
  EJSON,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
  UUID,
  serialize,
} from "bson";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toOutputJson } from "../../../src/engine/core/formats/output-json.ts";
import { document } from "../bson-documents.ts";
import { hex } from "../support.ts";

const id = new ObjectId("0123456789abcdef01234567");
const own = "01234567-89ab-4def-8123-456789abcdef";
const far = 9_007_199_254_740_993n;

/** A name, the value, and what each format makes of it. */
const values: readonly (readonly [string, unknown, string, string, string])[] = [
  ["double", new Double(1.5), `1.5`, `{"$numberDouble":"1.5"}`, `1.5`],
  ["whole double", new Double(5), `5.0`, `{"$numberDouble":"5.0"}`, `5.0`],
  ["negative zero", new Double(-0), `-0.0`, `{"$numberDouble":"-0.0"}`, `-0.0`],
  ["large double", new Double(1e300), `1e+300`, `{"$numberDouble":"1e+300"}`, `1e+300`],
  ["small double", new Double(1e-7), `1e-7`, `{"$numberDouble":"1e-7"}`, `1e-7`],
  ["NaN", new Double(NaN), `{"$numberDouble":"NaN"}`, `{"$numberDouble":"NaN"}`, `"NaN"`],
  ["infinity", new Double(Infinity), `{"$numberDouble":"Infinity"}`, `{"$numberDouble":"Infinity"}`, `"Infinity"`],
  [
    "minus infinity",
    new Double(-Infinity),
    `{"$numberDouble":"-Infinity"}`,
    `{"$numberDouble":"-Infinity"}`,
    `"-Infinity"`,
  ],
  ["text", 'a"\n\u2028é', `"a\\"\\n\u2028é"`, `"a\\"\\n\u2028é"`, `"a\\"\\n\u2028é"`],
  ["document", { a: new Int32(1) }, `{"a":1}`, `{"a":{"$numberInt":"1"}}`, `{"a":1}`],
  ["empty document", {}, `{}`, `{}`, `{}`],
  ["array", [new Int32(1), null], `[1,null]`, `[{"$numberInt":"1"},null]`, `[1,null]`],
  ["empty array", [], `[]`, `[]`, `[]`],
  [
    "binary",
    new Binary(new Uint8Array([1, 2]), 0),
    `{"$binary":{"base64":"AQI=","subType":"00"}}`,
    `{"$binary":{"base64":"AQI=","subType":"00"}}`,
    `"AQI="`,
  ],
  [
    "old binary",
    new Binary(new Uint8Array([1, 2]), 2),
    `{"$binary":{"base64":"AQI=","subType":"02"}}`,
    `{"$binary":{"base64":"AQI=","subType":"02"}}`,
    `"AQI="`,
  ],
  [
    "own binary",
    new Binary(new Uint8Array([1]), 128),
    `{"$binary":{"base64":"AQ==","subType":"80"}}`,
    `{"$binary":{"base64":"AQ==","subType":"80"}}`,
    `"AQ=="`,
  ],
  [
    "UUID",
    new UUID(own),
    `{"$binary":{"base64":"ASNFZ4mrTe+BI0VniavN7w==","subType":"04"}}`,
    `{"$binary":{"base64":"ASNFZ4mrTe+BI0VniavN7w==","subType":"04"}}`,
    `"${own}"`,
  ],
  ["ObjectId", id, `{"$oid":"${id.toHexString()}"}`, `{"$oid":"${id.toHexString()}"}`, `"${id.toHexString()}"`],
  ["true", true, `true`, `true`, `true`],
  ["false", false, `false`, `false`, `false`],
  [
    "date",
    new Date(1_700_000_000_123),
    `{"$date":"2023-11-14T22:13:20.123Z"}`,
    `{"$date":{"$numberLong":"1700000000123"}}`,
    `1700000000123`,
  ],
  ["date of a whole second", new Date(0), `{"$date":"1970-01-01T00:00:00Z"}`, `{"$date":{"$numberLong":"0"}}`, `0`],
  ["date before 1970", new Date(-1), `{"$date":{"$numberLong":"-1"}}`, `{"$date":{"$numberLong":"-1"}}`, `-1`],
  [
    "last date of 9999",
    new Date(253_402_300_799_999),
    `{"$date":"9999-12-31T23:59:59.999Z"}`,
    `{"$date":{"$numberLong":"253402300799999"}}`,
    `253402300799999`,
  ],
  [
    "date after 9999",
    new Date(253_402_300_800_000),
    `{"$date":{"$numberLong":"253402300800000"}}`,
    `{"$date":{"$numberLong":"253402300800000"}}`,
    `253402300800000`,
  ],
  ["null", null, `null`, `null`, `null`],
  [
    "regular expression",
    new BSONRegExp('^a"\\d', "i"),
    `{"$regularExpression":{"pattern":"^a\\"\\\\d","options":"i"}}`,
    `{"$regularExpression":{"pattern":"^a\\"\\\\d","options":"i"}}`,
    `{"pattern":"^a\\"\\\\d","options":"i"}`,
  ],
  ["code", new Code("f()"), `{"$code":"f()"}`, `{"$code":"f()"}`, `"f()"`],
  [
    "code with a scope",
    new Code("f()", { a: new Int32(1) }),
    `{"$code":"f()","$scope":{"a":1}}`,
    `{"$code":"f()","$scope":{"a":{"$numberInt":"1"}}}`,
    `{"code":"f()","scope":{"a":1}}`,
  ],
  ["symbol", new BSONSymbol("s"), `{"$symbol":"s"}`, `{"$symbol":"s"}`, `"s"`],
  ["int", new Int32(-7), `-7`, `{"$numberInt":"-7"}`, `-7`],
  [
    "timestamp",
    new Timestamp({ t: 4_000_000_000, i: 2 }),
    `{"$timestamp":{"t":4000000000,"i":2}}`,
    `{"$timestamp":{"t":4000000000,"i":2}}`,
    `4000000000000`,
  ],
  ["long", Long.fromNumber(5), `5`, `{"$numberLong":"5"}`, `5`],
  ["long beyond what a double holds", Long.fromBigInt(far), `${far}`, `{"$numberLong":"${far}"}`, `${far}`],
  ["decimal", Decimal128.fromString("1.50"), `{"$numberDecimal":"1.50"}`, `{"$numberDecimal":"1.50"}`, `"1.50"`],
  ["decimal NaN", Decimal128.fromString("NaN"), `{"$numberDecimal":"NaN"}`, `{"$numberDecimal":"NaN"}`, `"NaN"`],
  ["smallest key", new MinKey(), `{"$minKey":1}`, `{"$minKey":1}`, `"MinKey"`],
  ["largest key", new MaxKey(), `{"$maxKey":1}`, `{"$maxKey":1}`, `"MaxKey"`],
];

describe("each type in each format:", () => {
  test.each(values)("%s", (_name, value, relaxed, canonical, basic) => {
    const bson = serialize({ v: value });
    expect(toOutputJson(bson, { format: "relaxedJson", dateFormat: "default" })).toBe(`{"v":${relaxed}}`);
    expect(toOutputJson(bson, { format: "canonicalJson", dateFormat: "default" })).toBe(`{"v":${canonical}}`);
    expect(toOutputJson(bson, { format: "basicJson", dateFormat: "default" })).toBe(`{"v":${basic}}`);
  });
});

/** A document with one field `v` of a type that the library does not write. */
const withField = (type: number, value: Uint8Array): Uint8Array => {
  const bson = new Uint8Array([8 + value.length, 0, 0, 0, type, 0x76, 0, ...value, 0]);
  return bson;
};

test("the types that only old documents have", () => {
  const undefinedValue = withField(0x06, new Uint8Array());
  const pointer = withField(0x0c, new Uint8Array([4, 0, 0, 0, 0x61, 0x2e, 0x62, 0, ...id.id]));
  const relaxed = { format: "relaxedJson", dateFormat: "default" } as const;
  const basic = { format: "basicJson", dateFormat: "default" } as const;
  expect(toOutputJson(undefinedValue, relaxed)).toBe(`{"v":{"$undefined":true}}`);
  expect(toOutputJson(undefinedValue, basic)).toBe(`{"v":null}`);
  expect(toOutputJson(pointer, relaxed)).toBe(
    `{"v":{"$dbPointer":{"$ref":"a.b","$id":{"$oid":"${id.toHexString()}"}}}}`,
  );
  expect(toOutputJson(pointer, basic)).toBe(`{"v":"${id.toHexString()}"}`);
});

test("with ISO8601 a date is a text with milliseconds in every format, also within documents and arrays", () => {
  const bson = serialize({ v: [{ at: new Date(0) }] });
  for (const format of ["relaxedJson", "canonicalJson", "basicJson"] as const) {
    expect(toOutputJson(bson, { format, dateFormat: "ISO8601" })).toBe(`{"v":[{"at":"1970-01-01T00:00:00.000Z"}]}`);
  }
});

test("dates beyond four digits of a year keep their value with ISO8601", () => {
  const date = (ms: bigint): Uint8Array => withField(0x09, new Uint8Array(new BigInt64Array([ms]).buffer));
  const of = (ms: bigint): string => toOutputJson(date(ms), { format: "basicJson", dateFormat: "ISO8601" });
  expect(of(253_402_300_800_000n)).toBe(`{"v":"+010000-01-01T00:00:00.000Z"}`);
  expect(of(-1n)).toBe(`{"v":"1969-12-31T23:59:59.999Z"}`);
  // No calendar of JavaScript reaches there.
  expect(of(2n ** 63n - 1n)).toBe(`{"v":9223372036854775807}`);
  expect(toOutputJson(date(2n ** 63n - 1n), { format: "relaxedJson", dateFormat: "default" })).toBe(
    `{"v":{"$date":{"$numberLong":"9223372036854775807"}}}`,
  );
});

test("a UUID that has not 16 bytes is written as any other binary", () => {
  const bson = withField(0x05, new Uint8Array([1, 0, 0, 0, 4, 9]));
  expect(toOutputJson(bson, { format: "basicJson", dateFormat: "default" })).toBe(`{"v":"CQ=="}`);
});

test("a document within a larger buffer is read from where it begins", () => {
  const bson = serialize({ a: new Int32(1) });
  const shifted = new Uint8Array([9, 9, 9, ...bson]).subarray(3);
  expect(toOutputJson(shifted, { format: "basicJson", dateFormat: "default" })).toBe(`{"a":1}`);
});

/** Names that the library's reader takes for words of its own, or puts into another order. */
const awkward = /^(?:\$|_bsontype$|__proto__$|\d)/u;

const readsBack = (value: unknown): boolean => {
  if (value instanceof Map) return [...value].every(([name, field]) => !awkward.test(String(name)) && readsBack(field));
  return Array.isArray(value) ? value.every(readsBack) : true;
};

test("canonical JSON, read by the library, is the document byte for byte", () => {
  const law = fc.property(document.filter(readsBack), (fields) => {
    const bson = serialize(fields);
    const json = toOutputJson(bson, { format: "canonicalJson", dateFormat: "default" });
    expect(hex(serialize(EJSON.parse(json, { relaxed: false })))).toBe(hex(bson));
  });
  fc.assert(law, { numRuns: 2000 });
});

test("every format is JSON on one line, whatever is in the document", () => {
  const law = fc.property(document, fc.constantFrom("default", "ISO8601"), (fields, dateFormat) => {
    const bson = serialize(fields);
    for (const format of ["relaxedJson", "canonicalJson", "basicJson"] as const) {
      const json = toOutputJson(bson, { format, dateFormat });
      expect(json).not.toContain("\n");
      const names = Object.keys(JSON.parse(json) as object);
      expect(names.toSorted()).toEqual([...fields.keys()].toSorted());
    }
  });
  fc.assert(law, { numRuns: 1000 });
});
