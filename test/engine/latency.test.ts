import { expect, test } from "vitest";
import { createLatencyWindow } from "../../src/engine/core/latency.ts";

test("before the first half minute is over, it tells what there is", () => {
  const window = createLatencyWindow(0);
  window.record(10, 1000);
  window.record(30, 2000);
  expect(window.summary(3000)).toMatchObject({ count: 2, sum: 40, startMs: 0, endMs: 3000 });
});

test("then the last full one, also an empty one", () => {
  const window = createLatencyWindow(0);
  for (let index = 1; index <= 100; index += 1) window.record(index, index);
  window.record(5000, 31_000);
  const { p50, p99, ...rest } = window.summary(40_000);
  expect(rest).toEqual({ count: 100, sum: 5050, startMs: 0, endMs: 30_000 });
  expect(Math.abs(p50 - 50)).toBeLessThanOrEqual(3);
  expect(Math.abs(p99 - 99)).toBeLessThanOrEqual(5);
  expect(window.summary(65_000)).toMatchObject({ count: 1, startMs: 30_000 });
  expect(window.summary(200_000)).toEqual({ p50: 0, p99: 0, count: 0, sum: 0, startMs: 150_000, endMs: 180_000 });
});
