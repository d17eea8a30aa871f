import type { Document } from "bson";
import { Double, Long } from "bson";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Definition } from "../../../src/stages/definition.ts";
import { connectMongod, type TestDatabase } from "../../support/mongod.ts";
import { dlq, eventsOf, freshName, mergeInto } from "../../engine/support.ts";
import { collectionsIn, idsIn, insert, open, watchStates } from "./support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

interface Setup {
  /** Of the workspace's own state. */
  readonly db: string;
  readonly from: string;
  readonly to: string;
  readonly definition: Definition;
}

function setUp(...stages: readonly Document[]): Setup {
  const [db, from, to] = [mongod.freshDb(), freshName(), freshName()];
  const pipeline = [eventsOf(mongod.db, from), ...stages, mergeInto(mongod.db, to)];
  return { db, from, to, definition: { name: "orders", pipeline } };
}

const minutes = (size: number): Document => ({ size, unit: "minute" });
const atMinute = (minute: number): Date => new Date(Date.UTC(2026, 0, 5, 12, minute));
const count = [{ $group: { _id: "$k", n: { $sum: 1 } } }];

function windowed(args: Document = {}): Setup {
  const setup = setUp();
  const pipeline = [
    {
      $source: {
        connectionName: "c",
        db: mongod.db,
        coll: setup.from,
        timeField: { $toDate: "$fullDocument.at" },
        config: { fullDocumentOnly: true },
      },
    },
    {
      $tumblingWindow: { interval: minutes(5), allowedLateness: 0, pipeline: count, ...args },
    },
    mergeInto(mongod.db, setup.to),
  ];
  return { ...setup, definition: { name: "orders", pipeline } };
}

