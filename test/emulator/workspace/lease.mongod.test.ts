import { hostname } from "node:os";
import { ObjectId, type Document } from "bson";
import { MongoClient, type Collection } from "mongodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startMongod } from "../../../src/mongod/start-mongod.ts";
import type { Workspace } from "../../../src/emulator/workspace/workspace-types.ts";
import { connectMongod, type TestDatabase } from "../../support/mongod.ts";
import { eventsOf, freshName, mergeInto } from "../../engine/support.ts";
import { idsIn, insert, open } from "./support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const leaseIn = (db: string): Collection<Document> => mongod.client.db(db).collection<Document>("asp_lease");
const secondsOf = async (work: Promise<unknown>): Promise<number> => {
  const from = performance.now();
  await work;
  return (performance.now() - from) / 1000;
};

async function running(
  db: string,
): Promise<{ readonly workspace: Workspace; readonly from: string; readonly to: string }> {
  const [from, to] = [freshName(), freshName()];
  const workspace = await open(mongod, db);
  await workspace.create({ name: "p", pipeline: [eventsOf(mongod.db, from), mergeInto(mongod.db, to)] });
  await workspace.start("p");
  return { workspace, from, to };
}

test("a second workspace over the same database is refused at once, and the first goes on", async () => {
  const db = mongod.freshDb();
  const { workspace, from, to } = await running(db);
  const second = open(mongod, db);
  const seconds = secondsOf(second.catch(() => undefined));
  await expect(second).rejects.toMatchObject({
    code: "ASP5215",
    message: expect.stringContaining(
      `the processors of database \`${db}\` are run by another process on host ${hostname()}, since 20`,
    ),
  });
  expect(await seconds).toBeLessThan(3);
  await insert(mongod, mongod.db, from, [{ _id: 1 }]);
  await workspace.caughtUp();
  expect(await idsIn(mongod, mongod.db, to)).toEqual([1]);
});

test("closed, it is free at once", async () => {
  const db = mongod.freshDb();
  await (await open(mongod, db)).close();
  expect(await leaseIn(db).countDocuments()).toBe(0);
  expect(await secondsOf(open(mongod, db))).toBeLessThan(1);
});

test("after a crash it is free within a few seconds", async () => {
  const db = mongod.freshDb();
  await leaseIn(db).insertOne({
    _id: "workspace" as never,
    owner: new ObjectId(),
    host: "a",
    pid: 1,
    beat: new Date(),
  });
  expect(await secondsOf(open(mongod, db))).toBeLessThan(6);
});

test("taken over, it ends, and says so", async () => {
  const db = mongod.freshDb();
  const { workspace, from, to } = await running(db);
  await leaseIn(db).updateOne({}, { $set: { owner: new ObjectId(), host: "elsewhere" } });
  const refusal = {
    code: "ASP5216",
    message: expect.stringContaining("it is run by another process on host elsewhere"),
  };
  await expect
    .poll(() => workspace.start("p").catch((error: unknown) => error), { timeout: 5000 })
    .toMatchObject(refusal);
  await workspace.close();
  await insert(mongod, mongod.db, from, [{ _id: 1 }]);
  expect((await mongod.client.db(db).collection("asp_processors").findOne())?.["state"]).toBe("STARTED");
  expect(await idsIn(mongod, mongod.db, to)).toEqual([]);
  expect(await leaseIn(db).countDocuments()).toBe(1);
});

test("a mongod that does not answer holds up neither a close nor a kill for long", async () => {
  await using own = await startMongod({ env: process.env });
  const client = await new MongoClient(own.uri).connect();
  const database: TestDatabase = { client, uri: own.uri, db: "shop", freshDb: freshName, close: () => client.close() };
  const opened = await Promise.all(["a", "b"].map((db) => open(database, db)));
  try {
    const window = {
      $tumblingWindow: {
        interval: { size: 1, unit: "day" },
        pipeline: [{ $group: { _id: "$k" } }, { $sort: { _id: 1 } }, { $limit: 1 }],
      },
    };
    for (const workspace of opened) {
      await workspace.create({ name: "w", pipeline: [eventsOf("shop", "events"), window, mergeInto("shop", "out")] });
      await workspace.create({ name: "p", pipeline: [eventsOf("shop", "events"), mergeInto("shop", "copy")] });
      await workspace.start("w");
      await workspace.start("p");
    }
    await insert(database, "shop", "events", [{ k: 1 }]);
    await Promise.all(opened.map((workspace) => workspace.caughtUp()));
    process.kill(own.pid, "SIGSTOP");
    const [closed, killed] = await Promise.all([
      secondsOf((opened[0] as Workspace).close().catch(() => undefined)),
      secondsOf((opened[1] as Workspace).kill()),
    ]);
    expect(closed).toBeLessThan(20);
    expect(killed).toBeLessThan(10);
  } finally {
    process.kill(own.pid, "SIGCONT");
    await client.close();
  }
});
