import { Binary, Double, Int32, Long, ObjectId } from "bson";
import { describe, expect, test } from "vitest";
import { decodeKey, encodeKey, type KeyFormat } from "../../../src/engine/core/kafka/key-format.ts";

const relaxed = { format: "relaxedJson", dateFormat: "default" } as const;
const bytes = (...values: number[]): Uint8Array => new Uint8Array(values);
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

describe("a key that is read", () => {
  test("is binData as it is", () => {
    expect(decodeKey(bytes(0, 255), "binData")).toEqual({ value: new Binary(bytes(0, 255)) });
  });

  test("is a text where it is UTF-8, and refused where it is not", () => {
    expect(decodeKey(text("größe"), "string")).toEqual({ value: "größe" });
    expect(decodeKey(bytes(0xff), "string")).toEqual({ reason: "the key is not valid UTF-8" });
  });

  test("is any JSON", () => {
    expect(decodeKey(text('{"a":1}'), "json")).toEqual({ value: { a: new Int32(1) } });
    expect(decodeKey(text("5"), "json")).toEqual({ value: new Int32(5) });
    expect(decodeKey(text("{"), "json")).toHaveProperty("reason", expect.stringMatching(/^the key is not JSON: /));
  });

  test("is a big-endian int or long of exactly its length", () => {
    expect(decodeKey(bytes(0, 0, 1, 2), "int")).toEqual({ value: new Int32(258) });
    expect(decodeKey(bytes(255, 255, 255, 254), "int")).toEqual({ value: new Int32(-2) });
    expect(decodeKey(bytes(0x7f, 255, 255, 255, 255, 255, 255, 255), "long")).toEqual({ value: Long.MAX_VALUE });
    expect(decodeKey(bytes(1), "int")).toEqual({ reason: "the key has 1 bytes, `keyFormat` int needs 4" });
    expect(decodeKey(bytes(1, 2, 3, 4), "long")).toEqual({ reason: "the key has 4 bytes, `keyFormat` long needs 8" });
  });
});

describe("a key that is written", () => {
  const fits: readonly (readonly [KeyFormat, unknown, Uint8Array])[] = [
    ["binData", new Binary(bytes(1, 2)), bytes(1, 2)],
    ["string", "größe", text("größe")],
    ["json", { a: new Int32(1), b: "x" }, text('{"a":1,"b":"x"}')],
    ["json", "x", text('"x"')],
    ["json", [new Int32(1)], text("[1]")],
    ["int", new Int32(-2), bytes(255, 255, 255, 254)],
    ["long", Long.fromNumber(258), bytes(0, 0, 0, 0, 0, 0, 1, 2)],
    ["double", new Double(1.5), bytes(0x3f, 0xf8, 0, 0, 0, 0, 0, 0)],
  ];
  test.each(fits)("is %s", (format, value, expected) => {
    expect(encodeKey(value, format, relaxed)).toEqual({ value: expected });
  });

  const mismatches: readonly (readonly [KeyFormat, unknown, string])[] = [
    ["string", new Int32(1), "the key is an int, `keyFormat` is string"],
    ["int", Long.fromNumber(1), "the key is a long, `keyFormat` is int"],
    ["long", new Int32(1), "the key is an int, `keyFormat` is long"],
    ["double", new Int32(1), "the key is an int, `keyFormat` is double"],
    ["binData", "x", "the key is a string, `keyFormat` is binData"],
    ["string", new ObjectId(), "the key is an objectId, `keyFormat` is string"],
    ["string", undefined, "the key is missing, `keyFormat` is string"],
    ["json", null, "the key is null, `keyFormat` is json"],
  ];
  test.each(mismatches)("is refused as %s", (format, value, reason) => {
    expect(encodeKey(value, format, relaxed)).toEqual({ reason });
  });

  test("reads back as it was", () => {
    for (const [format, value] of [
      ["string", "a"],
      ["int", new Int32(7)],
      ["long", Long.MIN_VALUE],
    ] as const) {
      const written = encodeKey(value, format, relaxed);
      expect("value" in written ? decodeKey(written.value, format) : written).toEqual({ value });
    }
  });
});
