import { serialize } from "bson";
import { expect, test } from "vitest";
import { createSamplers } from "../../../src/emulator/workspace/samplers.ts";
import { createSampler } from "../../../src/emulator/workspace/sampler.ts";
import type { Written } from "../../../src/engine/engine.ts";

const written = (count: number, bytes: number): Written => ({
  documents: () => Array.from({ length: count }, (_, index) => serialize({ index, text: "x".repeat(bytes) })),
  letters: [],
});

test("a sample is over once 40 MB have been taken", () => {
  const sampler = createSampler({ workspaceName: "w", waits: false, now: () => 0 });
  let taken = 0;
  while (!sampler.isOver && taken < 100) {
    void sampler.offer(written(1, 1024 * 1024));
    taken += sampler.take(5).length;
  }
  expect(taken).toBe(40);
});

test("one that is not asked for ten minutes is over, with what waits", () => {
  let nowMs = 0;
  const sampler = createSampler({ workspaceName: "w", waits: false, now: () => nowMs });
  void sampler.offer(written(1, 10));
  nowMs = 11 * 60 * 1000;
  void sampler.offer(written(1, 10));
  expect([sampler.isOver, sampler.take(5)]).toEqual([true, []]);
});

test("one that waits has no end of its own, and lets go when there is room, or at its end", async () => {
  const sampler = createSampler({ workspaceName: "w", waits: true, now: () => 0 });
  const full = sampler.offer(written(50, 100_000));
  expect(full).toBeInstanceOf(Promise);
  expect(sampler.take(10).length).toBe(10);
  await full;
  const again = sampler.offer(written(50, 100_000));
  sampler.end();
  await again;
  expect(sampler.take(1000).length).toBe(90);
  expect(sampler.isOver).toBe(true);
});

test("one that nobody asks for any more is let go of, also where nothing is written", () => {
  let nowMs = 0;
  const samplers = createSamplers("w", () => nowMs);
  const [forgotten, asked] = [samplers.open(undefined), samplers.open(undefined)];
  nowMs = 9 * 60_000;
  asked.take(1);
  nowMs = 10 * 60_000 + 1;
  samplers.sweep();
  expect([forgotten.isOver, asked.isOver]).toEqual([true, false]);
});
