import type { Document } from "bson";
import { afterAll, beforeAll, expect, test } from "vitest";
import { solarReading } from "../../../src/engine/core/solar-panel.ts";
import type { Engine } from "../../../src/engine/engine.ts";
import type { Definition } from "../../../src/stages/definition.ts";
import { connectMongod, type TestDatabase } from "../../support/mongod.ts";
import { freshName, mergeInto, run } from "../support.ts";
import { advance, documentsIn } from "./support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const startMs = Date.parse("2026-03-01T00:00:30.100Z");
const solar = { $source: { connectionName: "sample_stream_solar" } };
/** The readings of so many milliseconds from the start. */
const expected = (fromMs: number, toMs: number): readonly Document[] =>
  Array.from({ length: Math.ceil((toMs - fromMs) / 50) }, (_, at) => startMs + fromMs + at * 50)
    .filter((ms) => ms % 250 === 0)
    .map((ms) => ({ ...solarReading(ms), n: 1 }));

/** Writes each reading by its time, and how often it has come. */
function counting(name: string): Definition {
  const counted = [{ $replaceWith: { $mergeObjects: ["$$ROOT", { n: { $add: ["$n", 1] } }] } }];
  return {
    name,
    pipeline: [
      solar,
      { $set: { _id: "$timestamp", n: { $literal: 1 } } },
      mergeInto(mongod.db, name, { whenMatched: counted }),
    ],
  };
}

const read = (name: string): Promise<readonly Document[]> => documentsIn(mongod, name);

const readings = async (name: string): Promise<readonly Document[]> =>
  (await read(name)).map(({ _id, ...reading }) => reading);

test("readings have the documented shape, and are of type generated", async () => {
  const name = freshName();
  const clock = { ms: startMs };
  const stages = [{ $replaceWith: { _id: "$timestamp", doc: "$$ROOT", meta: { $meta: "stream.source" } } }];
  const engine = await run(mongod, [{ name, pipeline: [solar, ...stages, mergeInto(mongod.db, name)] }], {
    clock: () => clock.ms,
  });
  await engine.caughtUp();
  expect(await read(name)).toEqual([]);
  await advance(engine, clock, 150);
  expect(await read(name)).toEqual([
    {
      _id: "2026-03-01T00:00:30.250+00:00",
      doc: {
        device_id: expect.stringMatching(/^device_\d+$/),
        group_id: expect.any(Number),
        timestamp: "2026-03-01T00:00:30.250+00:00",
        max_watts: expect.any(Number),
        event_type: expect.any(Number),
        obs: { watts: expect.any(Number), temp: expect.any(Number) },
      },
      meta: { type: "generated", ts: new Date("2026-03-01T00:00:30.250Z") },
    },
  ]);
});

test("a crash leaves no gap and repeats none, and a stop generates nothing", async () => {
  const name = freshName();
  const clock = { ms: startMs };
  const start = (): Promise<Engine> => run(mongod, [counting(name)], { clock: () => clock.ms });
  const first = await start();
  await advance(first, clock, 1_000_000);
  expect(await readings(name)).toEqual(expected(0, 1_000_000));
  await first.kill();
  clock.ms += 60_000;
  const second = await start();
  await second.caughtUp();
  const before = (await readings(name)).map(({ n: _, ...reading }) => reading);
  expect(before).toEqual(expected(0, 1_060_000).map(({ n: _, ...reading }) => reading));
  await second.stop();
  clock.ms += 500_000;
  const third = await start();
  await advance(third, clock, 10_000);
  const counted = await readings(name);
  expect(counted.slice(before.length)).toEqual(expected(1_560_000, 1_570_000));
});

test("after a stop nothing comes twice", async () => {
  const name = freshName();
  const clock = { ms: startMs };
  for (let runs = 0; runs < 3; runs += 1) {
    const engine = await run(mongod, [counting(name)], { clock: () => clock.ms });
    await advance(engine, clock, 2000);
    await engine.stop();
  }
  expect(await readings(name)).toEqual(expected(0, 6000));
});

test("its timestamp is an event time, by which windows close", async () => {
  const name = freshName();
  const clock = { ms: startMs };
  const source = { $source: { ...solar.$source, timeField: { $dateFromString: { dateString: "$timestamp" } } } };
  const window = {
    $tumblingWindow: {
      interval: { size: 10, unit: "second" },
      pipeline: [
        { $group: { _id: null, n: { $count: {} }, first: { $min: "$timestamp" } } },
        { $set: { _id: "$first" } },
      ],
    },
  };
  const engine = await run(mongod, [{ name, pipeline: [source, window, mergeInto(mongod.db, name)] }], {
    clock: () => clock.ms,
  });
  await advance(engine, clock, 35_000);
  expect((await read(name)).map(({ _id, n }) => [_id, n])).toEqual([
    ["2026-03-01T00:00:30.250+00:00", 39],
    ["2026-03-01T00:00:40.000+00:00", 40],
    ["2026-03-01T00:00:50.000+00:00", 40],
  ]);
});
