import type { Document } from "bson";
import { MongoClient } from "mongodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Definition } from "../../../src/stages/definition.ts";
import type { Workspace, WorkspaceOptions } from "../../../src/emulator/workspace/workspace-types.ts";
import { startReplicaSet, type ReplicaSet } from "../../support/replica-set.ts";
import type { TestDatabase } from "../../support/mongod.ts";
import { eventsOf, freshName, mergeInto } from "../../engine/support.ts";
import { idsIn, insert, open as openOn, watchStates } from "./support.ts";

// What becomes of a command that mongod refuses in the middle.

let replicaSet: ReplicaSet;
let mongod: TestDatabase;
beforeAll(async () => {
  replicaSet = await startReplicaSet({ failPoints: true });
  const client = await new MongoClient(replicaSet.uri).connect();
  mongod = { client, uri: replicaSet.uri, db: "shop", freshDb: freshName, close: () => client.close() };
});
afterAll(async () => {
  await mongod.close();
  await replicaSet[Symbol.asyncDispose]();
});

const open = (db: string, options: Partial<WorkspaceOptions> = {}): Promise<Workspace> => openOn(mongod, db, options);

interface Setup {
  readonly db: string;
  readonly from: string;
  readonly to: string;
  readonly definition: Definition;
}

function setUp(): Setup {
  const [db, from, to] = [freshName(), freshName(), freshName()];
  return { db, from, to, definition: { name: "orders", pipeline: [eventsOf("shop", from), mergeInto("shop", to)] } };
}

const noPermission = 13;

/** Commands of a kind over a collection are refused. */
async function whileRefused<Result>(
  { command, namespace }: { readonly command: string; readonly namespace: string },
  work: () => Promise<Result>,
): Promise<Result> {
  const data = { failCommands: [command], namespace, errorCode: noPermission };
  const admin = mongod.client.db("admin");
  await admin.command({ configureFailPoint: "failCommand", mode: "alwaysOn", data });
  try {
    return await work();
  } finally {
    await admin.command({ configureFailPoint: "failCommand", mode: "off" });
  }
}

async function running(setup: Setup, options: Partial<WorkspaceOptions> = {}): Promise<Workspace> {
  const workspace = await open(setup.db, options);
  await workspace.create(setup.definition);
  await workspace.start("orders");
  await insert(mongod, "shop", setup.from, [{ _id: 1 }]);
  await workspace.caughtUp();
  return workspace;
}

describe("a command that mongod refuses can be given again", () => {
  test("stop", async () => {
    const setup = setUp();
    const workspace = await running(setup);
    const records = `${setup.db}.asp_processors`;
    await whileRefused({ command: "update", namespace: records }, () =>
      expect(workspace.stop("orders")).rejects.toThrow(/failpoint/),
    );
    expect(await workspace.stop("orders")).toMatchObject({ state: "STOPPED" });
  });

  test("start", async () => {
    const setup = setUp();
    const workspace = await open(setup.db);
    await workspace.create(setup.definition);
    await whileRefused({ command: "update", namespace: `${setup.db}.asp_processors` }, () =>
      expect(workspace.start("orders")).rejects.toThrow(/failpoint/),
    );
    expect(workspace.get("orders").state).toBe("CREATED");
    expect(await workspace.start("orders")).toMatchObject({ state: "STARTED" });
  });

  test("drop", async () => {
    const setup = setUp();
    const workspace = await running(setup);
    await whileRefused({ command: "delete", namespace: `${setup.db}.asp_checkpoints` }, () =>
      expect(workspace.drop("orders")).rejects.toThrow(/failpoint/),
    );
    await workspace.drop("orders");
    expect(workspace.list()).toEqual([]);
    expect(await idsIn(mongod, setup.db, "asp_checkpoints")).toEqual([]);
  });

  test("a new name, which takes the checkpoint along whatever comes between", async () => {
    const setup = setUp();
    const workspace = await running(setup);
    await workspace.stop("orders");
    await whileRefused({ command: "update", namespace: `${setup.db}.asp_checkpoints` }, () =>
      expect(workspace.modify("orders", { name: "once" })).rejects.toThrow(/failpoint/),
    );
    expect(workspace.get("once").state).toBe("STOPPED");
    await insert(mongod, "shop", setup.from, [{ _id: 2 }]);
    await workspace.modify("once", { name: "twice" });
    await workspace.start("twice");
    await workspace.caughtUp();
    expect(await idsIn(mongod, "shop", setup.to)).toEqual([1, 2]);
    expect(await idsIn(mongod, setup.db, "asp_checkpoints")).toEqual(["twice"]);
  });

  test("a checkpoint that was to be given up is given up before the next start, and not after it", async () => {
    const setup = setUp();
    const workspace = await running(setup);
    await workspace.stop("orders");
    await whileRefused({ command: "delete", namespace: `${setup.db}.asp_checkpoints` }, () =>
      expect(workspace.modify("orders", { tier: "SP30", resumeFromCheckpoint: false })).rejects.toThrow(/failpoint/),
    );
    await insert(mongod, "shop", setup.from, [{ _id: 2 }]);
    await workspace.start("orders");
    await insert(mongod, "shop", setup.from, [{ _id: 3 }]);
    await workspace.caughtUp();
    expect(await idsIn(mongod, "shop", setup.to)).toEqual([1, 3]);
    await workspace.close();
    await insert(mongod, "shop", setup.from, [{ _id: 4 }]);
    const again = await open(setup.db);
    await again.caughtUp();
    expect(await idsIn(mongod, "shop", setup.to)).toEqual([1, 3, 4]);
  });
});

