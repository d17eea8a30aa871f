import type { Document } from "bson";
import { MongoClient } from "mongodb";
import { expect, test } from "vitest";
import { startEngine } from "../../src/engine/start-engine.ts";
import { startMongod } from "../../src/mongod/start-mongod.ts";
import { eventsOf, mergeInto } from "./support.ts";

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
