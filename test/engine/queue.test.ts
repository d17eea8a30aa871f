import fc from "fast-check";
import { expect, test } from "vitest";
import { createQueue } from "../../src/engine/core/queue.ts";

const isPending = async (promise: Promise<unknown>): Promise<boolean> => {
  const pending = Symbol("pending");
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  return (await Promise.race([promise, Promise.resolve(pending)])) === pending;
};

test("items come out once, in order, however writer and reader take turns", async () => {
  const law = fc.asyncProperty(
    fc.scheduler(),
    fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 30 }),
    fc.integer({ min: 1, max: 8 }),
    fc.integer({ min: 1, max: 4 }),
    async (scheduler, weights, maxWeight, most) => {
      const queue = createQueue<number>(maxWeight);
      const seen: number[] = [];
      const writing = async (): Promise<void> => {
        for (const [index, weight] of weights.entries()) {
          await scheduler.schedule(Promise.resolve());
          expect(await queue.put(index, weight)).toBe(true);
        }
        queue.close();
      };
      const reading = async (): Promise<void> => {
        const take = (): ReturnType<typeof queue.take> => queue.take((taken) => taken.length < most);
        for (let taken = await take(); taken !== undefined; taken = await take()) {
          expect(taken.length).toBeLessThanOrEqual(most);
          seen.push(...taken);
          await scheduler.schedule(Promise.resolve());
        }
      };
      await scheduler.waitFor(Promise.all([writing(), reading()]));
      expect(seen).toEqual(weights.map((_, index) => index));
    },
  );
  await fc.assert(law, { numRuns: 300 });
});

test("a writer waits while the queue is full, and a single heavy item always fits", async () => {
  const queue = createQueue<string>(10);
  expect(await queue.put("heavy", 1000)).toBe(true);
  const second = queue.put("next", 1);
  expect(await isPending(second)).toBe(true);
  expect(await queue.take()).toEqual(["heavy"]);
  expect(await second).toBe(true);
  expect(queue.size).toBe(1);
});

test("several writers that wait are all let in", async () => {
  const queue = createQueue<number>(1);
  const writers = [1, 2, 3].map((item) => queue.put(item, 1));
  const taken = [await queue.take(), await queue.take(), await queue.take()];
  expect(taken).toEqual([[1], [2], [3]]);
  expect(await Promise.all(writers)).toEqual([true, true, true]);
});

test("closing lets readers have what is left and turns writers away", async () => {
  const queue = createQueue<number>(1);
  await queue.put(1, 1);
  const waiting = queue.put(2, 1);
  queue.close();
  expect(await waiting).toBe(false);
  expect(await queue.put(3, 1)).toBe(false);
  expect(await queue.take()).toEqual([1]);
  expect(await queue.take()).toBeUndefined();
});

test("closing and discarding leaves nothing, and wakes a reader that waits", async () => {
  const queue = createQueue<number>(10);
  const reader = queue.take();
  queue.close();
  expect(await reader).toBeUndefined();
  const other = createQueue<number>(10);
  await other.put(1, 1);
  other.close({ discard: true });
  expect(await other.take()).toBeUndefined();
});

test("a reader that wants more waits for it, unless the queue is full, closed, or the next item does not go along", async () => {
  const open = createQueue<number>(3);
  const never = (): boolean => false;
  const always = (): boolean => true;
  await open.put(1, 1);
  const taking = open.take(always, never);
  expect(await isPending(taking)).toBe(true);
  await open.put(2, 2);
  expect(await taking).toEqual([1, 2]);

  await open.put(3, 1);
  const last = open.take(always, never);
  expect(await isPending(last)).toBe(true);
  open.close();
  expect(await last).toEqual([3]);

  const mixed = createQueue<number>(100);
  await mixed.put(1, 1);
  await mixed.put(2, 1);
  expect(await mixed.take((_, next) => next !== 2, never)).toEqual([1]);
});

test("a reader that wants more asks again when it is woken", async () => {
  const queue = createQueue<number>(100);
  let isEnough = false;
  await queue.put(1, 1);
  const taking = queue.take(
    () => true,
    () => isEnough,
  );
  expect(await isPending(taking)).toBe(true);
  isEnough = true;
  queue.wake();
  expect(await taking).toEqual([1]);
});
