import type { Document } from "bson";
import { MongoClient } from "mongodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startEngine } from "../../../src/engine/start-engine.ts";
import { startReplicaSet, type ReplicaSet } from "../../support/replica-set.ts";
import { eventsOf, mergeInto } from "../support.ts";

let replicaSet: ReplicaSet;
let client: MongoClient;
beforeAll(async () => {
  replicaSet = await startReplicaSet({ failPoints: true });
  client = await new MongoClient(replicaSet.uri).connect();
});
afterAll(async () => {
  await client.close();
  await replicaSet[Symbol.asyncDispose]();
});

const primarySteppedDown = 189;

/** The next commands of some kind over a collection of the engine fail as in an election. */
async function failNext(command: string, collection: string): Promise<void> {
  failedBefore = await timesFailed();
  const data = { failCommands: [command], namespace: `asp.${collection}`, errorCode: primarySteppedDown };
  await client.db("admin").command({ configureFailPoint: "failCommand", mode: { times: 1 }, data });
}

let failedBefore = 0;

/** How often that has happened, ever. */
async function timesFailed(): Promise<number> {
  const { count } = await client.db("admin").command({ configureFailPoint: "failCommand", mode: "off" });
  return Number(count);
}

const definition = (
  name: string,
  window: Document,
): Document & { readonly name: string; readonly pipeline: Document[] } => {
  const source = eventsOf("shop", name)["$source"] as Document;
  const timed = { $source: { ...source, timeField: { $toDate: "$fullDocument.at" } } };
  return { name, pipeline: [timed, window, mergeInto("shop", `${name}_out`)] };
};

const second = { size: 1, unit: "second" };
const pipeline = [{ $group: { _id: { $meta: "stream.window.start" }, n: { $sum: 1 } } }];
const windows: readonly [string, Document][] = [
  ["tumbling", { $tumblingWindow: { interval: second, allowedLateness: 0, pipeline } }],
  ["session", { $sessionWindow: { gap: second, allowedLateness: 0, partitionBy: "$who", pipeline } }],
];

test.each(windows)(
  "an election while a checkpoint takes away what a %s window held stops nothing",
  async (name, window) => {
    const cluster = { name: "c", client };
    const engine = await startEngine([definition(name, window)], {
      cluster: () => cluster,
      checkpoints: { cluster, db: "asp" },
      checkpointIntervalMs: 10,
    });
    try {
      const events = client.db("shop").collection<Document>(name);
      await failNext("delete", `asp_window.${name}`);
      for (const at of [0, 1500, 3000, 4500]) {
        await events.insertOne({ at: new Date(at) });
        await engine.caughtUp();
      }
      await engine.stop();
      expect(await timesFailed()).toBe(failedBefore + 1);
      expect(engine.stats().map(({ state, error }) => [state, error?.message])).toEqual([["STOPPED", undefined]]);
      expect(await client.db("shop").collection(`${name}_out`).countDocuments()).toBe(3);
    } finally {
      await engine.kill();
    }
  },
);

test.each(windows)("an election while a %s window begins stops nothing", async (name, window) => {
  const cluster = { name: "c", client };
  await failNext("delete", `asp_window.${name}`);
  const engine = await startEngine([definition(name, window)], {
    cluster: () => cluster,
    checkpoints: { cluster, db: "asp" },
  });
  expect(await timesFailed()).toBe(failedBefore + 1);
  expect(engine.stats()[0]?.state).toBe("STARTED");
  await engine.stop();
});
