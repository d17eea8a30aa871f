import type { Document } from "bson";
import { MongoClient, MongoServerError, Timestamp } from "mongodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startEngine } from "../../../src/engine/start-engine.ts";
import type { Engine } from "../../../src/engine/engine.ts";
import type { Definition } from "../../../src/stages/definition.ts";
import { startReplicaSet, type ReplicaSet } from "../../support/replica-set.ts";
import { freshName, mergeInto } from "../support.ts";

/** Its oplog forgets what is a few megabytes old. */
let set: ReplicaSet;
let client: MongoClient;
beforeAll(async () => {
  set = await startReplicaSet({ oplogMB: 1 });
  client = await new MongoClient(set.uri).connect();
});
afterAll(async () => {
  await client.close();
  await set[Symbol.asyncDispose]();
});

const db = "shop";
const collection = (name: string) => client.db(db).collection<Document>(name);
const cluster = () => ({ name: "c", client });
const start = (definition: Definition): Promise<Engine> =>
  startEngine([definition], { cluster, checkpoints: { cluster: cluster(), db }, checkpointIntervalMs: 20 });

const reading = (coll: string, config: Document = {}, more: Document = {}): Definition => ({
  name: `${coll}_out`,
  pipeline: [
    { $source: { connectionName: "c", db, coll, config: { fullDocumentOnly: true, ...config }, ...more } },
    mergeInto(db, `${coll}_out`),
  ],
});

/** Writes until the oplog no longer holds what was there at the time of the call. */
async function forget(): Promise<void> {
  const oplog = client.db("local").collection<{ readonly ts: Timestamp }>("oplog.rs");
  const at = async (end: 1 | -1): Promise<Timestamp> => {
    const [entry] = await oplog.find().sort({ $natural: end }).limit(1).toArray();
    if (entry === undefined) throw new Error("the oplog is empty");
    return entry.ts;
  };
  /** A scan from the oplog's beginning dies when that is cut off under it. */
  const first = async (): Promise<Timestamp> => {
    for (;;) {
      try {
        return await at(1);
      } catch (error) {
        if (!(error instanceof MongoServerError && error.codeName === "CappedPositionLost")) throw error;
      }
    }
  };
  const last = await at(-1);
  const t = "x".repeat(200_000);
  for (;;) {
    for (let count = 0; count < 30; count += 1) await collection("filler").insertOne({ t });
    if ((await first()).greaterThan(last)) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function failureOf(engine: Engine): Promise<unknown> {
  await engine.ended;
  const [stats] = engine.stats();
  await engine.stop();
  expect(stats).toMatchObject({ state: "FAILED" });
  const { code, message, help } = stats?.error ?? {};
  return { code, message, help };
}

describe("what the oplog no longer holds FAILs the processor", () => {
  test("a checkpoint, at the start", async () => {
    const coll = freshName();
    const engine = await start(reading(coll));
    await engine.stop();
    await forget();
    expect(await failureOf(await start(reading(coll)))).toEqual({
      code: "ASP5102",
      message: `The oplog behind shop.${coll} no longer holds the checkpoint: events since then are lost to it`,
      help: expect.stringContaining("remove the processor's checkpoint"),
    });
  });

  test("a position that `$source` names", async () => {
    const coll = freshName();
    const stream = collection(coll).watch();
    await stream.tryNext();
    const token = stream.resumeToken as Document;
    await stream.close();
    await forget();
    const about = (field: string) => ({
      code: "ASP5102",
      message: `The oplog behind shop.${coll} does not hold what \`config.${field}\` names`,
      help: "name a position within the oplog, or none to start from now",
    });
    const long = reading(coll, { startAtOperationTime: new Date(0) });
    expect(await failureOf(await start(long))).toEqual(about("startAtOperationTime"));
    await client.db(db).collection("asp_checkpoints").deleteMany({});
    expect(await failureOf(await start(reading(coll, { startAfter: token })))).toEqual(about("startAfter"));
  });

  test("the position of a running processor that cannot keep up", async () => {
    const coll = freshName();
    await collection(`${coll}_out`).insertOne({ _id: 1 as never, a: 0 });
    const engine = await start(reading(coll));
    // Its sink waits for this transaction.
    const session = client.startSession();
    session.startTransaction();
    await collection(`${coll}_out`).updateOne({ _id: 1 as never }, { $set: { a: 1 } }, { session });
    await collection(coll).insertOne({ _id: 1 as never, b: 1 });
    const t = "x".repeat(1_000_000);
    for (let _id = 2; _id < 80; _id += 1) await collection(coll).insertOne({ _id: _id as never, t });
    await forget();
    await session.abortTransaction();
    await session.endSession();
    expect(await failureOf(engine)).toMatchObject({ code: "ASP5102" });
  });

  test("the beginning of a copy, at its end", async () => {
    const coll = freshName();
    await collection(coll).insertMany([1, 2, 3].map((_id) => ({ _id: _id as never, b: 1 })));
    const copying = reading(coll, {}, { initialSync: { enable: true } });
    // Its sink waits for this transaction.
    await collection(`${coll}_out`).insertOne({ _id: 1 as never, a: 0 });
    const session = client.startSession();
    session.startTransaction();
    await collection(`${coll}_out`).updateOne({ _id: 1 as never }, { $set: { a: 1 } }, { session });
    const engine = await start(copying);
    await engine.kill();
    await session.abortTransaction();
    await session.endSession();
    await forget();
    expect(await failureOf(await start(copying))).toEqual({
      code: "ASP5170",
      message: `The oplog behind shop.${coll} no longer holds the moment at which the copy began: changes since then are lost to it`,
      help: expect.stringContaining("copy again"),
    });
    // What the service does with `resumeFromCheckpoint: false`.
    await client
      .db(db)
      .collection("asp_checkpoints")
      .deleteOne({ _id: `${coll}_out` as never });
    const again = await start(copying);
    await again.caughtUp();
    expect(again.stats()[0]?.error).toBeUndefined();
    await again.stop();
    expect(await collection(`${coll}_out`).countDocuments()).toBe(3);
  });
});
