import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createWatermark } from "../../src/engine/core/watermark.ts";

const begin = (idleTimeoutMs?: number) => createWatermark({ atMs: undefined }, idleTimeoutMs);

describe("the watermark of a source in one part", () => {
  test("is the highest event time consumed", () => {
    const law = fc.property(fc.array(fc.integer(), { minLength: 1 }), (times) => {
      const watermark = begin();
      for (const time of times) watermark.consume(time, 0);
      expect(watermark.state.atMs).toBe(Math.max(...times));
    });
    fc.assert(law);
  });
  test("is none before the first event", () => {
    expect(begin().state).toEqual({ atMs: undefined });
  });
});

describe("the watermark of a source in several parts", () => {
  test("is the lowest of theirs", () => {
    const watermark = begin();
    watermark.consume(10, 0, "a");
    watermark.consume(20, 0, "b");
    expect(watermark.state.atMs).toBe(10);
    watermark.consume(15, 0, "a");
    expect(watermark.state.atMs).toBe(15);
  });
  test("waits for a part that has had no event", () => {
    const watermark = begin();
    watermark.know("a", 0);
    watermark.know("b", 0);
    watermark.consume(10, 0, "a");
    watermark.pass(1e9);
    expect(watermark.state.atMs).toBeUndefined();
  });
  test("leaves out a part that is idle for the timeout, until it has events again", () => {
    const watermark = begin(100);
    watermark.know("a", 0);
    watermark.know("b", 0);
    watermark.consume(10, 50, "a");
    watermark.pass(99);
    expect(watermark.state.atMs).toBeUndefined();
    watermark.pass(100);
    expect(watermark.state.atMs).toBe(10);
    watermark.consume(5, 120, "b");
    watermark.consume(30, 121, "a");
    // It is held back again, and does not go back.
    expect(watermark.state.atMs).toBe(10);
  });
  test("is that of the part which was heard of last, where all become idle at once", () => {
    const silent = begin(100);
    silent.know("a", 0);
    silent.know("b", 0);
    silent.consume(10, 0, "a");
    silent.pass(100);
    expect(silent.state.atMs).toBe(10);
    const late = begin(100);
    late.know("c", 0);
    late.consume(20, 0, "a");
    late.consume(10, 50, "b");
    late.pass(1000);
    expect(late.state.atMs).toBe(10);
  });
  test("stands where all parts are idle", () => {
    const watermark = begin(100);
    watermark.consume(10, 0, "a");
    watermark.pass(1000);
    expect(watermark.state.atMs).toBe(10);
  });
  test("goes on from what was stored", () => {
    const watermark = begin();
    watermark.consume(10, 0, "a");
    watermark.consume(20, 0, "b");
    const again = createWatermark(watermark.state, undefined);
    again.consume(12, 0, "a");
    expect(again.state.atMs).toBe(12);
  });
});
