import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Environment } from "../../src/config/environment.ts";
import { createCollection } from "../../src/deploy/apply/steps/create-collection.ts";
import { createIndex } from "../../src/deploy/apply/steps/create-index.ts";
import { createWorkspace } from "../../src/deploy/apply/steps/create-workspace.ts";
import { editWorkspace } from "../../src/deploy/apply/steps/edit-workspace.ts";
import { openRemoteClusters, type RemoteClusters } from "../../src/deploy/clusters/open-remote-clusters.ts";
import { readClusters } from "../../src/deploy/clusters/read-clusters.ts";
import { parsePlanFile, toPlanFile } from "../../src/deploy/plan/plan-file.ts";
import type { Step } from "../../src/deploy/plan/step.ts";
import { toDesiredCollections } from "../../src/deploy/read-desired-collections.ts";
import type { Definition } from "../../src/stages/definition.ts";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";
import { environment as base, planOf, remoteOf } from "./model.ts";
import { arm, openEmulator, openTarget } from "./support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const { signal } = new AbortController();
const open = (environment: Environment): RemoteClusters => {
  const clusters = openRemoteClusters(environment, { env: {}, signal, selectionTimeoutMs: 200 });
  onTestFinished(() => clusters.close());
  return clusters;
};

/** An environment whose `shop` is a database of its own. */
function environmentOf(collections: Environment["collections"], uri?: string): Environment {
  const domain = { type: "Cluster" as const, name: "commerce", ...(uri !== undefined && { uri }) };
  return { ...base, databases: { shop: mongod.freshDb() }, connections: { domain }, collections };
}

const merging = (db: string, coll: string, on: readonly string[]): Definition => ({
  name: "totals",
  pipeline: [
    { $source: { connectionName: "commerce", db, coll: "events" } },
    { $merge: { into: { connectionName: "commerce", db, coll }, on: [...on] } },
  ],
});

async function plan(environment: Environment, definitions: readonly Definition[], clusters = open(environment)) {
  const desired = toDesiredCollections(environment, definitions, { only: false });
  return planOf([], remoteOf(), { collections: { desired, clusters: await readClusters(desired, clusters) } });
}

/** As a plan that was kept does it. */
async function apply(steps: readonly Step[], clusters: RemoteClusters): Promise<void> {
  const scope = { processors: [], connections: [] };
  const kept = toPlanFile({ environment: "e", workspace: null, target: "t", scope, digest: "", parts: {}, steps });
  for (const step of parsePlanFile(kept)?.steps ?? []) {
    if (step.kind === "create-index") await createIndex(step, { clusters });
    else if (step.kind === "create-collection" || step.kind === "edit-collection") {
      await createCollection(step, { clusters });
    } else throw new Error(`it is ${step.kind}`);
  }
}

const full = {
  connectionName: "domain",
  db: "shop",
  coll: "orders",
  indexes: [
    { key: { customerId: 1, at: -1 }, unique: true, name: "by customer" },
    { key: { status: 1 }, partialFilterExpression: { at: { $gt: { $date: "2020-01-01T00:00:00Z" } } } },
    { key: { title: "text" } },
    { key: { at: 1 }, expireAfterSeconds: 3600, collation: { locale: "de" } },
  ],
  validator: { total: { $type: "number" } },
  changeStreamPreAndPostImages: { enabled: true },
};

