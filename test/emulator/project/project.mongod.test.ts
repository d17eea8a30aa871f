import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { ProjectOptions } from "../../../src/emulator/project/project.ts";
import type { Project, TenantRequest } from "../../../src/emulator/project-types.ts";
import { eventsOf, freshName, mergeInto } from "../../engine/support.ts";
import { connectMongod, type TestDatabase } from "../../support/mongod.ts";
import { environment, openTestProject } from "./support.ts";
import { idsIn, insert } from "../workspace/support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const virginia = { cloudProvider: "AWS", region: "VIRGINIA_USA" };
const commerce: TenantRequest = { name: "commerce", dataProcessRegion: virginia };
const cluster = { type: "Cluster", clusterName: "Cluster0" } as const;

const open = (db: string, options: Partial<ProjectOptions> = {}): Promise<Project> =>
  openTestProject(mongod, { db, ...options });

const refused = (code: string, message: RegExp | string = /./) => ({ code, message: expect.stringMatching(message) });

describe("workspaces of a project", () => {
  test("are made, changed, listed in order and taken away with all that they kept", async () => {
    const project = await open(mongod.freshDb());
    expect(project.id).toMatch(/^[0-9a-f]{24}$/);
    const { record } = await project.create(commerce);
    expect(record).toMatchObject({ name: "commerce", tier: "SP10", maxTier: "SP50", dataProcessRegion: virginia });
    await project.create({ ...commerce, name: "billing", tier: "SP30" });
    await expect(project.create(commerce)).rejects.toMatchObject(refused("ASP5300", "commerce"));
    await expect(project.change("nowhere", {})).rejects.toMatchObject(refused("ASP5301"));
    await project.change("commerce", { tier: "SP30", maxTier: "SP30" });
    expect(project.tenants().map((each) => [each.record.name, each.record.tier])).toEqual([
      ["commerce", "SP30"],
      ["billing", "SP30"],
    ]);
    expect(project.find("commerce")?.workspace.defaults).toEqual({ tier: "SP30", maxTier: "SP30" });
    await project.remove("commerce");
    expect(project.find("commerce")).toBeUndefined();
    const { databases } = await mongod.client.db("admin").admin().listDatabases();
    expect(databases.map(({ name }) => name)).not.toContain(`asp_${record.id}`);
  });

  test("of the same name at the same time: one is made", async () => {
    const project = await open(mongod.freshDb());
    const results = await Promise.allSettled([project.create(commerce), project.create(commerce)]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect(project.tenants()).toHaveLength(1);
  });

  test("come back with their connections and processors, which go on where they were", async () => {
    const db = mongod.freshDb();
    const [from, to] = [freshName(), freshName()];
    const definition = { name: "orders", pipeline: [eventsOf(mongod.db, from), mergeInto(mongod.db, to)] };
    const first = await open(db);
    const { connections, workspace } = await first.create(commerce);
    await connections.create("c", cluster);
    await workspace.create(definition);
    await workspace.start("orders");
    await insert(mongod, mongod.db, from, [{ _id: 1 }]);
    await workspace.caughtUp();
    const resource = await first.resources.create("privateLink", { provider: "AZURE" });
    await first.close();
    await insert(mongod, mongod.db, from, [{ _id: 2 }]);

    const second = await open(db);
    expect(second.id).toBe(first.id);
    expect(second.resources.find("privateLink", resource.id)).toEqual(resource);
    const again = second.find("commerce");
    expect(again?.connections.list().map(({ name, state }) => [name, state])).toEqual([["c", "READY"]]);
    expect(again?.workspace.list()).toMatchObject([{ name: "orders", state: "STARTED" }]);
    await again?.workspace.caughtUp();
    expect(await idsIn(mongod, mongod.db, to)).toEqual([1, 2]);
  });

  test("are not taken away while a processor is started", async () => {
    const project = await open(mongod.freshDb());
    const { connections, workspace } = await project.create(commerce);
    await connections.create("c", cluster);
    const pipeline = [eventsOf(mongod.db, freshName()), mergeInto(mongod.db, freshName())];
    await workspace.create({ name: "orders", pipeline });
    await workspace.start("orders");
    await expect(project.remove("commerce")).rejects.toMatchObject(refused("ASP5306", "orders"));
    await workspace.stop("orders");
    await project.remove("commerce");
    expect(project.tenants()).toEqual([]);
  });
});

describe("connections of a workspace", () => {
  test("are PENDING, then READY, and only then may a pipeline name them", async () => {
    let time = Date.now();
    const project = await open(mongod.freshDb(), { pendingMs: 5000, now: () => time });
    const { connections, workspace } = await project.create(commerce);
    expect(await connections.create("c", cluster)).toMatchObject({ state: "PENDING", region: "VIRGINIA_USA" });
    const pipeline = [eventsOf(mongod.db, freshName()), mergeInto(mongod.db, freshName())];
    const create = workspace.create({ name: "orders", pipeline });
    await expect(create).rejects.toMatchObject(refused("ASP5192", "`c`"));
    time += 5000;
    expect(connections.find("c")).toMatchObject({ state: "READY" });
    await workspace.create({ name: "orders", pipeline });
  });

  test("are read-only while a started processor uses them", async () => {
    const project = await open(mongod.freshDb());
    const { connections, workspace } = await project.create(commerce);
    await connections.create("c", cluster);
    await connections.create("other", cluster);
    const pipeline = [eventsOf(mongod.db, freshName()), mergeInto(mongod.db, freshName())];
    await workspace.create({ name: "orders", pipeline });
    await workspace.start("orders");
    await expect(connections.remove("c")).rejects.toMatchObject(refused("ASP5305", "orders"));
    await expect(connections.update("c", {})).rejects.toMatchObject(refused("ASP5305", "orders"));
    await connections.remove("other");
    await workspace.stop("orders");
    await connections.remove("c");
    expect(connections.list()).toEqual([]);
    await expect(connections.remove("c")).rejects.toMatchObject(refused("ASP5303", "c"));
    // The processor is there still, and says what is wrong when it is started.
    await workspace.start("orders");
    expect(workspace.get("orders")).toMatchObject({
      state: "FAILED",
      error: { message: expect.stringContaining("connection named c does not exist") },
    });
  });

  test.each([
    ["no type", "k", {}, "no `type`"],
    ["an unknown type", "k", { type: "Kafkaa" }, "no type of connection"],
    ["a strange name", "a b", { type: "Kafka" }, "1 to 64"],
    ["no cluster", "k", { type: "Cluster" }, "no `clusterName`"],
    ["sample data that there is not", "sample_stream_moon", { type: "Sample" }, "no sample data"],
    ["an unknown cluster", "k", { type: "Cluster", clusterName: "Cluster9" }, "no cluster `Cluster9`"],
  ])("are refused with %s", async (_, name, settings, message) => {
    const project = await open(mongod.freshDb());
    const { connections } = await project.create(commerce);
    await expect(connections.create(name, settings as never)).rejects.toMatchObject(refused("ASP5304", message));
    expect(connections.list()).toEqual([]);
  });

  test("keep their type, and take what is changed beside the rest", async () => {
    const project = await open(mongod.freshDb());
    const { connections } = await project.create(commerce);
    await connections.create("k", { type: "Kafka", bootstrapServers: "a:9092", config: { a: "1" } });
    await expect(connections.create("k", { type: "Kafka" })).rejects.toMatchObject(refused("ASP5302"));
    await expect(connections.update("k", { type: "Https" })).rejects.toMatchObject(refused("ASP5304", "type"));
    await expect(connections.update("x", {})).rejects.toMatchObject(refused("ASP5303"));
    const { settings } = await connections.update("k", { bootstrapServers: "b:9092" });
    expect(settings).toEqual({ type: "Kafka", bootstrapServers: "b:9092", config: { a: "1" } });
  });

  test("of the config have variables; what came through a door has none", async () => {
    const db = mongod.freshDb();
    const own = { ...environment, connections: { own: { type: "Cluster", uri: "${OWN_URI}" } as const } };
    const { uri } = mongod;
    const project = await open(db, {
      environment: own,
      env: { OWN_URI: uri, SECRET: "s" },
      first: { ...commerce, connections: { own: cluster } },
    });
    const tenant = project.find("commerce");
    const [from, to] = [freshName(), freshName()];
    const named = JSON.parse(
      JSON.stringify([eventsOf(mongod.db, from), mergeInto(mongod.db, to)]).replaceAll('"c"', '"own"'),
    );
    await tenant?.workspace.create({ name: "orders", pipeline: named });
    await tenant?.workspace.start("orders");
    await insert(mongod, mongod.db, from, [{ _id: 1 }]);
    await tenant?.workspace.caughtUp();
    expect(await idsIn(mongod, mongod.db, to)).toEqual([1]);

    const kept = await tenant?.connections.create("web", { type: "Https", url: "http://127.0.0.1:1/${SECRET}" });
    expect(kept?.settings.url).toBe("http://127.0.0.1:1/${SECRET}");
  });
});

describe("at the same time", () => {
  test("two connections of one name: one is made, and taken away it does not come back", async () => {
    const db = mongod.freshDb();
    const project = await open(db);
    const { connections } = await project.create(commerce);
    const both = await Promise.allSettled([connections.create("c", cluster), connections.create("c", cluster)]);
    expect(both.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    expect(both[1]).toMatchObject({ reason: refused("ASP5302") });
    await connections.remove("c");
    await project.close();
    expect((await open(db)).find("commerce")?.connections.list()).toEqual([]);
  });

  test("two changes of a connection: both are kept", async () => {
    const project = await open(mongod.freshDb());
    const { connections } = await project.create(commerce);
    await connections.create("k", { type: "Kafka", bootstrapServers: "a:9092" });
    await Promise.all([
      connections.update("k", { bootstrapServers: "b:9092" }),
      connections.update("k", { config: { a: "1" } }),
    ]);
    expect(connections.find("k")?.settings).toEqual({ type: "Kafka", bootstrapServers: "b:9092", config: { a: "1" } });
  });

  test("two changes of a workspace: both are kept", async () => {
    const db = mongod.freshDb();
    const project = await open(db);
    await project.create(commerce);
    await Promise.all([project.change("commerce", { tier: "SP30" }), project.change("commerce", { maxTier: "SP30" })]);
    await project.close();
    expect((await open(db)).find("commerce")?.record).toMatchObject({ tier: "SP30", maxTier: "SP30" });
  });
});

test("a workspace whose end was cut off is gone when the project is opened again", async () => {
  const db = mongod.freshDb();
  const cutOff = async () => ({ hostname: "", close: () => Promise.reject(new Error("cut off")) });
  const project = await open(db, { listen: cutOff });
  const { connections, record } = await project.create(commerce);
  await connections.create("c", cluster);
  await expect(project.remove("commerce")).rejects.toThrow("cut off");
  const again = await open(db);
  expect(again.tenants()).toEqual([]);
  const { databases } = await mongod.client.db("admin").admin().listDatabases();
  expect(databases.map(({ name }) => name)).not.toContain(`asp_${record.id}`);
  expect(await mongod.client.db(db).collection("connections").countDocuments()).toBe(0);
});

describe("a connection of the user's own file", () => {
  const ordersOver = (name: string) => {
    const pipeline = JSON.stringify([eventsOf(mongod.db, freshName()), mergeInto(mongod.db, freshName())]);
    return { name: "orders", pipeline: JSON.parse(pipeline.replaceAll('"c"', JSON.stringify(name))) };
  };
  const nowhere = "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=100";

  test("has no variables where a client has changed it", async () => {
    const env = { OWN_URI: mongod.uri };
    const project = await open(mongod.freshDb(), { env, retryPausesMs: [] });
    const { connections, workspace } = await project.create(commerce);
    await connections.provide("own", { ...cluster, uri: "${OWN_URI}" });
    await workspace.create(ordersOver("own"));
    await connections.update("own", { region: "DUBLIN_IRL" });
    await workspace.start("orders");
    expect(workspace.get("orders").state).toBe("STARTED");
    await workspace.stop("orders");
    await connections.update("own", { uri: "${OWN_URI}" });
    await workspace.start("orders");
    expect(workspace.get("orders").state).toBe("FAILED");
    // The file says again what it is.
    await connections.provide("own", { ...cluster, uri: "${OWN_URI}" });
    await workspace.start("orders");
    expect(workspace.get("orders").state).toBe("STARTED");
  });

  test("is what the file says now before processors go on", async () => {
    const db = mongod.freshDb();
    const provided = (uri: string) => ({ commerce: { own: { ...cluster, uri } } });
    const first = await open(db, { first: { ...commerce, connections: {} }, provided: provided(mongod.uri) });
    const workspace = first.find("commerce")?.workspace;
    await workspace?.create(ordersOver("own"));
    await workspace?.start("orders");
    expect(workspace?.get("orders").state).toBe("STARTED");
    await first.close();
    const second = await open(db, { provided: provided(nowhere), retryPausesMs: [] });
    expect(second.find("commerce")?.workspace.get("orders").state).toBe("FAILED");
  });
});

test("what two workspaces send to targets of the same name is kept apart", async () => {
  const captureDir = await mkdtemp(join(tmpdir(), "asp-captured-"));
  onTestFinished(() => rm(captureDir, { recursive: true, force: true }));
  const project = await open(mongod.freshDb(), { captureDir });
  for (const name of ["commerce", "billing"]) {
    const { connections, workspace } = await project.create({ ...commerce, name });
    await connections.create("c", cluster);
    await connections.create("lake", { type: "S3", aws: { roleArn: "arn:aws:iam::1:role/x" } } as never);
    const from = freshName();
    const emit = { $emit: { connectionName: "lake", bucket: "b", path: "p", config: { outputFormat: "relaxedJson" } } };
    await workspace.create({ name: "orders", pipeline: [eventsOf(mongod.db, from), emit] });
    await workspace.start("orders");
    await insert(mongod, mongod.db, from, [{ _id: 1 }]);
    await workspace.caughtUp();
    await workspace.stop("orders");
  }
  expect((await readdir(captureDir)).toSorted()).toEqual(["billing", "commerce"]);
});

describe("the log of a workspace", () => {
  test("has what became of its processors, by time and by processor", async () => {
    let time = Date.UTC(2026, 0, 1);
    const project = await open(mongod.freshDb(), { now: () => time });
    const tenant = await project.create(commerce);
    await tenant.connections.create("c", cluster);
    const pipeline = [eventsOf(mongod.db, freshName()), mergeInto(mongod.db, freshName())];
    await tenant.workspace.create({ name: "orders", pipeline });
    tenant.log({ kind: "audit", message: "create", processor: "orders" });
    time += 1000;
    await tenant.workspace.start("orders");
    const operational = await tenant.logs({ kind: "operational" });
    expect(operational.map(({ message }) => message)).toEqual([
      "CREATED",
      "CREATED -> STARTING",
      "STARTING -> STARTED",
    ]);
    expect(await tenant.logs({ kind: "operational", from: new Date(time), processor: "orders" })).toHaveLength(2);
    expect(await tenant.logs({ kind: "operational", processor: "other" })).toEqual([]);
    expect(await tenant.logs({ kind: "audit" })).toEqual([
      { at: new Date(time - 1000), kind: "audit", message: "create", processor: "orders" },
    ]);
  });
});

test("a connection that a pipeline without a name uses cannot be taken away until that has ended", async () => {
  const project = await open(mongod.freshDb());
  const { connections, workspace } = await project.create(commerce);
  await connections.create("c", cluster);
  const running = await workspace.process([eventsOf(mongod.db, freshName()), mergeInto(mongod.db, freshName())]);
  await expect(connections.remove("c")).rejects.toMatchObject(refused("ASP5305", /asp-process-/));
  await running.close();
  await expect.poll(() => workspace.temporary()).toEqual([]);
  await connections.remove("c");
});
