import { Timestamp } from "bson";
import { MongoClient } from "mongodb";
import { expect, test } from "vitest";
import { shareOperationTime } from "../../src/engine/share-operation-time.ts";

/** Nothing connects before something is asked. */
const clusterOf = (name: string) => ({ name, client: new MongoClient(`mongodb://127.0.0.1:1/${name}`) });

test("who asks within half a second gets the same answer, who asks long after a new one", async () => {
  const asked: string[] = [];
  let nowMs = 0;
  const ask = shareOperationTime(
    async ({ name }) => {
      asked.push(name);
      return new Timestamp({ t: asked.length, i: 0 });
    },
    () => nowMs,
  );
  const [a, b] = [clusterOf("a"), clusterOf("b")];
  const times = await Promise.all([ask(a), ask(b), ask(a), ask(a)]);
  expect(times.map((time) => time.getHighBits())).toEqual([1, 2, 1, 1]);
  nowMs = 499;
  expect((await ask(a)).getHighBits()).toBe(1);
  nowMs = 1500;
  expect((await ask(a)).getHighBits()).toBe(3);
  expect(asked).toEqual(["a", "b", "a"]);
});

test("who asks between need not wait for the new answer, which is asked for once", async () => {
  const answers: ((time: Timestamp) => void)[] = [];
  let nowMs = 0;
  const ask = shareOperationTime(
    () => new Promise((resolve) => void answers.push(resolve)),
    () => nowMs,
  );
  const cluster = clusterOf("a");
  const first = ask(cluster);
  answers[0]?.(new Timestamp({ t: 1, i: 0 }));
  await first;
  nowMs = 600;
  const times = await Promise.all([ask(cluster), ask(cluster)]);
  expect(times.map((time) => time.getHighBits())).toEqual([1, 1]);
  expect(answers).toHaveLength(2);
  answers[1]?.(new Timestamp({ t: 2, i: 0 }));
  await new Promise(setImmediate);
  expect((await ask(cluster)).getHighBits()).toBe(2);
  expect(answers).toHaveLength(2);
});

test("what is asked for in the background and fails is asked again, by who needs it", async () => {
  let nowMs = 0;
  let isDown = false;
  const ask = shareOperationTime(
    async () => {
      if (isDown) throw new Error("down");
      return new Timestamp({ t: 1, i: 0 });
    },
    () => nowMs,
  );
  const cluster = clusterOf("a");
  await ask(cluster);
  isDown = true;
  nowMs = 600;
  expect((await ask(cluster)).getHighBits()).toBe(1);
  await new Promise(setImmediate);
  nowMs = 1600;
  await expect(ask(cluster)).rejects.toThrow("down");
});

test("a failure is for who has waited for it, and the next is asked anew", async () => {
  let isDown = true;
  const ask = shareOperationTime(async () => {
    if (isDown) throw new Error("down");
    return new Timestamp({ t: 1, i: 0 });
  });
  const cluster = clusterOf("a");
  const both = await Promise.allSettled([ask(cluster), ask(cluster)]);
  expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  isDown = false;
  expect((await ask(cluster)).getHighBits()).toBe(1);
});
