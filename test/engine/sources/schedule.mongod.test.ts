import type { Document } from "bson";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Engine } from "../../../src/engine/engine.ts";
import { connectMongod, type TestDatabase } from "../../support/mongod.ts";
import { freshName, mergeInto, run } from "../support.ts";
import { advance, documentsIn } from "./support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const minuteMs = 60_000;
const start = Date.parse("2026-03-01T00:00:30Z");

/** Writes each tick, and how often it has come. */
function ticking(name: string, source: Document = {}, stages: readonly Document[] = []) {
  const counted = [{ $replaceWith: { $mergeObjects: ["$$ROOT", { n: { $add: ["$n", 1] } }] } }];
  return {
    name,
    pipeline: [
      { $source: { schedule: "0 * * * * *", ...source } },
      { $set: { _id: "$_ts", n: { $literal: 1 } } },
      ...stages,
      mergeInto(mongod.db, name, { whenMatched: counted }),
    ],
  };
}

const read = (name: string): Promise<readonly Document[]> => documentsIn(mongod, name);

const minutes = async (name: string): Promise<readonly [minute: number, times: number][]> =>
  (await read(name)).map(({ _id, n }) => [((_id as Date).getTime() - (start - minuteMs / 2)) / minuteMs, n]);

/** A clock that stands still, and an engine that goes by it. */
async function atRest(name: string, clock: { ms: number }, source?: Document): Promise<Engine> {
  return run(mongod, [ticking(name, source)], { clock: () => clock.ms });
}

test("a tick is a document with nothing but its time, of type generated", async () => {
  const name = freshName();
  const clock = { ms: start };
  const engine = await run(
    mongod,
    [
      {
        name,
        pipeline: [
          { $source: { schedule: "0 30 * * * *", tsFieldName: "at" } },
          { $replaceWith: { _id: 1, doc: "$$ROOT", meta: { $meta: "stream.source" } } },
          mergeInto(mongod.db, name),
        ],
      },
    ],
    { clock: () => clock.ms },
  );
  await advance(engine, clock, 30 * minuteMs);
  const at = new Date("2026-03-01T00:30:00Z");
  expect(await read(name)).toEqual([{ _id: 1, doc: { at }, meta: { type: "generated", ts: at } }]);
});

test("every tick up to the engine's time has come once it has caught up, in order, and none before", async () => {
  const name = freshName();
  const clock = { ms: start };
  const engine = await atRest(name, clock);
  await engine.caughtUp();
  expect(await minutes(name)).toEqual([]);
  await advance(engine, clock, minuteMs / 2 - 1);
  expect(await minutes(name)).toEqual([]);
  await advance(engine, clock, 1);
  expect(await minutes(name)).toEqual([[1, 1]]);
  await advance(engine, clock, 3000 * minuteMs);
  const all = await minutes(name);
  expect(all).toEqual(Array.from({ length: 3001 }, (_, index) => [index + 1, 1]));
  expect(engine.stats()[0]).toMatchObject({ state: "STARTED", input: 3001, output: 3001, deadLetters: 0 });
});

test("a clock that goes back brings no tick twice", async () => {
  const name = freshName();
  const clock = { ms: start };
  const engine = await atRest(name, clock);
  await advance(engine, clock, 2 * minuteMs);
  await advance(engine, clock, -100_000);
  await advance(engine, clock, 2 * minuteMs);
  expect(await minutes(name)).toEqual([
    [1, 1],
    [2, 1],
  ]);
  await advance(engine, clock, minuteMs);
  expect((await minutes(name)).map(([minute]) => minute)).toEqual([1, 2, 3]);
});

test("ticks missed by a crash are replayed, those missed by a stop are not", async () => {
  const name = freshName();
  const clock = { ms: start };
  const first = await atRest(name, clock);
  await advance(first, clock, 2 * minuteMs);
  await first.kill();
  clock.ms += 2 * minuteMs;
  const second = await atRest(name, clock);
  await second.caughtUp();
  expect((await minutes(name)).map(([minute]) => minute)).toEqual([1, 2, 3, 4]);
  await second.stop();
  clock.ms += 3 * minuteMs;
  const third = await atRest(name, clock);
  await third.caughtUp();
  // A crash before anything has come is none of the stop.
  await third.kill();
  clock.ms += minuteMs;
  const fourth = await atRest(name, clock);
  await advance(fourth, clock, minuteMs);
  expect((await minutes(name)).map(([minute]) => minute)).toEqual([1, 2, 3, 4, 8, 9]);
});

test("on the wall clock ticks come by themselves", async () => {
  const name = freshName();
  const engine = await run(mongod, [ticking(name, { schedule: "* * * * * *" })]);
  while ((engine.stats()[0]?.output ?? 0) < 2) await new Promise((resolve) => setTimeout(resolve, 20));
  const found = await read(name);
  for (const { _id } of found) expect((_id as Date).getTime() % 1000).toBe(0);
  expect(engine.stats()[0]?.lagMs.max).toBeLessThan(900);
});

test("a window sees the ticks before the time that has passed", async () => {
  const name = freshName();
  const clock = { ms: start };
  const window = {
    $tumblingWindow: {
      interval: { size: 10, unit: "minute" },
      idleTimeout: { size: 1, unit: "minute" },
      pipeline: [{ $group: { _id: null, last: { $max: "$_ts" }, n: { $count: {} } } }, { $set: { _id: "$last" } }],
    },
  };
  const engine = await run(mongod, [ticking(name, {}, [window])], { clock: () => clock.ms });
  await advance(engine, clock, 40 * minuteMs);
  expect(engine.stats()[0]).toMatchObject({ input: 40, deadLetters: 0 });
  expect(await minutes(name)).toEqual([
    [9, 9],
    [19, 10],
    [29, 10],
  ]);
});
