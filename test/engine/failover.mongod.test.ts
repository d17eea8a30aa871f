import { setTimeout as sleep } from "node:timers/promises";
import type { Document } from "bson";
import { MongoClient } from "mongodb";
import { expect, test } from "vitest";
import { startEngine } from "../../src/engine/start-engine.ts";
import { startMongod } from "../../src/mongod/start-mongod.ts";
import { startKillableMongod } from "../support/killable-mongod.ts";
import { dlq, eventsOf, mergeInto } from "./support.ts";

test("a primary that steps down while events flow loses nothing, in a copy under way either", async () => {
  const mongod = await startMongod({ env: process.env });
  const client = await new MongoClient(mongod.uri).connect();
  try {
    const db = client.db("shop");
    const list = (from: number, count: number): Document[] =>
      Array.from({ length: count }, (_, index) => ({ _id: from + index, a: "x".repeat(200) }));
    await db.collection<Document>("events").insertMany(list(0, 5000));
    const cluster = { name: "c", client };
    const syncing = eventsOf("shop", "events");
    const engine = await startEngine(
      [
        { name: "tailing", pipeline: [eventsOf("shop", "events"), mergeInto("shop", "tailed")] },
        {
          name: "copying",
          pipeline: [
            { $source: { ...syncing["$source"], initialSync: { enable: true } } },
            mergeInto("shop", "copied"),
          ],
        },
      ],
      { cluster: () => cluster, checkpoints: { cluster, db: "asp" } },
    );
    const writer = new MongoClient(mongod.uri, { retryWrites: true });
    for (let round = 0; round < 3; round += 1) {
      const writing = writer
        .db("shop")
        .collection<Document>("events")
        .insertMany(list(10_000 + round * 2000, 2000), { ordered: false });
      // It stands for election again at once, being the only member.
      await client
        .db("admin")
        .command({ replSetStepDown: 1, secondaryCatchUpPeriodSecs: 0, force: true })
        .catch(() => undefined);
      await writing;
    }
    await writer.close();
    await engine.caughtUp();
    expect(engine.stats().map(({ state, error }) => [state, error])).toEqual([
      ["STARTED", undefined],
      ["STARTED", undefined],
    ]);
    const written = await db.collection("events").countDocuments();
    expect(written).toBe(11_000);
    expect(await db.collection("tailed").countDocuments()).toBe(6000);
    expect(await db.collection("copied").countDocuments()).toBe(11_000);
    await engine.stop();
  } finally {
    await client.close();
    await mongod.stop();
  }
});

test("what a mongod had acknowledged and forgets in a crash is not covered by a later checkpoint", async () => {
  await using mongod = await startKillableMongod();
  const client = await new MongoClient(mongod.uri).connect();
  try {
    const db = client.db("shop");
    const cluster = { name: "c", client };
    await db.createCollection("events");
    await db.createCollection("refused");
    const engine = await startEngine(
      [
        {
          name: "p",
          pipeline: [
            eventsOf("shop", "events"),
            { $match: { $expr: { $gt: [{ $divide: [1, "$a"] }, 0] } } },
            mergeInto("shop", "out"),
          ],
          options: dlq("shop", "refused"),
        },
      ],
      { cluster: () => cluster, checkpoints: { cluster, db: "asp" } },
    );
    const events = Array.from({ length: 200 }, (_, index): Document => ({ _id: index, a: index % 2 }));
    await db.collection<Document>("events").insertMany(events, { writeConcern: { w: "majority", journal: true } });
    while ((engine.stats()[0]?.input ?? 0) < 200 || (engine.stats()[0]?.deadLetters ?? 0) < 100) await sleep(1);
    await mongod.kill();
    await mongod.start();
    await engine.caughtUp();
    expect(engine.stats()[0]?.error).toBeUndefined();
    expect(await db.collection("out").countDocuments()).toBe(100);
    expect(await db.collection("refused").countDocuments()).toBe(100);
    await engine.stop();
  } finally {
    await client.close();
  }
});
