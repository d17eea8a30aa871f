import { setTimeout as sleep } from "node:timers/promises";
import { Double, Long, type Document, type Timestamp } from "bson";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { isSame } from "../../src/deploy/plan/normal-form.ts";
import { freshName } from "../engine/support.ts";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";
import { startCuttingProxy } from "./cutting-proxy.ts";
import { arm, copying, openEmulator, openTarget, ways } from "./support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const refused = (code: string) => expect.objectContaining({ name: "AspError", code });
const pipelineOf = (...between: readonly object[]) => copying(mongod.db, freshName(), freshName(), ...between);

describe.each(ways)("a workspace by %s", (way) => {
  test("shows connections and defaults", async () => {
    const emulator = await openEmulator(mongod);
    const target = await openTarget(way, emulator);
    expect(await target.connections()).toMatchObject([
      { name: "sample_stream_solar", type: "Sample", state: "READY" },
      { name: "Cluster0", type: "Cluster", state: "READY" },
    ]);
    const { tier, maxTier } = await target.defaults();
    expect(tier).toMatch(/^SP\d+$/);
    expect(maxTier ?? "SP50").toBe("SP50");
    expect(target.label).toContain("workspace `local`");
  });

  test("takes a processor through its life", async () => {
    const emulator = await openEmulator(mongod);
    const target = await openTarget(way, emulator);
    expect(await target.processors()).toEqual([]);
    expect(await target.processor("orders")).toBeUndefined();

    const dlq = { connectionName: "Cluster0", db: mongod.db, coll: freshName() };
    const pipeline = pipelineOf({ $match: { type: "Paid" } });
    await target.create({ name: "orders", pipeline, options: { dlq, tier: "SP10" } });
    expect(await target.processor("orders")).toEqual({
      name: "orders",
      pipeline: expect.any(Array),
      state: "CREATED",
      tier: "SP10",
      dlq,
    });
    await target.start("orders");
    expect(await target.processors()).toMatchObject([{ name: "orders", state: "STARTED" }]);
    await expect(target.modify("orders", { tier: "SP30", resumeFromCheckpoint: true })).rejects.toEqual(
      refused("ASP6006"),
    );
    await target.stop("orders");
    const changed = [pipeline[0] ?? {}, { $match: { type: "Shipped" } }, pipeline[2] ?? {}];
    await target.modify("orders", {
      name: "shipments",
      pipeline: changed,
      dlq: null,
      tier: "SP30",
      resumeFromCheckpoint: true,
    });
    expect(await target.processor("orders")).toBeUndefined();
    const after = await target.processor("shipments");
    expect(after).toEqual({ name: "shipments", pipeline: expect.any(Array), state: "STOPPED", tier: "SP30" });
    expect(isSame(after?.pipeline, changed)).toBe(true);
    await target.start("shipments", { resumeFromCheckpoint: false, tier: "SP10" });
    await target.drop("shipments");
    expect(await target.processors()).toEqual([]);
  });

  test("starts at an operation time, and shows how far a processor has come", async () => {
    const emulator = await openEmulator(mongod);
    const target = await openTarget(way, emulator);
    const [from, to] = [freshName(), freshName()];
    const db = mongod.client.db(mongod.db);
    const insert = async (n: number): Promise<Timestamp> => {
      const { operationTime } = await db.command({ insert: from, documents: [{ _id: n }] });
      return operationTime;
    };
    const first = await insert(1);
    await target.create({ name: "copies", pipeline: copying(mongod.db, from, to) });
    expect((await target.stats("copies"))?.changeStreamTime).toBeUndefined();
    await target.start("copies", {
      resumeFromCheckpoint: false,
      startAtOperationTime: new Date(first.getHighBitsUnsigned() * 1000),
    });
    const last = await insert(2);
    await vi.waitUntil(async () => (await target.stats("copies"))?.changeStreamTime?.greaterThanOrEqual(last), {
      timeout: 10_000,
    });
    expect(await db.collection(to).distinct("_id")).toEqual([1, 2]);
  });

  test("gives back values of every type, in the order of their keys", async () => {
    const emulator = await openEmulator(mongod);
    const target = await openTarget(way, emulator);
    const when = new Date("2026-01-02T03:04:05.006Z");
    const values = {
      b: 1,
      a: new Double(1),
      whole: Long.fromString("9007199254740993"),
      half: 1.5,
      when,
      none: null,
      list: [{ z: 1, y: 2 }],
    };
    const ordered = new Map<string, unknown>([
      ["z", 1],
      ["10", 2],
      ["9", 3],
    ]);
    // As every projection that is guarded by versions has it.
    const notNaN = { $match: { $expr: { $ne: ["$version", new Double(Number.NaN)] } } };
    const pipeline = pipelineOf({ $addFields: { copy: { $literal: values }, ordered: { $literal: ordered } } }, notNaN);
    await target.create({ name: "types", pipeline });
    const found = await target.processor("types");
    expect(isSame(found?.pipeline, pipeline)).toBe(true);
    const [listed] = await target.processors();
    expect(isSame(listed?.pipeline, pipeline)).toBe(true);
  });

  test("says what the service refuses, in the service's words", async () => {
    const emulator = await openEmulator(mongod);
    const target = await openTarget(way, emulator);
    const [source = {}] = pipelineOf();
    await expect(target.create({ name: "orders", pipeline: [source, { $nope: {} }] })).rejects.toMatchObject({
      code: "ASP6006",
      message: expect.stringContaining("$nope"),
    });
    await expect(target.start("nobody")).rejects.toMatchObject({ name: "AspError" });
    await target.create({ name: "orders", pipeline: pipelineOf() });
    await expect(target.create({ name: "orders", pipeline: pipelineOf() })).rejects.toEqual(refused("ASP6006"));
  });

  test("shows why a processor has failed", async () => {
    const emulator = await openEmulator(mongod, { retryPausesMs: [] });
    const target = await openTarget(way, emulator);
    const coll = freshName();
    await mongod.client.db(mongod.db).createCollection(coll, { viewOn: freshName(), pipeline: [] });
    await target.create({ name: "orders", pipeline: copying(mongod.db, coll, freshName()) });
    await target.start("orders").catch(() => undefined);
    await expect.poll(async () => (await target.processor("orders"))?.state, { timeout: 20_000 }).toBe("FAILED");
    expect((await target.processor("orders"))?.error).toEqual(expect.stringMatching(/\w/));
  });

  test("shows what a processor has done, and what it runs on", async () => {
    const emulator = await openEmulator(mongod);
    const target = await openTarget(way, emulator);
    expect(await target.stats("orders")).toBeUndefined();
    const [from, to, dead] = [freshName(), freshName(), freshName()];
    const pipeline = copying(mongod.db, from, to, { $set: { half: { $divide: [1, "$a"] } } });
    const dlq = { connectionName: "Cluster0", db: mongod.db, coll: dead };
    await target.create({ name: "orders", pipeline, options: { dlq, tier: "SP10" } });
    expect(await target.stats("orders")).toMatchObject({ name: "orders", state: "CREATED", inputMessageCount: 0 });
    await target.start("orders");
    await mongod.client
      .db(mongod.db)
      .collection(from)
      .insertMany([{ a: 1 }, { a: 2 }, { a: 0 }]);
    await expect.poll(async () => (await target.stats("orders"))?.inputMessageCount, { timeout: 20_000 }).toBe(3);
    await expect.poll(async () => (await target.stats("orders"))?.dlqMessageCount, { timeout: 20_000 }).toBe(1);
    await expect.poll(async () => (await target.stats("orders"))?.outputMessageCount, { timeout: 20_000 }).toBe(2);
    const stats = await target.stats("orders");
    expect(stats).toMatchObject({
      state: "STARTED",
      tier: "SP10",
      outputMessageCount: 2,
      inputBytes: expect.any(Number),
      outputBytes: expect.any(Number),
      dlqBytes: expect.any(Number),
      memoryUsageBytes: 0,
      memoryLimitBytes: 1_717_986_918,
      operators: expect.arrayContaining([expect.objectContaining({ name: expect.any(String), inputMessageCount: 3 })]),
    });
    expect(stats?.watermark).toBeUndefined();
    expect(stats?.raw["pipeline"]).toHaveLength(3);
    await target.stop("orders");
    await target.create({ name: "payments", pipeline: pipelineOf() });
    const all = await target.allStats();
    expect(all.map(({ name, state, inputMessageCount }) => [name, state, inputMessageCount])).toEqual([
      ["orders", "STOPPED", 3],
      ["payments", "CREATED", 0],
    ]);
  });

  test("reads more than a page holds", async () => {
    const emulator = await openEmulator(mongod);
    const target = await openTarget(way, emulator);
    const { workspace } = emulator.project.find("local") ?? {};
    const names = Array.from({ length: 105 }, (_, index) => `p${index}`);
    for (const name of names) await workspace?.create({ name, pipeline: pipelineOf() });
    expect((await target.processors()).map(({ name }) => name)).toEqual(names);
  });
});

