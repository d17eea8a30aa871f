import avsc from "avsc";
import { Binary, Decimal128, Double, Int32, Long } from "bson";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AvroError } from "../../../src/engine/core/avro/avro-type.ts";
import { decodeAvro } from "../../../src/engine/core/avro/decode-avro.ts";
import { encodeAvro } from "../../../src/engine/core/avro/encode-avro.ts";
import { parseAvroSchema } from "../../../src/engine/core/avro/parse-avro-schema.ts";

const roundTrip = (schema: unknown, value: unknown): unknown => {
  const type = parseAvroSchema(schema);
  return decodeAvro(encodeAvro(value, type), type);
};
const record = (...fields: readonly object[]): object => ({ type: "record", name: "R", fields });

/** The writer and reader that is not ours; its long is a number. */
const peer = (schema: unknown): avsc.Type =>
  avsc.Type.forSchema(schema as never, { wrapUnions: "never", omitRecordMethods: true });

describe("a value comes back with its BSON type", () => {
  test.each([
    ["null", null],
    ["boolean", true],
    ["int", new Int32(-5)],
    ["long", Long.fromString("9007199254740993")],
    ["float", new Double(1.5)],
    ["double", new Double(0.1)],
    ["string", "größe"],
    ["bytes", new Binary(new Uint8Array([0, 255]))],
    [{ type: "fixed", name: "F", size: 2 }, new Binary(new Uint8Array([1, 2]))],
    [{ type: "enum", name: "E", symbols: ["A", "B"] }, "B"],
    [{ type: "array", items: "int" }, [new Int32(1), new Int32(2)]],
    [{ type: "array", items: "int" }, []],
    [
      { type: "map", values: "string" },
      new Map([
        ["2", "b"],
        ["1", "a"],
      ]),
    ],
    [["null", "string"], null],
    [["null", "string"], "x"],
    [["int", "string", { type: "array", items: "int" }], [new Int32(1)]],
    [{ type: "long", logicalType: "timestamp-millis" }, new Date(1_700_000_000_123)],
    [{ type: "long", logicalType: "timestamp-micros" }, new Date(-1)],
    [{ type: "int", logicalType: "date" }, new Date("1969-12-31T00:00:00Z")],
    [{ type: "bytes", logicalType: "decimal", precision: 9, scale: 2 }, Decimal128.fromString("-12.34")],
    [
      { type: "fixed", name: "D", size: 4, logicalType: "decimal", precision: 9, scale: 2 },
      Decimal128.fromString("300.05"),
    ],
    [{ type: "string", logicalType: "uuid" }, "x"],
  ])("%j", (schema, value) => expect(roundTrip(schema, value)).toEqual(value));
});

test("records may hold themselves, and names are found by their namespace", () => {
  const schema = {
    type: "record",
    name: "Node",
    namespace: "a.b",
    fields: [
      { name: "value", type: "int" },
      { name: "next", type: ["null", "Node"] },
      { name: "kind", type: { type: "enum", name: "Kind", symbols: ["X"] } },
      { name: "other", type: "a.b.Kind" },
    ],
  };
  const leaf = new Map<string, unknown>([
    ["value", new Int32(2)],
    ["next", null],
    ["kind", "X"],
    ["other", "X"],
  ]);
  const value = new Map<string, unknown>([
    ["value", new Int32(1)],
    ["next", leaf],
    ["kind", "X"],
    ["other", "X"],
  ]);
  expect(roundTrip(schema, value)).toEqual(value);
});

test("a missing field is its default, else null where that fits; a strange one is left out", () => {
  const schema = record(
    { name: "a", type: "int", default: 7 },
    { name: "b", type: ["null", "string"], default: null },
    { name: "c", type: ["null", "string"] },
    { name: "d", type: { type: "array", items: "int" }, default: [] },
    { name: "e", type: "bytes", default: "\u00ff" },
    { name: "f", type: ["string", "null"], default: "x" },
  );
  expect(roundTrip(schema, { z: 1 })).toEqual(
    new Map<string, unknown>([
      ["a", new Int32(7)],
      ["b", null],
      ["c", null],
      ["d", []],
      ["e", new Binary(new Uint8Array([255]))],
      ["f", "x"],
    ]),
  );
});