test("a change that is refused for its name gives up no checkpoint", async () => {
  const setup = setUp();
  const workspace = await running(setup);
  await workspace.stop("orders");
  const changing = workspace.modify("orders", { name: "other", resumeFromCheckpoint: false });
  const creating = workspace.create({ ...setup.definition, name: "other" });
  const results = await Promise.allSettled([changing, creating]);
  expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  if (results[0].status === "rejected") expect(await idsIn(mongod, setup.db, "asp_checkpoints")).toEqual(["orders"]);
});

test("a processor that FAILED is so also where that cannot be kept", async () => {
  const setup = setUp();
  const { seen, onState } = watchStates();
  const workspace = await open(setup.db, { retryPausesMs: [300], onState });
  await workspace.create({
    ...setup.definition,
    pipeline: [eventsOf("shop", setup.from), mergeInto("shop", setup.to, { on: "k" })],
  });
  expect(await workspace.start("orders")).toMatchObject({ state: "STARTED", error: { retried: true } });
  await whileRefused({ command: "update", namespace: `${setup.db}.asp_processors` }, async () => {
    await expect.poll(() => workspace.get("orders").state).toBe("FAILED");
  });
  expect(workspace.get("orders").error).toMatchObject({ code: "ASP5105" });
  expect(seen.at(-1)).toMatch(/> FAILED$/);
  const kept = mongod.client.db(setup.db).collection<Document>("asp_processors");
  await expect.poll(async () => (await kept.findOne())?.["state"], { timeout: 5000 }).toBe("FAILED");
});

describe("a workspace that is closed", () => {
  test("takes no more commands, and leaves nothing running that was being started", async () => {
    const setup = setUp();
    const workspace = await open(setup.db);
    await workspace.create(setup.definition);
    await workspace.create({ ...setup.definition, name: "idle" });
    const started = workspace.start("orders").catch(() => undefined);
    const isOver = workspace.process([eventsOf("shop", setup.from)]).then(
      (one) => one.ended.then(() => true),
      () => true,
    );
    await workspace.close();
    await started;
    expect(await isOver).toBe(true);
    const closed = { code: "ASP5216" };
    await expect(workspace.start("idle")).rejects.toMatchObject(closed);
    await expect(workspace.create({ ...setup.definition, name: "third" })).rejects.toMatchObject(closed);
    await expect(workspace.drop("idle")).rejects.toMatchObject(closed);
    await expect(workspace.process([eventsOf("shop", setup.from)])).rejects.toMatchObject(closed);
    const openCursors = async (): Promise<number> => {
      const { metrics } = await mongod.client.db("admin").command({ serverStatus: 1 });
      return Number(metrics.cursor.open.total);
    };
    // The driver closes cursors behind our back.
    await expect.poll(openCursors, { timeout: 5000 }).toBe(0);
  });
});
