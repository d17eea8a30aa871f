import { expect, test } from "vitest";
import { murmur2, partitionOf } from "../../../src/engine/core/kafka/murmur2.ts";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

// Values of the Java client's own test of its hash, and of its tail of one to three bytes.
test.each([
  ["21", -973932308],
  ["foobar", -790332482],
  ["a-little-bit-long-string", -985981536],
  ["a-little-bit-longer-string", -1486304829],
  ["lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971],
])("the hash of %s is what Kafka's own clients have", (key, hash) => expect(murmur2(text(key))).toBe(hash));

test("a hash takes bytes, wherever they lie in their buffer", () => {
  expect(murmur2(text("xxfoobar").subarray(2))).toBe(-790332482);
});

test("a negative hash has a partition too", () => {
  expect(partitionOf(text("foobar"), 3)).toBe((-790332482 & 0x7fffffff) % 3);
});
