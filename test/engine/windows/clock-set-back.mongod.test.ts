import type { Document } from "bson";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createMemoryBroker } from "../../../src/engine/kafka/memory-broker.ts";
import { connectMongod, type TestDatabase } from "../../support/mongod.ts";
import { connectionsWith, everything, json } from "../kafka/support.ts";
import { dlq, freshName, mergeInto, run } from "../support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const minutes = (size: number): Document => ({ size, unit: "minute" });
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** A full hour, so that windows of minutes begin with it. */
const noonMs = Date.UTC(2026, 0, 1, 12);

/** A window over a topic, and a clock that is moved by hand, also back. */
async function watch(window: Document, source: Document = {}) {
  const broker = createMemoryBroker({ now: Date.now });
  broker.createTopic("orders", "partitionIdleTimeout" in source ? 2 : 1);
  const clock = { ms: noonMs };
  const name = freshName();
  const [kind = ""] = Object.keys(window);
  const pipeline = [
    { $source: { connectionName: "bus", topic: "orders", ...source, config: { auto_offset_reset: "earliest" } } },
    {
      [kind]: {
        ...window[kind],
        pipeline: [{ $group: { _id: { $meta: "stream.window.start" }, ids: { $push: "$id" } } }],
      },
    },
    mergeInto(mongod.db, name, { whenMatched: [{ $set: { twice: true } }] }),
  ];
  const start = () =>
    run(mongod, [{ name, pipeline, options: dlq(mongod.db, `${name}_dlq`) }], {
      connections: connectionsWith(broker),
      clock: () => clock.ms,
      checkpointIntervalMs: 0,
    });
  let engine = await start();
  const settle = async (): Promise<void> => {
    await engine.caughtUp();
    await engine.tick();
    await engine.caughtUp();
  };
  const documents = async (coll: string): Promise<readonly Document[]> =>
    mongod.client
      .db(mongod.db)
      .collection<Document>(coll)
      .find({}, { sort: { _id: 1 } })
      .toArray();
  return {
    /** Sends a document with an event time, and lets the processor take it. */
    send: async (id: number, timestampMs: number, partition = 0): Promise<void> => {
      await broker.produce([json("orders", { id }, { timestampMs, partition })], everything);
      await settle();
    },
    /** Moves the clock, and has the window look at it. */
    move: async (ms: number): Promise<void> => {
      clock.ms += ms;
      await settle();
    },
    restart: async (): Promise<void> => {
      await engine.kill();
      engine = await start();
    },
    closed: async () => (await documents(name)).map(({ _id, ids, ...more }) => ({ at: _id as Date, ids, ...more })),
    late: async () => (await documents(`${name}_dlq`)).map(({ doc }) => doc.id as unknown),
  };
}

test.each([
  ["", false],
  [", also after a crash", true],
])(
  "a clock that is set back makes no document of processing time late, and closes no window twice%s",
  async (_, crashes) => {
    const window = await watch({ $tumblingWindow: { boundary: "processingTime", interval: minutes(5) } });
    await window.send(1, 0);
    await window.move(6 * minuteMs);
    expect(await window.closed()).toEqual([{ at: new Date(noonMs), ids: [1] }]);
    await window.move(-hourMs);
    if (crashes) await window.restart();
    await window.send(2, 0);
    await window.move(minuteMs);
    await window.send(3, 0);
    expect(await window.closed()).toHaveLength(1);
    await window.move(hourMs + 3 * minuteMs);
    expect(await window.closed()).toEqual([
      { at: new Date(noonMs), ids: [1] },
      { at: new Date(noonMs + 5 * minuteMs), ids: [2, 3] },
    ]);
    expect(await window.late()).toEqual([]);
  },
);

test("a clock that is set back makes nobody wait longer for `idleTimeout`", async () => {
  const window = await watch({ $tumblingWindow: { interval: minutes(5), idleTimeout: minutes(10) } });
  await window.send(1, noonMs);
  await window.move(6 * minuteMs);
  await window.move(-hourMs);
  await window.move(4 * minuteMs - 1);
  expect(await window.closed()).toEqual([]);
  await window.move(1);
  expect(await window.closed()).toEqual([{ at: new Date(noonMs), ids: [1] }]);
});

test("a clock that is set back makes nobody wait longer for an idle partition", async () => {
  const window = await watch({ $tumblingWindow: { interval: minutes(5) } }, { partitionIdleTimeout: minutes(10) });
  await window.send(1, noonMs, 1);
  await window.move(6 * minuteMs);
  await window.move(-hourMs);
  await window.send(2, noonMs + hourMs, 0);
  await window.move(4 * minuteMs - 1);
  expect(await window.closed()).toEqual([]);
  await window.move(1);
  expect(await window.closed()).toEqual([{ at: new Date(noonMs), ids: [1] }]);
  expect(await window.late()).toEqual([]);
});
