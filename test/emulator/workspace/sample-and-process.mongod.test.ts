import type { Document } from "bson";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Process } from "../../../src/emulator/workspace/process.ts";
import type { Sample } from "../../../src/emulator/workspace/sampler.ts";
import { plainNumbers } from "../../../src/emulator/workspace/plain-numbers.ts";
import { connectMongod, type TestDatabase } from "../../support/mongod.ts";
import { eventsOf, freshName, mergeInto } from "../../engine/support.ts";
import { collectionsIn, idsIn, insert, open } from "./support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

async function takeAll(from: Sample, ended?: Promise<void>): Promise<readonly Document[]> {
  const taken: Document[] = [];
  while (!from.isOver) {
    taken.push(...from.take(10));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await ended;
  return taken.map((document) => plainNumbers(document) as Document);
}

describe("sample", () => {
  test("gives what goes to the sink from now on, and dead letters as the shell shows them", async () => {
    const [db, from, to] = [mongod.freshDb(), freshName(), freshName()];
    const workspace = await open(mongod, db, { name: "commerce" });
    const stages = [{ $set: { half: { $divide: [1, "$a"] } } }];
    await workspace.create({ name: "p", pipeline: [eventsOf(mongod.db, from), ...stages, mergeInto(mongod.db, to)] });
    await workspace.start("p");
    await insert(mongod, mongod.db, from, [{ _id: 0, a: 1 }]);
    await workspace.caughtUp();
    const sample = workspace.sample("p");
    const other = workspace.sample("p", { limit: 1 });
    await insert(mongod, mongod.db, from, [{ _id: 1, a: 2 }]);
    await insert(mongod, mongod.db, from, [{ _id: 2, a: 0 }]);
    await workspace.caughtUp();
    const messages = sample.take(5).map((document) => plainNumbers(document) as Document);
    expect(messages).toEqual([
      { _id: 1, a: 2, half: 0.5 },
      {
        _dlqMessage: {
          _stream_meta: { source: expect.objectContaining({ type: "atlas", operationType: "insert" }) },
          errInfo: { reason: "can't $divide by zero" },
          doc: { _id: 2, a: 0 },
          processorName: "p",
          workspaceName: "commerce",
          dlqTime: expect.any(Date),
        },
      },
    ]);
    expect(Object.keys(messages[1]?.["_dlqMessage"])).toEqual([
      "_stream_meta",
      "errInfo",
      "doc",
      "processorName",
      "workspaceName",
      "dlqTime",
    ]);
    expect([sample.isOver, sample.take(5)]).toEqual([false, []]);
    expect([other.take(5).length, other.isOver]).toEqual([1, true]);
    await workspace.stop("p");
    expect(sample.isOver).toBe(true);
  });

  test("one whose reader does not come holds nobody up, and keeps a bounded part", async () => {
    const [db, from, to] = [mongod.freshDb(), freshName(), freshName()];
    const workspace = await open(mongod, db);
    await workspace.create({ name: "p", pipeline: [eventsOf(mongod.db, from), mergeInto(mongod.db, to)] });
    await workspace.start("p");
    const sample = workspace.sample("p");
    const text = "x".repeat(100_000);
    await insert(
      mongod,
      mongod.db,
      from,
      Array.from({ length: 100 }, (_, index) => ({ _id: index, text })),
    );
    await workspace.caughtUp();
    expect((await idsIn(mongod, mongod.db, to)).length).toBe(100);
    const { length } = sample.take(1000);
    expect(length).toBeGreaterThan(10);
    expect(length).toBeLessThan(50);
  });
});

describe("process", () => {
  const documents = Array.from({ length: 30 }, (_, index) => ({ _id: index, a: index }));

  test("runs a pipeline without a sink, hands over everything, and leaves nothing", async () => {
    const db = mongod.freshDb();
    const workspace = await open(mongod, db);
    const stages = [{ $match: { a: { $ne: 1 } } }, { $set: { b: { $divide: [10, "$a"] } } }];
    const process = await workspace.process([{ $source: { documents } }, ...stages]);
    const messages = await takeAll(process, process.ended);
    expect(messages.length).toBe(29);
    expect(messages.filter((message) => "_dlqMessage" in message)).toMatchObject([
      { _dlqMessage: { doc: { _id: 0 }, errInfo: { reason: "can't $divide by zero" } } },
    ]);
    expect(workspace.list()).toEqual([]);
    expect(await idsIn(mongod, db, "asp_checkpoints")).toEqual([]);
  });

  test("nothing of much output is left out: the pipeline waits for its reader", async () => {
    const workspace = await open(mongod, mongod.freshDb());
    const large = {
      documents: { $map: { input: { $range: [0, 200] }, in: { _id: "$$this", text: "x".repeat(100_000) } } },
    };
    const process = await workspace.process([{ $source: large }]);
    expect((await takeAll(process, process.ended)).map(({ _id }) => _id)).toEqual(
      Array.from({ length: 200 }, (_, index) => index),
    );
  });

  test("the sample data gives documents within a second", async () => {
    const workspace = await open(mongod, mongod.freshDb());
    const startedAtMs = performance.now();
    const process = await workspace.process([{ $source: { connectionName: "sample_stream_solar" } }]);
    let taken: readonly Document[] = [];
    while (taken.length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      taken = process.take(5);
    }
    expect(performance.now() - startedAtMs).toBeLessThan(1000);
    expect(taken[0]).toMatchObject({ device_id: expect.stringContaining("device_"), obs: {} });
    await process.close();
  });

  test("with a sink it writes there, too", async () => {
    const to = freshName();
    const workspace = await open(mongod, mongod.freshDb());
    const process = await workspace.process([{ $source: { documents } }, mergeInto(mongod.db, to)]);
    expect((await takeAll(process, process.ended)).length).toBe(30);
    expect((await idsIn(mongod, mongod.db, to)).length).toBe(30);
  });

  test("an interrupt ends it, and what its windows kept is gone", async () => {
    const [db, from] = [mongod.freshDb(), freshName()];
    const workspace = await open(mongod, db);
    const window = {
      $tumblingWindow: { interval: { size: 1, unit: "hour" }, pipeline: [{ $group: { _id: null, n: { $sum: 1 } } }] },
    };
    const process = await workspace.process([eventsOf(mongod.db, from), window]);
    await insert(mongod, mongod.db, from, [{ _id: 1 }]);
    await expect.poll(() => collectionsIn(mongod, db)).toContain(`asp_window.${process.name}`);
    await process.close();
    expect(process.isOver).toBe(true);
    expect(await collectionsIn(mongod, db)).toEqual(["asp_checkpoints", "asp_processors"]);
    expect(await idsIn(mongod, db, "asp_checkpoints")).toEqual([]);
  });

  test("it ends after ten minutes of engine time", async () => {
    let nowMs = Date.now();
    const workspace = await open(mongod, mongod.freshDb(), { clock: () => nowMs });
    const process = await workspace.process([eventsOf(mongod.db, freshName())]);
    nowMs += 9 * 60_000 + 59_000;
    process.take(1);
    expect(process.isOver).toBe(false);
    nowMs += 1000;
    process.take(1);
    expect(process.isOver).toBe(true);
    await process.ended;
  });

  test("what a crash left of one is taken away when the workspace is opened again", async () => {
    const db = mongod.freshDb();
    const name = "asp-process-left";
    await mongod.client
      .db(db)
      .collection("asp_checkpoints")
      .insertOne({ _id: name as never });
    await mongod.client.db(db).createCollection(`asp_window.${name}`);
    await open(mongod, db);
    expect(await collectionsIn(mongod, db)).toEqual(["asp_checkpoints", "asp_processors"]);
  });

  test("one that cannot start says why", async () => {
    const db = mongod.freshDb();
    const workspace = await open(mongod, db);
    const stages = [{ $match: { $expr: { $getField: { field: 1, input: {} } } } }];
    const process = async (): Promise<Process> => workspace.process([{ $source: { documents } }, ...stages]);
    await expect(process()).rejects.toMatchObject({ code: "ASP5107" });
    await expect(workspace.process([{ $source: { documents } }, { $mach: {} }])).rejects.toMatchObject({
      code: "ASP5192",
    });
    expect(await idsIn(mongod, db, "asp_checkpoints")).toEqual([]);
  });
});
