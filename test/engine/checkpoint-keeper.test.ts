import { expect, test } from "vitest";
import { createCheckpointKeeper } from "../../src/engine/checkpoint-keeper.ts";

test("a clock that is set back does not put checkpoints off", async () => {
  let nowMs = 3_600_000;
  const saved: unknown[] = [];
  const keeper = createCheckpointKeeper({
    name: "p",
    source: "",
    intervalMs: 1000,
    now: () => nowMs,
    beforeStore: async () => undefined,
    afterStore: async () => undefined,
    store: { save: async ({ position }) => void saved.push(position.documents) },
  });
  const moveTo = (documents: number): Promise<void> =>
    keeper.moveTo({ position: { documents }, state: undefined }, true);
  await moveTo(1);
  nowMs -= 999;
  await moveTo(2);
  expect(saved).toEqual([]);
  nowMs -= 1;
  await moveTo(3);
  nowMs += 999;
  await moveTo(4);
  expect(saved).toEqual([3]);
  nowMs += 1;
  await moveTo(5);
  expect(saved).toEqual([3, 5]);
});
