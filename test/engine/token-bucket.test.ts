import fc from "fast-check";
import { expect, test } from "vitest";
import { createTokenBucket } from "../../src/engine/core/token-bucket.ts";

test("a second's worth passes at once, the rest as the bucket fills", () => {
  const bucket = createTokenBucket(10);
  for (let count = 0; count < 10; count += 1) {
    expect(bucket.waitMs(1, 0)).toBe(0);
    bucket.take(1, 0);
  }
  expect(bucket.waitMs(1, 0)).toBe(100);
  expect(bucket.waitMs(1, 60)).toBe(40);
  expect(bucket.waitMs(5, 100)).toBe(400);
  expect(bucket.waitMs(1, 100)).toBe(0);
});

test("what is larger than a second's worth passes once the bucket is full, and a second is waited after it", () => {
  const bucket = createTokenBucket(1000);
  expect(bucket.waitMs(5000, 0)).toBe(0);
  bucket.take(5000, 0);
  expect(bucket.waitMs(5000, 0)).toBe(1000);
  expect(bucket.waitMs(1000, 0)).toBe(1000);
  expect(bucket.waitMs(1000, 1000)).toBe(0);
});

test("a clock that steps back fills nothing", () => {
  const bucket = createTokenBucket(1);
  bucket.take(1, 10_000);
  expect(bucket.waitMs(1, 5000)).toBe(1000);
  expect(bucket.waitMs(1, 6000)).toBe(0);
});

test("no more than the rate passes, and never less than a wait says", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1000 }),
      fc.array(fc.record({ cost: fc.integer({ min: 1, max: 3000 }), idleMs: fc.nat(3000) }), {
        minLength: 1,
        maxLength: 50,
      }),
      (perSecond, items) => {
        const bucket = createTokenBucket(perSecond);
        let atMs = 0;
        let taken = 0;
        for (const { cost, idleMs } of items) {
          atMs += idleMs;
          atMs += bucket.waitMs(cost, atMs);
          expect(bucket.waitMs(cost, atMs)).toBe(0);
          bucket.take(cost, atMs);
          taken += Math.min(cost, perSecond);
          expect(taken).toBeLessThanOrEqual(perSecond + (atMs * perSecond) / 1000 + 1e-6);
        }
      },
    ),
  );
});
