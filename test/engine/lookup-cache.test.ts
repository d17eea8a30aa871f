import fc from "fast-check";
import { expect, test } from "vitest";
import { createLookupCache } from "../../src/engine/core/lookup-cache.ts";

test("what is too old makes room before what is not", () => {
  const cache = createLookupCache<string>(100, 30);
  cache.set("a", "A", 9, 0);
  cache.set("b", "B", 9, 50);
  cache.set("c", "C", 9, 120);
  expect(["a", "b", "c"].map((key) => cache.get(key, 120))).toEqual([undefined, "B", "C"]);
  expect(cache.bytes).toBe(20);
});

test("a clock that is set back keeps nothing for longer than twice its time", () => {
  const cache = createLookupCache<string>(100, 30);
  cache.set("a", "A", 9, 1000);
  expect([cache.get("a", 901), cache.get("a", 900)]).toEqual(["A", undefined]);
  cache.set("b", "B", 9, 0);
  cache.set("c", "C", 9, 1);
  // What is of no use makes room first, also where its time is ahead.
  cache.set("d", "D", 9, 2);
  expect(["a", "b", "c", "d"].map((key) => cache.get(key, 2))).toEqual([undefined, "B", "C", "D"]);
});

test("a result that is larger than all there is drops nothing", () => {
  const cache = createLookupCache<string>(100, 30);
  cache.set("a", "A", 9, 0);
  cache.set("b", "B", 40, 0);
  expect([cache.get("a", 0), cache.get("b", 0), cache.bytes]).toEqual(["A", undefined, 10]);
});

test("never takes more than its limit, and never gives what is too old or another's", () => {
  const use = fc.record({ key: fc.constantFrom("a", "b", "c", "d", "e"), bytes: fc.nat(40), afterMs: fc.nat(60) });
  fc.assert(
    fc.property(fc.array(use, { maxLength: 60 }), (uses) => {
      const cache = createLookupCache<string>(100, 60);
      const setAtMs = new Map<string, number>();
      let atMs = 0;
      for (const { key, bytes, afterMs } of uses) {
        atMs += afterMs;
        const known = cache.get(key, atMs);
        if (known !== undefined) expect(known).toBe(`${key} ${setAtMs.get(key)}`);
        if (atMs - (setAtMs.get(key) ?? -1000) >= 100) expect(known).toBeUndefined();
        cache.set(key, `${key} ${atMs}`, bytes, atMs);
        setAtMs.set(key, atMs);
        expect(cache.bytes).toBeLessThanOrEqual(60);
      }
    }),
  );
});