test("the connection string of a cluster is said to be no workspace's", async () => {
  const target = await openTarget("wire", await openEmulator(mongod), { wire: mongod.uri });
  await expect(target.processors()).rejects.toMatchObject({
    code: "ASP6004",
    message: expect.stringContaining("it is no workspace"),
    help: expect.stringContaining("that of a cluster is another one"),
  });
});

test("samples come by wire as they are written, until the limit, the signal or the end of the processor", async () => {
  const emulator = await openEmulator(mongod);
  const target = await openTarget("wire", emulator);
  const [from, to] = [freshName(), freshName()];
  const events = mongod.client.db(mongod.db).collection(from);
  await target.create({ name: "orders", pipeline: copying(mongod.db, from, to, { $unset: "_id" }) });
  await expect(take(target.sample("orders"))).rejects.toEqual(refused("ASP6006"));
  await target.start("orders");
  const n = Long.fromString("9007199254740993");
  const ordered = new Map<string, unknown>([
    ["z", 1],
    ["10", 2],
  ]);
  const sampling = take(target.sample("orders", { limit: 3 }));
  await expect
    .poll(async () => (await events.insertOne({ n, ordered }), await settledWithin(sampling, 20)), { timeout: 20_000 })
    .toBe(true);
  const documents = await sampling;
  expect(documents).toHaveLength(3);
  expect(isSame(documents[0], { n, ordered })).toBe(true);

  const endless = take(target.sample("orders", { signal: AbortSignal.timeout(100) }));
  expect(await endless).toEqual(expect.any(Array));

  const last = take(target.sample("orders"));
  await sleep(200);
  await target.stop("orders");
  expect(await last).toEqual(expect.any(Array));
});