describe("the life of a processor", () => {
  test("it is created, started, stopped, started again from where it was, and dropped with all that it kept", async () => {
    const { db, from, to, definition } = setUp();
    const { seen, onState } = watchStates();
    const workspace = await open(mongod, db, { onState });
    expect(await workspace.create(definition)).toMatchObject({ name: "orders", state: "CREATED", tier: "SP10" });
    expect(await workspace.start("orders")).toMatchObject({ state: "STARTED", hasStarted: true });
    await insert(mongod, mongod.db, from, [{ _id: 1 }]);
    await workspace.caughtUp();
    expect(await workspace.stop("orders")).toMatchObject({ state: "STOPPED" });
    await insert(mongod, mongod.db, from, [{ _id: 2 }]);
    await workspace.start("orders");
    await workspace.caughtUp();
    expect(await idsIn(mongod, mongod.db, to)).toEqual([1, 2]);
    await workspace.drop("orders");
    expect(workspace.list()).toEqual([]);
    expect(await idsIn(mongod, db, "asp_checkpoints")).toEqual([]);
    expect(seen).toEqual([
      "orders:  > CREATED",
      "orders: CREATED > STARTING",
      "orders: STARTING > STARTED",
      "orders: STARTED > STOPPING",
      "orders: STOPPING > STOPPED",
      "orders: STOPPED > STARTING",
      "orders: STARTING > STARTED",
      "orders: STARTED > DROPPING",
      "orders: DROPPING > DROPPED",
    ]);
  });

  test("commands that do not fit its state are refused", async () => {
    const { db, definition } = setUp();
    const workspace = await open(mongod, db);
    const refused = (code: string, text: RegExp): Document => ({ code, message: expect.stringMatching(text) });
    await expect(workspace.start("orders")).rejects.toMatchObject(refused("ASP5185", /stream processor doesn't exist/));
    await workspace.create(definition);
    await expect(workspace.create(definition)).rejects.toMatchObject(refused("ASP5186", /already exists/));
    await expect(workspace.stop("orders")).rejects.toMatchObject(refused("ASP5187", /is CREATED: it is not running/));
    expect(() => workspace.sample("orders")).toThrow(expect.objectContaining(refused("ASP5187", /only a running/)));
    await workspace.start("orders");
    await expect(workspace.start("orders")).rejects.toMatchObject(refused("ASP5187", /is STARTED: it is running/));
    await expect(workspace.modify("orders", { tier: "SP30" })).rejects.toMatchObject(
      refused("ASP5187", /processor must be stopped/),
    );
    await workspace.stop("orders");
    await expect(workspace.stop("orders")).rejects.toMatchObject(refused("ASP5187", /is STOPPED: it is not running/));
    await workspace.drop("orders");
    expect(() => workspace.get("orders")).toThrow(expect.objectContaining({ code: "ASP5185" }));
  });

  test("commands given at once run one after the other", async () => {
    const { db, definition } = setUp();
    const workspace = await open(mongod, db);
    await workspace.create(definition);
    const [started, stopped, again, dropped] = await Promise.allSettled([
      workspace.start("orders"),
      workspace.stop("orders"),
      workspace.start("orders"),
      workspace.drop("orders"),
    ]);
    expect([started, stopped, again, dropped].map(({ status }) => status)).toEqual(Array(4).fill("fulfilled"));
    expect(workspace.list()).toEqual([]);
  });

  test("what waited for a drop finds no processor", async () => {
    const { db, definition } = setUp();
    const workspace = await open(mongod, db);
    await workspace.create(definition);
    const [, ...others] = await Promise.allSettled([
      workspace.drop("orders"),
      workspace.drop("orders"),
      workspace.start("orders"),
    ]);
    for (const other of others) expect(other).toMatchObject({ reason: { code: "ASP5185" } });
  });

  test("a processor that was never started has no checkpoint, whatever lies under its name", async () => {
    const { db, from, to, definition } = setUp();
    const first = await open(mongod, db);
    await first.create(definition);
    await first.start("orders");
    await first.close();
    await mongod.client.db(db).collection("asp_processors").deleteMany({});
    await insert(mongod, mongod.db, from, [{ _id: 1 }]);
    const second = await open(mongod, db);
    await second.create(definition);
    await second.start("orders");
    await insert(mongod, mongod.db, from, [{ _id: 2 }]);
    await second.caughtUp();
    expect(await idsIn(mongod, mongod.db, to)).toEqual([2]);
  });

  test("a definition that `asp validate` refuses is refused", async () => {
    const workspace = await open(mongod, mongod.freshDb());
    const pipeline = [eventsOf(mongod.db, "a"), { $mach: {} }, mergeInto(mongod.db, "b")];
    await expect(workspace.create({ name: "p", pipeline })).rejects.toMatchObject({
      code: "ASP5192",
      message: expect.stringContaining("`p` is refused: there is no stage `$mach`"),
    });
    const elsewhere = [eventsOf(mongod.db, "a"), { $merge: { into: { connectionName: "nope", db: "d", coll: "e" } } }];
    await expect(workspace.create({ name: "p", pipeline: elsewhere })).rejects.toMatchObject({ code: "ASP5192" });
    expect(workspace.list()).toEqual([]);
  });
});

describe("what is kept", () => {
  test("a workspace that is closed and opened again goes on, loses nothing, and keeps counts and the order of its list", async () => {
    const { db, from, to, definition } = setUp();
    const first = await open(mongod, db);
    await first.create(definition);
    await first.create({ ...definition, name: "another" });
    await first.start("orders");
    await insert(mongod, mongod.db, from, [{ _id: 1 }]);
    await first.caughtUp();
    await first.close();
    await insert(mongod, mongod.db, from, [{ _id: 2 }]);
    const second = await open(mongod, db);
    expect(second.list()).toMatchObject([
      { name: "orders", state: "STARTED" },
      { name: "another", state: "CREATED" },
    ]);
    await second.caughtUp();
    expect(await idsIn(mongod, mongod.db, to)).toEqual([1, 2]);
    const { stats } = await second.stats("orders");
    expect(stats).toMatchObject({ inputMessageCount: 2, outputMessageCount: 2, dlqMessageCount: 0 });
  });

  test("killed at any moment, it goes on from the checkpoint", async () => {
    const { db, from, to, definition } = setUp();
    let workspace = await open(mongod, db);
    await workspace.create(definition);
    await workspace.start("orders");
    for (let round = 0; round < 5; round += 1) {
      await insert(
        mongod,
        mongod.db,
        from,
        Array.from({ length: 200 }, (_, index) => ({ _id: round * 200 + index })),
      );
      await workspace.kill();
      workspace = await open(mongod, db);
      expect(workspace.get("orders").state).toBe("STARTED");
    }
    await workspace.caughtUp();
    expect((await idsIn(mongod, mongod.db, to)).length).toBe(1000);
  });

  test("a definition comes back with the types and the order that it had", async () => {
    const { db, definition } = setUp({
      $set: { z: 1, a: new Double(5), l: Long.fromNumber(7), d: 1.5, m: -0, t: new Date(5) },
    });
    const first = await open(mongod, db);
    await first.create(definition);
    await first.close();
    const second = await open(mongod, db);
    const { $set: set } = second.get("orders").pipeline[1] ?? {};
    expect(Object.keys(set)).toEqual(["z", "a", "l", "d", "m", "t"]);
    expect(set).toMatchObject({ z: 1, d: 1.5, m: -0, t: new Date(5) });
    expect([set.a._bsontype, set.l._bsontype]).toEqual(["Double", "Long"]);
  });

  test("what a crash interrupted is finished: a drop, a change of the name, a checkpoint given up", async () => {
    const { db, definition } = windowed();
    const first = await open(mongod, db);
    for (const name of ["dropped", "renamed", "fresh"]) {
      await first.create({ ...definition, name });
      await first.start(name);
      await first.stop(name);
    }
    await first.close();
    const records = mongod.client.db(db).collection("asp_processors");
    await records.updateOne({ name: "dropped" }, { $set: { state: "DROPPING" } });
    await records.updateOne({ name: "renamed" }, { $set: { name: "other", formerName: "renamed" } });
    await records.updateOne({ name: "fresh" }, { $set: { discard: true } });
    const second = await open(mongod, db);
    expect(second.list().map(({ name }) => name)).toEqual(["other", "fresh"]);
    expect(await idsIn(mongod, db, "asp_checkpoints")).toEqual(["other"]);
    expect(await collectionsIn(mongod, db)).toEqual(["asp_checkpoints", "asp_processors", "asp_window.other"]);
    expect((await records.find().toArray()).map((record) => Object.keys(record))).not.toContain("formerName");
  });
});

describe("options of start", () => {
  test("without resuming it begins anew, and its counts go on", async () => {
    const { db, from, to, definition } = setUp();
    const workspace = await open(mongod, db);
    await workspace.create(definition);
    await workspace.start("orders");
    await insert(mongod, mongod.db, from, [{ _id: 1 }]);
    await workspace.caughtUp();
    await workspace.stop("orders");
    await insert(mongod, mongod.db, from, [{ _id: 2 }]);
    await workspace.start("orders", { resumeFromCheckpoint: false });
    await insert(mongod, mongod.db, from, [{ _id: 3 }]);
    await workspace.caughtUp();
    expect(await idsIn(mongod, mongod.db, to)).toEqual([1, 3]);
    expect((await workspace.stats("orders"))["stats"]).toMatchObject({ inputMessageCount: 2 });
  });

  test("startAtOperationTime, also as a text, begins where it says, and a crash before the first checkpoint forgets it not", async () => {
    const { db, from, to, definition } = setUp();
    const workspace = await open(mongod, db);
    await workspace.create(definition);
    const { operationTime } = await mongod.client.db("admin").command({ ping: 1 });
    await insert(mongod, mongod.db, from, [{ _id: 1 }]);
    await workspace.start("orders", { startAtOperationTime: operationTime });
    await workspace.caughtUp();
    expect(await idsIn(mongod, mongod.db, to)).toEqual([1]);
    await workspace.kill();
    await mongod.client.db(db).collection("asp_checkpoints").deleteMany({});
    await mongod.client.db(mongod.db).collection(to).deleteMany({});
    const again = await open(mongod, db);
    await again.caughtUp();
    expect(await idsIn(mongod, mongod.db, to)).toEqual([1]);
    await again.stop("orders");
    const text = new Date(operationTime.getHighBits() * 1000).toISOString();
    await expect(again.start("orders", { startAtOperationTime: text })).rejects.toMatchObject({
      code: "ASP5189",
      message: "`orders` has a checkpoint, and `startAtOperationTime` names another position",
    });
    await mongod.client.db(mongod.db).collection(to).deleteMany({});
    await again.start("orders", { startAtOperationTime: text, resumeFromCheckpoint: false });
    await again.caughtUp();
    expect(await idsIn(mongod, mongod.db, to)).toEqual([1]);
  });

  test("startAfter begins after a resume token", async () => {
    const { db, from, to, definition } = setUp();
    const stream = mongod.client.db(mongod.db).collection(from).watch();
    // It opens with the first request for an event.
    const first = stream.tryNext();
    await first;
    await insert(mongod, mongod.db, from, [{ _id: 1 }, { _id: 2 }, { _id: 3 }]);
    const { _id: token } = await stream.next();
    await stream.close();
    const workspace = await open(mongod, db);
    await workspace.create(definition);
    await workspace.start("orders", { startAfter: token as Document });
    await workspace.caughtUp();
    expect(await idsIn(mongod, mongod.db, to)).toEqual([2, 3]);
  });

  test("the state of a processor that was stopped for more than 45 days is gone", async () => {
    const { db, from, to, definition } = setUp();
    let nowMs = Date.now();
    const workspace = await open(mongod, db, { now: () => nowMs });
    await workspace.create(definition);
    await workspace.start("orders");
    await workspace.stop("orders");
    await insert(mongod, mongod.db, from, [{ _id: 1 }]);
    nowMs += 46 * 24 * 60 * 60 * 1000;
    await workspace.start("orders");
    await insert(mongod, mongod.db, from, [{ _id: 2 }]);
    await workspace.caughtUp();
    expect(await idsIn(mongod, mongod.db, to)).toEqual([2]);
  });

  test("a tier that is too small is refused in the documented words, and the largest of the workspace counts", async () => {
    const { db, definition } = setUp();
    const [source = {}] = definition.pipeline;
    const merge = { $merge: { into: { connectionName: "c", db: mongod.db, coll: freshName() }, parallelism: 12 } };
    const workspace = await open(mongod, db, { maxTier: "SP30" });
    await workspace.create({ name: "orders", pipeline: [source, merge], options: { tier: "SP30" } });
    await expect(workspace.start("orders", { tier: "SP10" })).rejects.toMatchObject({
      code: "ASP5191",
      message:
        "Operator parallelism requested exceeds limit for this tier. (Requested: 11, Limit: 8). Minimum tier for this workload: SP30 or larger.",
    });
    await expect(workspace.start("orders", { tier: "SP50" })).rejects.toMatchObject({ code: "ASP5191" });
    expect(workspace.get("orders")).toMatchObject({ state: "CREATED", tier: "SP30" });
    expect(await workspace.start("orders")).toMatchObject({ state: "STARTED" });
    expect((await workspace.stats("orders"))["stats"]).toMatchObject({ addedParallelism: 11 });
  });
});

describe("modify", () => {
  test("a changed stage keeps the checkpoint, and what came meanwhile goes through it", async () => {
    const { db, from, to, definition } = setUp();
    const workspace = await open(mongod, db);
    await workspace.create(definition);
    await workspace.start("orders");
    await workspace.stop("orders");
    await insert(mongod, mongod.db, from, [{ _id: 1 }]);
    const [source = {}, sink = {}] = definition.pipeline;
    const pipeline = [source, { $set: { changed: true } }, sink];
    const modified = await workspace.modify("orders", { pipeline, dlq: dlq(mongod.db, "dead").dlq });
    expect(modified).toMatchObject({
      pipelineVersion: 2,
      options: { dlq: { coll: "dead" } },
      effect: { effect: "keeps" },
    });
    await workspace.start("orders");
    await workspace.caughtUp();
    expect(await mongod.client.db(mongod.db).collection(to).find().toArray()).toEqual([{ _id: 1, changed: true }]);
    await workspace.stop("orders");
    expect((await workspace.modify("orders", { dlq: {} })).options).toBeUndefined();
  });

  test("another `$source` is refused, and taken where the checkpoint is given up", async () => {
    const { db, from, to, definition } = setUp();
    const workspace = await open(mongod, db);
    await workspace.create(definition);
    await workspace.start("orders");
    await workspace.stop("orders");
    const other = freshName();
    const pipeline = [eventsOf(mongod.db, other), mergeInto(mongod.db, to)];
    await expect(workspace.modify("orders", { pipeline })).rejects.toMatchObject({
      code: "ASP5188",
      message: expect.stringContaining("a position in one `$source`"),
      help: "modify with `resumeFromCheckpoint: false`, which gives up the position in `$source`",
    });
    expect(workspace.get("orders").pipeline).toEqual(definition.pipeline);
    await workspace.modify("orders", { pipeline, resumeFromCheckpoint: false });
    await workspace.start("orders");
    await insert(mongod, mongod.db, from, [{ _id: 1 }]);
    await insert(mongod, mongod.db, other, [{ _id: 2 }]);
    await workspace.caughtUp();
    expect(await idsIn(mongod, mongod.db, to)).toEqual([2]);
  });

  test("another inner pipeline runs over the open windows as a whole, and the name takes them along", async () => {
    const { db, from, to, definition } = windowed();
    const workspace = await open(mongod, db);
    await workspace.create(definition);
    await workspace.start("orders");
    await insert(mongod, mongod.db, from, [
      { k: "a", at: atMinute(1) },
      { k: "b", at: atMinute(2) },
    ]);
    await workspace.caughtUp();
    await workspace.stop("orders");
    const [source = {}, window, sink = {}] = definition.pipeline;
    const inner = [{ $group: { _id: "all", keys: { $addToSet: "$k" } } }, { $set: { keys: { $size: "$keys" } } }];
    const changed = { $tumblingWindow: { ...window?.["$tumblingWindow"], pipeline: inner } };
    const modified = await workspace.modify("orders", { name: "counts", pipeline: [source, changed, sink] });
    expect(modified).toMatchObject({ name: "counts", effect: { rule: "within-window" } });
    expect(await idsIn(mongod, db, "asp_checkpoints")).toEqual(["counts"]);
    await workspace.start("counts");
    await insert(mongod, mongod.db, from, [{ k: "c", at: atMinute(5) }]);
    await workspace.caughtUp();
    expect(await mongod.client.db(mongod.db).collection<Document>(to).find().toArray()).toEqual([
      { _id: "all", keys: 2 },
    ]);
    await workspace.drop("counts");
    expect(await collectionsIn(mongod, db)).toEqual(["asp_checkpoints", "asp_processors"]);
  });

  test.each<[string, Document, string]>([
    ["the interval", { interval: minutes(10) }, "`interval` of `$tumblingWindow` may not change"],
    ["an inner pipeline without `$group` and `$sort`", { pipeline: [{ $match: { k: 1 } }] }, ""],
  ])("%s of a window may not change", async (_, args, message) => {
    const { db, definition } = windowed(message === "" ? { pipeline: [{ $match: {} }] } : {});
    const workspace = await open(mongod, db);
    await workspace.create(definition);
    await workspace.start("orders");
    await workspace.stop("orders");
    const [source = {}, window, sink = {}] = definition.pipeline;
    const pipeline = [source, { $tumblingWindow: { ...window?.["$tumblingWindow"], ...args } }, sink];
    const refusal = {
      code: "ASP5188",
      message: expect.stringContaining(message === "" ? "has a `$group` or a `$sort`" : message),
    };
    await expect(workspace.modify("orders", { pipeline })).rejects.toMatchObject(refusal);
    await workspace.modify("orders", { pipeline, resumeFromCheckpoint: false });
    expect(await collectionsIn(mongod, db)).toEqual(["asp_checkpoints", "asp_processors"]);
  });

  test("a name that another processor has is refused", async () => {
    const { db, definition } = setUp();
    const workspace = await open(mongod, db);
    await workspace.create(definition);
    await workspace.create({ ...definition, name: "other" });
    await expect(workspace.modify("orders", { name: "other" })).rejects.toMatchObject({ code: "ASP5186" });
  });
});

describe("failures", () => {
  test("what its user can put right is tried again, and goes on once it is", async () => {
    const { db, from, definition } = setUp();
    const [source = {}] = definition.pipeline;
    const to = freshName();
    const { seen, onState } = watchStates();
    const workspace = await open(mongod, db, { onState, retryPausesMs: [50, 50, 50, 50, 50, 50, 50, 50, 50, 50] });
    await workspace.create({ name: "orders", pipeline: [source, mergeInto(mongod.db, to, { on: "k" })] });
    const started = await workspace.start("orders");
    expect(started).toMatchObject({ state: "STARTED", error: { code: "ASP5105", retried: true } });
    await mongod.client.db(mongod.db).createIndex(to, { k: 1 }, { unique: true });
    await expect.poll(() => workspace.get("orders").error).toBeUndefined();
    await insert(mongod, mongod.db, from, [{ _id: 1, k: 1 }]);
    await workspace.caughtUp();
    expect(await idsIn(mongod, mongod.db, to)).toEqual([1]);
    expect(seen).not.toContain("orders: STARTED > FAILED");
  });

  test("tried often enough it is FAILED, and can be started again", async () => {
    const { db, definition } = setUp();
    const [source = {}] = definition.pipeline;
    const to = freshName();
    const workspace = await open(mongod, db, { retryPausesMs: [10, 10] });
    await workspace.create({ name: "orders", pipeline: [source, mergeInto(mongod.db, to, { on: "k" })] });
    await workspace.start("orders");
    await expect.poll(() => workspace.get("orders").state).toBe("FAILED");
    expect(workspace.get("orders").error).toMatchObject({ code: "ASP5105", retried: false });
    expect((await workspace.stats("orders"))["stats"]).toMatchObject({ status: "error" });
    await mongod.client.db(mongod.db).createIndex(to, { k: 1 }, { unique: true });
    const again = await workspace.start("orders");
    expect(again).toMatchObject({ state: "STARTED" });
    expect(again.error).toBeUndefined();
  });

  test("what stays is FAILED at once, and stays so when the workspace is opened again", async () => {
    const { db, definition } = setUp({ $match: { $expr: { $getField: { field: 1, input: {} } } } });
    const workspace = await open(mongod, db);
    await workspace.create(definition);
    expect(await workspace.start("orders")).toMatchObject({
      state: "FAILED",
      error: { code: "ASP5107", retried: false, server: { code: 420, codeName: "StreamProcessorInvalidOptions" } },
    });
    await workspace.close();
    const again = await open(mongod, db);
    expect(again.get("orders")).toMatchObject({ state: "FAILED", error: { code: "ASP5107" } });
  });
});
