import { Binary, Double, Int32, Long } from "bson";
import { expect, test } from "vitest";
import { decodeHeaders, encodeHeaders } from "../../../src/engine/core/kafka/headers.ts";

const relaxed = { format: "relaxedJson", dateFormat: "default" } as const;
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

test("headers are written from an object, of every type that they may have", () => {
  const value = {
    bin: new Binary(new Uint8Array([1])),
    text: "x",
    object: { a: new Int32(1) },
    int: new Int32(1),
    long: Long.fromNumber(2),
    double: new Double(1),
    none: null,
  };
  expect(encodeHeaders(value, relaxed)).toEqual({
    value: [
      { key: "bin", value: new Uint8Array([1]) },
      { key: "text", value: text("x") },
      { key: "object", value: text('{"a":1}') },
      { key: "int", value: new Uint8Array([0, 0, 0, 1]) },
      { key: "long", value: new Uint8Array([0, 0, 0, 0, 0, 0, 0, 2]) },
      { key: "double", value: new Uint8Array([0x3f, 0xf0, 0, 0, 0, 0, 0, 0]) },
      { key: "none", value: null },
    ],
  });
});

test("headers are written from an array, which may repeat a key", () => {
  const value = [
    { k: "a", v: "1" },
    { k: "a", v: "2" },
  ];
  expect(encodeHeaders(value, relaxed)).toEqual({
    value: [
      { key: "a", value: text("1") },
      { key: "a", value: text("2") },
    ],
  });
});

test("headers keep the order of keys that JavaScript would sort", () => {
  const value = new Map([
    ["2", "b"],
    ["1", "a"],
  ]);
  expect(encodeHeaders(value, relaxed)).toEqual({
    value: [
      { key: "2", value: text("b") },
      { key: "1", value: text("a") },
    ],
  });
});

test("no value makes no headers; other values and types are refused", () => {
  expect(encodeHeaders(undefined, relaxed)).toEqual({ value: [] });
  expect(encodeHeaders(null, relaxed)).toEqual({ value: [] });
  expect(encodeHeaders("x", relaxed)).toEqual({
    reason: "`config.headers` must be an object or an array of { k, v }, found a string",
  });
  expect(encodeHeaders([{ key: "a" }], relaxed)).toEqual({
    reason: "`config.headers` must be an object or an array of { k, v }, found an array",
  });
  expect(encodeHeaders({ at: new Date(0) }, relaxed)).toEqual({ reason: "the header `at` cannot be a date" });
  expect(encodeHeaders({ yes: true }, relaxed)).toEqual({ reason: "the header `yes` cannot be a bool" });
});

test("headers are read as binData", () => {
  expect(
    decodeHeaders([
      { key: "a", value: text("x") },
      { key: "b", value: null },
    ]),
  ).toEqual([
    { k: "a", v: new Binary(text("x")) },
    { k: "b", v: null },
  ]);
});