test.each(ways.filter((way) => way !== "wire"))("samples of %s are refused with the way out", async (way) => {
  const target = await openTarget(way, await openEmulator(mongod));
  const failure: unknown = await take(target.sample("orders")).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "ASP6070", help: expect.stringContaining("`uri`") });
});

describe("logs", () => {
  test.each(ways.filter((way) => way !== "wire"))("come by %s as lines", async (way) => {
    const target = await openTarget(way, await openEmulator(mongod));
    expect(await target.logs({ processor: "nobody" })).toEqual([]);
    for (const name of ["orders", "payments"]) await target.create({ name, pipeline: pipelineOf() });
    await target.start("orders");
    await target.stop("orders");
    const lines = await target.logs({ processor: "orders", from: new Date(Date.now() - 60_000) });
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.every((line) => line.includes("orders"))).toBe(true);
    expect(await target.logs({ to: new Date(Date.now() - 3_600_000) })).toEqual([]);
    const audit = await target.logs({ kind: "audit" });
    expect(audit.join("\n")).toContain("payments");
    await expect(target.logs({ from: new Date(Date.now() + 60_000), to: new Date(0) })).rejects.toEqual(
      refused("ASP6006"),
    );
  });

  test("are not the wire's to give", async () => {
    const target = await openTarget("wire", await openEmulator(mongod));
    await expect(target.logs()).rejects.toMatchObject({ code: "ASP6071", help: expect.stringContaining("`auth`") });
  });
});

