import { deserialize, serialize } from "bson";
import { expect, test } from "vitest";
import { exactTypes } from "../../../src/engine/core/exact-bson.ts";
import {
  filterOffsets,
  hasReachedOffsets,
  loadOffsets,
  mergeOffsets,
  storeOffsets,
  type Offsets,
} from "../../../src/engine/core/kafka/offsets.ts";

const offsets = (topics: Readonly<Record<string, Readonly<Record<number, bigint>>>>): Offsets =>
  new Map(
    Object.entries(topics).map(([topic, partitions]) => [
      topic,
      new Map(Object.entries(partitions).map(([partition, offset]) => [Number(partition), offset])),
    ]),
  );

test("offsets survive a checkpoint, also beyond what a number holds exactly", () => {
  const some = offsets({ "shop.orders": { 0: 5n, 1: 2n ** 53n + 1n }, other: { 7: 0n } });
  for (const options of [exactTypes, {}]) {
    const stored = deserialize(serialize({ offsets: storeOffsets(some) }), { ...options, promoteLongs: false });
    expect(loadOffsets(stored["offsets"])).toEqual(some);
  }
  expect(loadOffsets(undefined)).toEqual(new Map());
});

test("a target is reached when every partition of it is", () => {
  const target = offsets({ a: { 0: 3n, 1: 0n } });
  expect(hasReachedOffsets(offsets({ a: { 0: 3n, 1: 0n } }), target)).toBe(true);
  expect(hasReachedOffsets(offsets({ a: { 0: 4n, 1: 9n }, b: { 0: 0n } }), target)).toBe(true);
  expect(hasReachedOffsets(offsets({ a: { 0: 2n, 1: 0n } }), target)).toBe(false);
  expect(hasReachedOffsets(offsets({ a: { 0: 3n } }), target)).toBe(false);
});

test("offsets are laid over others, and filtered by partition", () => {
  const merged = mergeOffsets(offsets({ a: { 0: 1n, 1: 1n }, b: { 0: 1n } }), offsets({ a: { 1: 2n }, c: { 0: 3n } }));
  expect(merged).toEqual(offsets({ a: { 0: 1n, 1: 2n }, b: { 0: 1n }, c: { 0: 3n } }));
  expect(filterOffsets(merged, (_, partition) => partition === 1)).toEqual(offsets({ a: { 1: 2n }, b: {}, c: {} }));
});
