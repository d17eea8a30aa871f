import { Binary, Decimal128, Double, EJSON, Int32, Long, ObjectId, Timestamp } from "bson";
import { describe, expect, test } from "vitest";
import { parseEjson } from "../../src/testing/compare/parse-ejson.ts";
import { PlainNumber } from "../../src/testing/compare/plain-number.ts";

function stored(text: string): unknown {
  return parseEjson(text, "stored");
}

describe("numbers that are stored", () => {
  test.each([
    ["1", new Int32(1)],
    ["-2147483648", new Int32(-2147483648)],
    ["2147483648", Long.fromString("2147483648")],
    ["9007199254740993", Long.fromString("9007199254740993")],
    ["9223372036854775808", new Double(9223372036854775808)],
    ["1.0", new Double(1)],
    ["1e3", new Double(1000)],
    ["0.1", new Double(0.1)],
    ["-0", new Double(-0)],
    ['{"$numberInt":"7"}', new Int32(7)],
    ['{"$numberLong":"7"}', Long.fromNumber(7)],
    ['{"$numberDouble":"7.0"}', new Double(7)],
    ['{"$numberDecimal":"7.00"}', Decimal128.fromString("7.00")],
  ])("%s", (text, value) => {
    const { a } = stored(`{"a":${text}}`) as { a: unknown };
    expect(EJSON.stringify(a, { relaxed: false })).toBe(EJSON.stringify(value, { relaxed: false }));
  });
});

test("a number that is expected keeps its digits and asks for no type", () => {
  expect(parseEjson('{"a":9007199254740993,"b":1.50,"c":3,"d":[0.1]}', "expected")).toEqual({
    a: new PlainNumber("9007199254740993"),
    b: new PlainNumber("1.50"),
    c: 3,
    d: [0.1],
  });
});

test("wrappers give their types", () => {
  const value = stored(
    '{"d":{"$date":"2024-05-01T12:00:00.5Z"},"o":{"$oid":"65f000000000000000000001"},"b":{"$binary":{"base64":"AQI=","subType":"00"}},"t":{"$timestamp":{"t":1700000000,"i":3}}}',
  );
  expect(value).toEqual({
    d: new Date("2024-05-01T12:00:00.500Z"),
    o: new ObjectId("65f000000000000000000001"),
    b: new Binary(Buffer.from([1, 2])),
    t: new Timestamp({ t: 1700000000, i: 3 }),
  });
});

test("a key that is called __proto__ is a key", () => {
  const value = stored('{"__proto__":{"a":{"$numberLong":"1"}}}') as object;
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect(EJSON.stringify(value, { relaxed: false })).toBe('{"__proto__":{"a":{"$numberLong":"1"}}}');
});

test("digits inside strings stay as they are", () => {
  expect(stored('{"a":"1.0 and 12345678901234567890 and \\"2.0\\""}')).toEqual({
    a: '1.0 and 12345678901234567890 and "2.0"',
  });
});

test("documents that only look like wrappers stay documents", () => {
  expect(JSON.stringify(stored('{"a":{"$ref":"x","$id":"y"},"b":{"$regex":"z"}}'))).toBe(
    '{"a":{"$ref":"x","$id":"y"},"b":{"$regex":"z"}}',
  );
});

test.each(['{"a":', '{"a":{"$oid":"x"}}', '{"a":{"$date":"yesterday"}}', '{"a":{"$numberInt":"1.5"}}', "{a:1}"])(
  "%s is refused",
  (text) => {
    expect(() => stored(text)).toThrow(SyntaxError);
  },
);