/** All that a sample gives. */
async function take(sample: AsyncIterable<Document>): Promise<readonly Document[]> {
  const documents: Document[] = [];
  for await (const document of sample) documents.push(document);
  return documents;
}

async function settledWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  const pending = new Promise<boolean>((resolve) => {
    setTimeout(() => resolve(false), ms);
  });
  return await Promise.race([work.then(() => true), pending]);
}

describe.each(ways)("credentials by %s", (way) => {
  test("that are wrong are refused, and are no part of what is said", async () => {
    const emulator = await openEmulator(mongod);
    const wire = emulator.wire.replace(/:\/\/[^@]+@/, "://asp:wr0ng-secret@");
    const auth =
      way === "admin-api, API key"
        ? ({ type: "api-key", publicKey: emulator.publicKey, privateKey: "wr0ng-secret" } as const)
        : ({ type: "service-account", clientId: emulator.clientId, clientSecret: "wr0ng-secret" } as const);
    const target = await openTarget(way, emulator, { auth, wire });
    const failure: unknown = await target.processors().catch((error: unknown) => error);
    expect(failure).toEqual(refused("ASP6000"));
    expect(JSON.stringify(failure) + String(failure)).not.toContain("wr0ng-secret");
  });

  test("that may only read are refused where that is not enough", async () => {
    const seed = {
      users: [{ name: "reader", password: "p", role: "read" as const }],
      apiKeys: [{ publicKey: "k", privateKey: "p", role: "read" as const }],
      serviceAccounts: [{ clientId: "i", clientSecret: "p", role: "read" as const }],
    };
    const target = await openTarget(way, await openEmulator(mongod, { seed }));
    await expect(target.create({ name: "orders", pipeline: pipelineOf() })).rejects.toEqual(refused("ASP6001"));
  });
});

describe.each(ways)("an address by %s", (way) => {
  test("at which nobody answers cannot be reached", async () => {
    const emulator = await openEmulator(mongod);
    const target = await openTarget(way, emulator);
    await emulator.close();
    await expect(target.processors()).rejects.toMatchObject({ code: expect.stringMatching(/^ASP600[37]$/) });
  });
});