describe("what does not fit says where, and what is wanted", () => {
  const schema = record(
    { name: "a", type: ["null", record({ name: "b", type: "int" })] },
    { name: "list", type: { type: "array", items: "string" }, default: [] },
  );
  test.each([
    [{ a: { b: "x" } }, "`a.b` is a string, the schema wants int"],
    [{ a: "x" }, "`a` is a string, the schema wants null or record R"],
    [{ a: null, list: ["x", new Int32(1)] }, "`list.1` is an int, the schema wants string"],
    ["x", "the value is a string, the schema wants record R"],
  ])("%j", (value, message) =>
    expect(() => encodeAvro(value, parseAvroSchema(schema))).toThrow(new AvroError(message)),
  );

  test.each([
    ["int", Long.fromString("2147483648")],
    ["int", new Double(1)],
    ["double", Long.fromString("9007199254740993")],
    ["string", new Int32(1)],
    [{ type: "fixed", name: "F", size: 2 }, new Binary(new Uint8Array([1]))],
    [{ type: "enum", name: "E", symbols: ["A"] }, "B"],
    [{ type: "bytes", logicalType: "decimal", precision: 4, scale: 2 }, Decimal128.fromString("1.234")],
    [
      { type: "fixed", name: "D", size: 1, logicalType: "decimal", precision: 4, scale: 0 },
      Decimal128.fromString("300"),
    ],
    ["long", new Date(0)],
  ])("%j", (type, value) => expect(() => encodeAvro(value, parseAvroSchema(type))).toThrow(AvroError));
});

test("bytes that are not of the schema are refused, whatever they are", () => {
  const type = parseAvroSchema(
    record({ name: "a", type: "string" }, { name: "b", type: ["null", { type: "array", items: "long" }] }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      try {
        decodeAvro(bytes, type);
      } catch (error) {
        expect(error).toBeInstanceOf(AvroError);
      }
    }),
  );
});

test("items without bytes do not keep it busy for ever", () => {
  const endless = new Uint8Array([0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0]);
  const type = parseAvroSchema({ type: "array", items: "null" });
  expect(() => decodeAvro(endless, type)).toThrow(AvroError);
});

test("a schema that is none is refused", () => {
  for (const schema of [
    "strange",
    { type: "record", fields: [] },
    { type: "enum", name: "E" },
    5,
    null,
    { type: "fixed", name: "F" },
  ]) {
    expect(() => parseAvroSchema(schema)).toThrow(AvroError);
  }
});

describe("another implementation reads what is written, and the other way round", () => {
  const schema = record(
    { name: "flag", type: "boolean" },
    { name: "whole", type: "int" },
    { name: "long", type: "long" },
    { name: "real", type: "double" },
    { name: "text", type: "string" },
    { name: "maybe", type: ["null", "string"] },
    { name: "list", type: { type: "array", items: "int" } },
    { name: "names", type: { type: "map", values: "string" } },
    { name: "kind", type: { type: "enum", name: "Kind", symbols: ["A", "B"] } },
    { name: "raw", type: "bytes" },
  );
  const values = fc.record({
    flag: fc.boolean(),
    whole: fc.integer(),
    // Beyond that the other one is not exact.
    long: fc.maxSafeInteger().map((value) => Math.trunc(value / 4)),
    real: fc.double({ noNaN: true }),
    text: fc.string({ unit: "grapheme" }),
    maybe: fc.option(fc.string()),
    list: fc.array(fc.integer()),
    names: fc.dictionary(
      fc.string().filter((key) => key !== "__proto__"),
      fc.string(),
    ),
    kind: fc.constantFrom("A", "B"),
    raw: fc.uint8Array(),
  });
  const toBson = (value: typeof values extends fc.Arbitrary<infer Value> ? Value : never): object => ({
    ...value,
    whole: new Int32(value.whole),
    long: Long.fromNumber(value.long),
    real: new Double(value.real),
    list: value.list.map((each) => new Int32(each)),
    raw: new Binary(value.raw),
  });

  test("the same bytes", () => {
    const type = parseAvroSchema(schema);
    const other = peer(schema);
    fc.assert(
      fc.property(values, (value) => {
        const ours = Buffer.from(encodeAvro(toBson(value), type)).toString("hex");
        const theirs = other.toBuffer({ ...value, raw: Buffer.from(value.raw) });
        expect(ours).toBe(theirs.toString("hex"));
        expect(Buffer.from(encodeAvro(decodeAvro(theirs, type), type)).toString("hex")).toBe(ours);
      }),
    );
  });
});
