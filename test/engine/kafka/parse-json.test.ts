import { BSONError, Decimal128, Double, EJSON, Int32, Long, ObjectId, serialize, Timestamp } from "bson";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseJson } from "../../../src/engine/core/kafka/parse-json.ts";

const read = (text: string): unknown => {
  const parsed = parseJson(text);
  if ("reason" in parsed) throw new Error(parsed.reason);
  return parsed.value;
};

describe("numbers keep their type", () => {
  test.each([
    ["1", new Int32(1)],
    ["-0", new Int32(0)],
    ["2147483647", new Int32(2147483647)],
    ["2147483648", Long.fromNumber(2147483648)],
    ["-2147483648", new Int32(-2147483648)],
    ["9007199254740993", Long.fromString("9007199254740993")],
    ["9223372036854775808", new Double(9223372036854775808)],
    ["1.0", new Double(1)],
    ["1e3", new Double(1000)],
  ])("%s", (text, expected) => expect(read(text)).toEqual(expected));
});

test("extended JSON is read by its wrappers", () => {
  expect(read('{"$date":"2024-01-01T00:00:00Z"}')).toEqual(new Date("2024-01-01T00:00:00Z"));
  expect(read('{"$date":{"$numberLong":"1700000000000"}}')).toEqual(new Date(1700000000000));
  expect(read('{"$date":1700000000000}')).toEqual(new Date(1700000000000));
  expect(read('{"$date":5}')).toEqual(new Date(5));
  expect(read('{"$oid":"0123456789abcdef01234567"}')).toEqual(new ObjectId("0123456789abcdef01234567"));
  expect(read('{"$numberDecimal":"1.10"}')).toEqual(Decimal128.fromString("1.10"));
  expect(read('{"$timestamp":{"t":5,"i":6}}')).toEqual(new Timestamp({ t: 5, i: 6 }));
  expect(read('{"$other":1}')).toEqual({ $other: new Int32(1) });
  expect(parseJson('{"a":{"$oid":"x"}}')).toHaveProperty("reason", expect.stringMatching(/^`\$oid` cannot be read: /));
});

test("the order of keys survives, also of those that JavaScript would sort", () => {
  expect(read('{"b":1,"2":1,"1":1}')).toEqual(
    new Map([
      ["b", new Int32(1)],
      ["2", new Int32(1)],
      ["1", new Int32(1)],
    ]),
  );
});

test("`__proto__` is a field like any other", () => {
  expect(read('{"__proto__":{"a":1}}')).toEqual(new Map([["__proto__", { a: new Int32(1) }]]));
});

describe("what is no JSON says where it stops being it", () => {
  test.each([
    ["", "unexpected end"],
    ["{", "unexpected end, a field name is needed"],
    ["{a:1}", 'unexpected "a" at 1, a field name is needed'],
    ['{"a" 1}', 'unexpected "1" at 5, `:` is needed'],
    ["[1 2]", 'unexpected "2" at 3, `,` or `]` is needed'],
    ["[1,]", 'unexpected "]" at 3'],
    ["nul", 'unexpected "n" at 0'],
    ["01", 'unexpected "1" at 1 after the value'],
    ["1 2", 'unexpected "2" at 2 after the value'],
    ['"a', "the text at 0 does not end, or holds a control character"],
    ["[".repeat(201), "it is nested deeper than 200 levels"],
    ["NaN", 'unexpected "N" at 0'],
  ])("%s", (text, reason) => expect(parseJson(text)).toEqual({ reason }));
});

test("what JSON.parse reads, and refuses, is read and refused", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.json(),
        fc.string(),
        fc.json().map((text) => text.slice(0, -1)),
      ),
      (text) => {
        const expected = attempt(() => JSON.parse(text) as unknown);
        const parsed = parseJson(text);
        // A wrapper of Extended JSON may be refused for its content.
        if (!text.includes("$")) expect("value" in parsed).toBe(expected !== undefined);
      },
    ),
  );
});

test("canonical Extended JSON of any document comes back as the same bytes", () => {
  const scalar = fc.oneof(
    fc.string(),
    fc.boolean(),
    fc.constant(null),
    fc.integer().map((value) => new Int32(value)),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => Long.fromBigInt(value)),
    fc.double({ noNaN: true }).map((value) => new Double(value)),
    fc.date({ noInvalidDate: true }),
  );
  const name = fc
    .string()
    .filter((key) => !key.startsWith("$") && !/^\d/.test(key) && !/\0|^__proto__$|^_bsontype$/.test(key));
  const document = fc.dictionary(name, fc.oneof(scalar, fc.array(scalar), fc.dictionary(name, scalar)));
  fc.assert(
    fc.property(document, (value) => {
      const text = attempt(() => EJSON.stringify(value, { relaxed: false }));
      if (text === undefined) return;
      expect(Buffer.from(serialize(read(text) as object)).toString("hex")).toBe(
        Buffer.from(serialize({ ...value })).toString("hex"),
      );
    }),
  );
});

function attempt<Result>(run: () => Result): Result | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof BSONError || error instanceof RangeError) return undefined;
    throw error;
  }
}

test("texts of many megabytes are read, plain and escaped, and a number of as many digits", () => {
  for (const text of ["x".repeat(12_000_000), '"\\n'.repeat(4_000_000), 'x"'.repeat(5_000_000)]) {
    expect((read(JSON.stringify({ text })) as { readonly text: string }).text === text).toBe(true);
  }
  expect(read("9".repeat(3_000_000))).toEqual(new Double(Infinity));
});