describe.each(ways.filter((way) => way !== "wire"))("faults of %s", (way) => {
  const open = async () => {
    const emulator = await openEmulator(mongod);
    const target = await openTarget(way, emulator);
    return { emulator, target };
  };

  test("429 is waited for, as long as it says, also by a write", async () => {
    const { emulator, target } = await open();
    await arm(emulator, [{ operation: "createGroupStreamProcessor", status: 429, retryAfterSeconds: 1 }]);
    const startedAt = Date.now();
    await target.create({ name: "orders", pipeline: pipelineOf() });
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(1000);
    expect((await target.processors()).map(({ name }) => name)).toEqual(["orders"]);
  });

  test("429 that asks for too long is told", async () => {
    const { emulator, target } = await open();
    await arm(emulator, [{ operation: "getGroupStreamProcessors", status: 429, retryAfterSeconds: 3600 }]);
    await expect(target.processors()).rejects.toEqual(refused("ASP6005"));
  });

  const lost = [
    ["504", { status: 504 }],
    ["504 of a gateway, in HTML", { status: 504, body: "html" as const }],
    ["500 without a body", { status: 500, body: "empty" as const }],
  ] as const;
  const cuts = [
    ["a socket that is cut before", { drop: "before" as const }],
    ["a socket that is cut after", { drop: "after" as const }],
  ] as const;
  const all = [
    ...lost.map(([name, fault]) => [`${name}, not applied`, fault] as const),
    ...lost.map(([name, fault]) => [`${name}, applied`, { ...fault, applied: true }] as const),
    ...cuts,
  ];

  test.each(all)("every write succeeds once over %s", async (_, fault) => {
    const { emulator, target } = await open();
    const write = async (operation: string, run: () => Promise<void>): Promise<void> => {
      await arm(emulator, [{ operation, ...fault }]);
      await run();
    };
    const pipeline = pipelineOf();
    await write("createGroupStreamProcessor", () => target.create({ name: "orders", pipeline }));
    await write("startGroupStreamProcessorWith", () => target.start("orders"));
    expect((await target.processor("orders"))?.state).toBe("STARTED");
    await write("stopGroupStreamProcessor", () => target.stop("orders"));
    await write("updateGroupStreamProcessor", () =>
      target.modify("orders", { name: "renamed", tier: "SP30", resumeFromCheckpoint: true }),
    );
    expect(await target.processors()).toMatchObject([{ name: "renamed", state: "STOPPED", tier: "SP30" }]);
    await write("deleteGroupStreamProcessor", () => target.drop("renamed"));
    expect(await target.processors()).toEqual([]);
    const settings = { type: "Cluster", clusterName: "Cluster0" } as const;
    await write("createGroupStreamConnection", () => target.createConnection("more", settings));
    await write("updateGroupStreamConnection", () => target.updateConnection("more", settings));
    expect((await target.connections()).map(({ name }) => name)).toContain("more");
    await write("deleteGroupStreamConnection", () => target.deleteConnection("more"));
    expect((await target.connections()).map(({ name }) => name)).not.toContain("more");
    const made = await openTarget(way, emulator, { workspace: "made" });
    const wanted = { provider: "AZURE", region: "westeurope", tier: "SP5", maxTier: "SP10" };
    await write("createGroupStreamWorkspace", () => made.createWorkspace(wanted));
    expect(await made.workspace()).toEqual(wanted);
    await write("updateGroupStreamWorkspace", () => made.updateWorkspace({ tier: "SP10", maxTier: "SP50" }));
    expect(await made.workspace()).toEqual({ provider: "AZURE", region: "westeurope", tier: "SP10" });
    await write("deleteGroupStreamWorkspace", () => made.deleteWorkspace());
    expect(await made.workspace()).toBeUndefined();
  });

  test.each([...lost, ...cuts])("a read is tried again over %s", async (_, fault) => {
    const { emulator, target } = await open();
    await target.create({ name: "orders", pipeline: pipelineOf() });
    await arm(emulator, [{ operation: "getGroupStreamProcessors", ...fault }]);
    expect((await target.processors()).map(({ name }) => name)).toEqual(["orders"]);
  });

  test("a gateway that always answers in HTML is told as what it is", async () => {
    const { emulator, target } = await open();
    await arm(emulator, [{ operation: "getGroupStreamProcessors", status: 502, body: "html", always: true }]);
    await expect(target.processors()).rejects.toMatchObject({
      code: "ASP6007",
      message: expect.stringContaining("502, a page of HTML"),
    });
  });

  test("numbers as 10.0, an unknown state and fields that nobody knows are taken as they come", async () => {
    const { emulator, target } = await open();
    const pipeline = pipelineOf({ $match: { amount: 10 } });
    await target.create({ name: "orders", pipeline });
    const operation = "getGroupStreamProcessors";
    await arm(emulator, [{ operation, numbers: "10.0", state: "RELEASING", extraField: "new", always: true }]);
    const [found] = await target.processors();
    expect(found).toMatchObject({ name: "orders", state: "RELEASING" });
    expect(isSame(found?.pipeline, pipeline)).toBe(true);
  });

  test("keys in another order are a difference within stages, and none outside", async () => {
    const { emulator, target } = await open();
    const pipeline = pipelineOf({ $sort: { a: 1, b: 1 } }).toSpliced(1, 1, { $addFields: { a: 1, b: 2 } });
    const dlq = { connectionName: "Cluster0", db: mongod.db, coll: "dead" };
    await target.create({ name: "orders", pipeline, options: { dlq } });
    await arm(emulator, [{ operation: "getGroupStreamProcessors", keys: "reversed", always: true }]);
    const [found] = await target.processors();
    expect(found?.dlq).toEqual(dlq);
    expect(isSame(found?.pipeline, pipeline)).toBe(false);
  });

  test("a workspace is made and changed, and the service's own words are told where it may not be", async () => {
    const emulator = await openEmulator(mongod);
    const target = await openTarget(way, emulator, { workspace: "made" });
    expect(await target.workspace()).toBeUndefined();
    const wanted = { provider: "AWS", region: "VIRGINIA_USA" };
    await target.createWorkspace(wanted);
    expect(await target.workspace()).toEqual({ ...wanted, tier: "SP30" });
    await expect(target.createWorkspace(wanted)).rejects.toEqual(refused("ASP6006"));
    await expect(target.updateWorkspace({ tier: "SP50", maxTier: "SP10" })).rejects.toMatchObject({
      code: "ASP6006",
      message: expect.stringContaining("maxTierSize"),
    });
    await target.deleteWorkspace();
    const nowhere = await openTarget(way, emulator, { workspace: "more" });
    await expect(nowhere.createWorkspace({ provider: "AWS", region: "nowhere" })).rejects.toMatchObject({
      code: "ASP6006",
      message: expect.stringContaining("nowhere"),
    });
    const stranger = await openTarget(way, emulator, { projectId: "0".repeat(24) });
    await expect(stranger.workspace()).rejects.toEqual(refused("ASP6002"));
  });

  test("an unknown workspace and an unknown project are named", async () => {
    const emulator = await openEmulator(mongod);
    const nowhere = await openTarget(way, emulator, { workspace: "nowhere" });
    await expect(nowhere.processors()).rejects.toMatchObject({
      code: "ASP6002",
      message: expect.stringContaining("`nowhere`"),
    });
    await expect(nowhere.processor("orders")).rejects.toEqual(refused("ASP6002"));
    const stranger = await openTarget(way, emulator, { projectId: "0".repeat(24) });
    await expect(stranger.processors()).rejects.toMatchObject({
      code: "ASP6002",
      message: expect.stringContaining("project"),
    });
  });

  test("a certificate that is not trusted is told, with the way out", async () => {
    const emulator = await openEmulator(mongod);
    const target = await openTarget(way, emulator, { ca: false });
    await expect(target.processors()).rejects.toMatchObject({
      code: "ASP6003",
      help: expect.stringContaining("caFile"),
    });
  });
});

