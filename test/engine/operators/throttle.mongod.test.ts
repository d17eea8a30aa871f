import type { Document } from "bson";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectMongod, type TestDatabase } from "../../support/mongod.ts";
import { eventsOf, freshName, mergeInto, run } from "../support.ts";
import { pass } from "./support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const many = (count: number, more: Document = {}): readonly Document[] =>
  Array.from({ length: count }, (_, _id) => ({ _id, ...more }));

async function timed(documents: readonly Document[], ...stages: readonly Document[]): Promise<number> {
  const startedAt = performance.now();
  const { documents: stored, letters } = await pass(mongod, documents, stages);
  expect(letters).toEqual([]);
  expect(stored.map(({ _id }) => _id as unknown)).toEqual(documents.map(({ _id }) => _id as unknown));
  return performance.now() - startedAt;
}

describe("$throttle", () => {
  test("messagesPerSec: a second's worth passes at once, the rest at the rate", async () => {
    expect(await timed(many(250), { $throttle: { messagesPerSec: 100 } })).toBeGreaterThan(1450);
    const pipeline = [
      { $source: { documents: many(100) } },
      { $throttle: { messagesPerSec: 100 } },
      mergeInto(mongod.db, freshName()),
    ];
    const engine = await run(mongod, [{ name: freshName(), pipeline }]);
    await engine.ended;
    expect((await engine.details())[0]?.throttle).toEqual({ throttledMs: 0, events: 0 });
  });

  test("bytesPerSec: a document that is larger passes, and a second is waited after it", async () => {
    const large = { text: "x".repeat(5000) };
    const took = await timed(many(3, large), { $throttle: { bytesPerSec: 1000 } });
    expect(took).toBeGreaterThan(1950);
    expect(took).toBeLessThan(4000);
  });

  test("the slower limit counts, and that of each stage", async () => {
    const slow = { messagesPerSec: 20 };
    const fast = { messagesPerSec: 10_000, bytesPerSec: 1_000_000 };
    expect(await timed(many(40), { $throttle: { ...fast, ...slow } })).toBeGreaterThan(950);
    expect(await timed(many(40), { $throttle: fast }, { $set: { a: 1 } }, { $throttle: slow })).toBeGreaterThan(950);
  });

  test("what has passed is written while the rest still waits, and a stop does not wait for it", async () => {
    const [coll, target] = [freshName(), freshName()];
    const stages = [eventsOf(mongod.db, coll), { $throttle: { messagesPerSec: 5 } }, mergeInto(mongod.db, target)];
    const engine = await run(mongod, [{ name: coll, pipeline: stages }]);
    await mongod.client.db(mongod.db).collection<Document>(coll).insertMany(many(1000));
    const count = (): Promise<number> => mongod.client.db(mongod.db).collection(target).countDocuments();
    await expect.poll(count, { timeout: 10_000 }).toBeGreaterThan(5);
    expect(await count()).toBeLessThan(100);
    const startedAt = performance.now();
    await engine.stop();
    expect(performance.now() - startedAt).toBeLessThan(4000);
    expect(engine.stats()[0]).toMatchObject({ state: "STOPPED" });
    // What was not written comes again.
    const again = await run(mongod, [{ name: coll, pipeline: stages }]);
    const before = await count();
    await expect.poll(count, { timeout: 10_000 }).toBeGreaterThan(before);
    await again.kill();
    expect(again.stats()[0]).toMatchObject({ state: "STOPPED" });
  });

  test("what has passed is written soon where more is waiting than the engine reads ahead", async () => {
    const [coll, target] = [freshName(), freshName()];
    const stages = [eventsOf(mongod.db, coll), { $throttle: { messagesPerSec: 20 } }, mergeInto(mongod.db, target)];
    const first = await run(mongod, [{ name: coll, pipeline: stages }]);
    await first.stop();
    await mongod.client
      .db(mongod.db)
      .collection<Document>(coll)
      .insertMany(many(1500, { text: "x".repeat(10_000) }));
    const engine = await run(mongod, [{ name: coll, pipeline: stages }]);
    const count = (): Promise<number> => mongod.client.db(mongod.db).collection(target).countDocuments();
    await expect.poll(count, { timeout: 15_000 }).toBeGreaterThan(0);
    await engine.kill();
  });

  test("where engine time is handed in, nobody waits for it", async () => {
    const startedAt = performance.now();
    const { documents } = await pass(mongod, many(500), [{ $throttle: { messagesPerSec: 1 } }], { now: () => 0 });
    expect(documents.length).toBe(500);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });
});
