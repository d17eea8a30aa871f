import { expect, test } from "vitest";
import { createSlots, NotBegun } from "../../src/deploy/apply/slots.ts";

function track(options: { readonly atOnce: number; readonly firstAlone: boolean }) {
  const stopping = new AbortController();
  const slots = createSlots({ ...options, stopping: stopping.signal, onFailure: () => stopping.abort() });
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const fails: (() => void)[] = [];
  const work = (index: number) => () =>
    new Promise<number>((resolve, reject) => {
      begun.push(index);
      ends[index] = () => resolve(index);
      fails[index] = () => reject(new Error("no"));
    });
  const run = (index: number) => slots.run(work(index));
  return {
    slots,
    begun,
    end: (index: number) => ends[index]?.(),
    fail: (index: number) => fails[index]?.(),
    run,
    stopping,
  };
}

test("so many at once, in the order of the calls", async () => {
  const { begun, end, run } = track({ atOnce: 2, firstAlone: false });
  const all = [0, 1, 2, 3].map(run);
  expect(begun).toEqual([0, 1]);
  end(1);
  await all[1];
  await expect.poll(() => begun).toEqual([0, 1, 2]);
  for (const index of [0, 2]) end(index);
  await expect.poll(() => begun).toEqual([0, 1, 2, 3]);
  end(3);
  expect(await Promise.all(all)).toEqual([0, 1, 2, 3]);
});

test("the first alone, then as many as there may be", async () => {
  const { begun, end, run } = track({ atOnce: 2, firstAlone: true });
  const all = [0, 1, 2, 3].map(run);
  expect(begun).toEqual([0]);
  end(0);
  await all[0];
  await expect.poll(() => begun).toEqual([0, 1, 2]);
  for (const index of [1, 2]) end(index);
  await expect.poll(() => begun).toEqual([0, 1, 2, 3]);
  end(3);
  await Promise.all(all);
});

test("after a failure that ends all, none that waits begins, and what has begun is finished", async () => {
  const { slots, begun, fail, run } = track({ atOnce: 1, firstAlone: true });
  const all = Promise.allSettled([0, 1].map(run));
  fail(0);
  const [first, second] = await all;
  expect(first).toMatchObject({ status: "rejected", reason: { message: "no" } });
  expect(second).toMatchObject({ status: "rejected", reason: expect.any(NotBegun) });
  expect(begun).toEqual([0]);
  expect(await slots.finish(() => Promise.resolve("put back"))).toBe("put back");
});