describe("faults of wire", () => {
  test.each(["before", "after"] as const)("every write succeeds once over a socket that is cut %s", async (when) => {
    const emulator = await openEmulator(mongod);
    const proxy = await startCuttingProxy(Number(new URL(emulator.wire.replace("mongodb:", "http:")).port));
    const wire = emulator.wire.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${proxy.port}`);
    const target = await openTarget("wire", emulator, { wire });
    await target.processors();
    const write = async (run: () => Promise<void>): Promise<void> => {
      proxy.cutNext(when);
      await run();
    };
    await write(() => target.create({ name: "orders", pipeline: pipelineOf() }));
    await write(() => target.start("orders"));
    await write(() => target.stop("orders"));
    await write(() => target.modify("orders", { name: "renamed", tier: "SP30", resumeFromCheckpoint: true }));
    expect(await target.processors()).toMatchObject([{ name: "renamed", state: "STOPPED", tier: "SP30" }]);
    await write(() => target.drop("renamed"));
    proxy.cutNext(when);
    expect(await target.processors()).toEqual([]);
  });

  test("the workspace is not its to change", async () => {
    const target = await openTarget("wire", await openEmulator(mongod));
    expect(await target.workspace()).toEqual(await target.defaults());
    const settings = { provider: "AWS", region: "VIRGINIA_USA" };
    await expect(target.createWorkspace(settings)).rejects.toEqual(refused("ASP6008"));
    await expect(target.updateWorkspace({ tier: "SP10" })).rejects.toEqual(refused("ASP6008"));
    await expect(target.deleteWorkspace()).rejects.toEqual(refused("ASP6008"));
  });

  test("connections are not its to change", async () => {
    const target = await openTarget("wire", await openEmulator(mongod));
    expect(target.managesConnections).toBe(false);
    const settings = { type: "Cluster", clusterName: "Cluster0" } as const;
    await expect(target.createConnection("c", settings)).rejects.toEqual(refused("ASP6008"));
    await expect(target.updateConnection("c", settings)).rejects.toEqual(refused("ASP6008"));
    await expect(target.deleteConnection("c")).rejects.toEqual(refused("ASP6008"));
  });
});
