import fc from "fast-check";
import { expect, test } from "vitest";
import { inLanes } from "../../src/engine/in-lanes.ts";

test("gives each item's result in its place, in order within a lane, and never more at once than it may", async () => {
  const items = fc.array(fc.record({ lane: fc.nat(4), ticks: fc.nat(5) }), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(items, fc.integer({ min: 1, max: 6 }), fc.boolean(), async (given, count, keyed) => {
      const begun: number[] = [];
      const busy = new Set<number>();
      let now = 0;
      let most = 0;
      const results = await inLanes(
        given.map((item, index) => ({ ...item, index })),
        { count, laneOf: keyed ? ({ lane }) => String(lane) : undefined },
        async ({ lane, ticks, index }) => {
          if (keyed) expect(busy.has(lane)).toBe(false);
          busy.add(lane);
          begun.push(index);
          most = Math.max(most, (now += 1));
          for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
          now -= 1;
          busy.delete(lane);
          return index;
        },
      );
      expect(results).toEqual(given.map((_, index) => index));
      expect(most).toBeLessThanOrEqual(count);
      for (const lane of [0, 1, 2, 3, 4]) {
        const own = begun.filter((index) => given[index]?.lane === lane);
        if (keyed) expect(own).toEqual(own.toSorted((a, b) => a - b));
      }
    }),
  );
});

test("after a failure nothing new is begun, and what is under way is waited for", async () => {
  const ended: number[] = [];
  const working = inLanes([1, 2, 3, 4], { count: 2 }, async (item) => {
    if (item === 1) throw new Error("no");
    await new Promise((resolve) => setTimeout(resolve, 20));
    ended.push(item);
  });
  await expect(working).rejects.toThrow("no");
  expect(ended).toEqual([2]);
});