describe("collections and indexes of a cluster", () => {
  test("are as the config has them after the steps, and then there is nothing to do; the steps again change nothing", async () => {
    const environment = environmentOf([full], mongod.uri);
    const { shop: db = "" } = environment.databases;
    const clusters = open(environment);
    const definitions = [merging(db, "totals", ["day", "customerId"])];
    const { steps, findings } = await plan(environment, definitions, clusters);
    expect(findings).toEqual([]);
    expect(steps.map(({ kind }) => kind)).toEqual([
      "create-collection",
      ...Array.from({ length: 5 }, () => "create-index"),
    ]);
    await apply(steps, clusters);
    expect(await plan(environment, definitions, clusters)).toMatchObject({ steps: [], findings: [] });
    await apply(steps, clusters);
    const database = mongod.client.db(db);
    expect(await database.collection("totals").indexes()).toMatchObject([
      { key: { _id: 1 } },
      { key: { day: 1, customerId: 1 }, unique: true },
    ]);
    expect(await database.collection("orders").indexes()).toHaveLength(5);
    const [orders] = await database.listCollections({ name: "orders" }).toArray();
    expect(orders).toMatchObject({ options: { changeStreamPreAndPostImages: { enabled: true } } });
  });

  test("that somebody has made are changed where that can be, and kept", async () => {
    const environment = environmentOf([full], mongod.uri);
    const orders = mongod.client.db(environment.databases["shop"]).collection<{ _id: number }>("orders");
    await orders.insertOne({ _id: 1 });
    const clusters = open(environment);
    const { steps } = await plan(environment, [], clusters);
    expect(steps[0]).toMatchObject({
      kind: "edit-collection",
      fields: [{ field: "validator" }, { field: "changeStreamPreAndPostImages" }],
    });
    await apply(steps, clusters);
    expect(await plan(environment, [], clusters)).toMatchObject({ steps: [], findings: [] });
    expect(await orders.countDocuments()).toBe(1);
  });

  test("an index in the way is never dropped: not by the plan, nor by a step whose plan did not see it", async () => {
    const environment = environmentOf([{ ...full, indexes: [{ key: { a: 1 }, unique: true }] }], mongod.uri);
    const orders = mongod.client.db(environment.databases["shop"]).collection("orders");
    const clusters = open(environment);
    const { steps } = await plan(environment, [], clusters);
    await orders.createIndex({ a: 1 });
    await expect(apply(steps, clusters)).rejects.toMatchObject({ code: "ASP4130" });
    const again = await plan(environment, [], clusters);
    expect(again.findings).toMatchObject([{ code: "ASP6063" }]);
    expect(again.steps.map(({ kind }) => kind)).toEqual([]);
    expect(await orders.indexes()).toMatchObject([{ key: { _id: 1 } }, { key: { a: 1 } }]);
  });

  test("documents that no unique index takes are told by the server's own words", async () => {
    const environment = environmentOf([], mongod.uri);
    const { shop: db = "" } = environment.databases;
    await mongod.client
      .db(db)
      .collection("totals")
      .insertMany([{ a: 1 }, { a: 1 }]);
    const clusters = open(environment);
    const { steps } = await plan(environment, [merging(db, "totals", ["a"])], clusters);
    await expect(apply(steps, clusters)).rejects.toMatchObject({
      code: "ASP4131",
      message: expect.stringContaining("duplicate key"),
    });
  });

  test("of a cluster without an address, and of one where nobody answers, are told and not failed over", async () => {
    expect((await plan(environmentOf([full]), [])).findings).toMatchObject([
      { code: "ASP6062", severity: "info", message: expect.stringContaining("has no `uri`") },
    ]);
    const unset = await plan(environmentOf([full], "${DOMAIN_URI}"), []);
    expect(unset.findings).toMatchObject([{ message: expect.stringContaining("`DOMAIN_URI` is not set") }]);
    const { findings } = await plan(environmentOf([full], "mongodb://u:s3cret@127.0.0.1:1/"), []);
    expect(findings).toMatchObject([
      { code: "ASP6062", message: expect.stringContaining("cannot connect to the cluster of connection `domain`") },
    ]);
    expect(JSON.stringify(findings)).not.toContain("s3cret");
  });

  test("with --only, those that no processor names are left out", () => {
    const environment = environmentOf([full, { ...full, coll: "others" }]);
    const { shop: db = "" } = environment.databases;
    const desired = toDesiredCollections(environment, [merging(db, "orders", ["_id"])], { only: true });
    expect(desired.map(({ coll }) => coll)).toEqual(["orders"]);
  });
});

describe("a workspace", () => {
  const step = {
    kind: "create-workspace",
    workspace: "made",
    settings: { provider: "AZURE", region: "westeurope", tier: "SP5" },
  } as const;

  test.each([
    ["without a fault", []],
    [
      "that is not found at first",
      [{ operation: "getGroupStreamProcessors", status: 404, errorCode: "STREAM_TENANT_NOT_FOUND_FOR_NAME" }],
    ],
    ["whose reply is lost", [{ operation: "createGroupStreamWorkspace", status: 504, applied: true }]],
  ])("is made, awaited, and made again without a word: %s", async (_, faults) => {
    const emulator = await openEmulator(mongod);
    const target = await openTarget("admin-api, service account", emulator, { workspace: "made" });
    await arm(emulator, faults);
    await createWorkspace(step, { target, signal, pauseMs: 10 });
    expect(await target.workspace()).toEqual(step.settings);
    expect(await target.processors()).toEqual([]);
    await createWorkspace(step, { target, signal });
    await editWorkspace(
      { kind: "edit-workspace", workspace: "made", change: { tier: "SP10" }, fields: [] },
      { target },
    );
    expect(await target.workspace()).toMatchObject({ tier: "SP10" });
  });

  test("that never answers is told", async () => {
    const emulator = await openEmulator(mongod);
    const target = await openTarget("admin-api, service account", emulator, { workspace: "made" });
    const errorCode = "STREAM_TENANT_NOT_FOUND_FOR_NAME";
    await arm(emulator, [{ operation: "getGroupStreamProcessors", status: 404, errorCode, always: true }]);
    await expect(createWorkspace(step, { target, signal, pauseMs: 5, longestMs: 30 })).rejects.toMatchObject({
      code: "ASP6065",
    });
  });
});
