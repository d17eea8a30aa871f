import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { MongoClient } from "mongodb";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { startEmulator, type RunningEmulator, type StartEmulatorOptions } from "../../src/testing/index.ts";
import { eventsOf, freshName, mergeInto } from "../engine/support.ts";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";
import { idsIn, insert } from "./workspace/support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

/** On the mongod that tests share, with a state of its own. */
async function start(options: StartEmulatorOptions = {}): Promise<RunningEmulator> {
  const { uri, db = mongod.freshDb() } = { uri: mongod.uri, ...options };
  const emulator = await startEmulator({ checkpointIntervalMs: 20, ...options, uri, db });
  onTestFinished(async () => {
    await emulator.close();
    await Promise.all(
      emulator.project.tenants().map(({ record }) => mongod.client.db(`asp_${record.id}`).dropDatabase()),
    );
  });
  return emulator;
}

async function connect({ wire }: RunningEmulator): Promise<MongoClient> {
  const client = await new MongoClient(wire, { serverSelectionTimeoutMS: 5000 }).connect();
  onTestFinished(() => client.close());
  return client;
}

function orders(connectionName = "Cluster0"): {
  readonly from: string;
  readonly to: string;
  readonly pipeline: readonly object[];
} {
  const [from, to] = [freshName(), freshName()];
  const pipeline = JSON.stringify([eventsOf(mongod.db, from), mergeInto(mongod.db, to)]);
  return { from, to, pipeline: JSON.parse(pipeline.replaceAll('"c"', JSON.stringify(connectionName))) };
}

const refused = (code: string) => expect.objectContaining({ code });

describe("an emulator", () => {
  test("without a config has sample data and one cluster, and says how to come in", async () => {
    const emulator = await start();
    const { wire, adminApi, caFile, projectId, workspace, clusterName } = emulator;
    expect({ wire, adminApi, projectId, workspace, clusterName }).toEqual({
      wire: expect.stringMatching(/^mongodb:\/\/asp:[^@]+@127\.0\.0\.1:\d+\/\?.*tls=true/),
      adminApi: expect.stringMatching(/^https:\/\/127\.0\.0\.1:\d+$/),
      projectId: expect.stringMatching(/^[0-9a-f]{24}$/),
      workspace: "local",
      clusterName: "Cluster0",
    });
    expect(existsSync(caFile ?? "")).toBe(true);
    const client = await connect(emulator);
    const { connections } = await client.db("admin").command({ listStreamConnections: 1 });
    expect(connections.map(({ name, type }: { name: string; type: string }) => [name, type])).toEqual([
      ["sample_stream_solar", "Sample"],
      ["Cluster0", "Cluster"],
    ]);
    await emulator.close();
    // A folder of its own goes with it.
    expect(existsSync(dirname(caFile ?? ""))).toBe(false);
  });

  test("runs what comes in through one door, and shows it at the other", async () => {
    const emulator = await start();
    const admin = (await connect(emulator)).db("admin");
    const { from, to, pipeline } = orders();
    await admin.command({ createStreamProcessor: "orders", pipeline });
    await admin.command({ startStreamProcessor: "orders" });
    await insert(mongod, mongod.db, from, [{ _id: 1 }]);
    await expect.poll(() => idsIn(mongod, mongod.db, to)).toEqual([1]);
    expect(emulator.project.find("local")?.workspace.list()).toMatchObject([{ name: "orders", state: "STARTED" }]);
  });

  test("keeps users, keys, processors and positions in its folder and its cluster", async () => {
    const [db, dataDir] = [mongod.freshDb(), await mkdtemp(join(tmpdir(), "asp-emulator-test-"))];
    onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
    const { from, to, pipeline } = orders();
    const first = await start({ db, dataDir });
    const admin = (await connect(first)).db("admin");
    await admin.command({ createStreamProcessor: "orders", pipeline });
    await admin.command({ startStreamProcessor: "orders" });
    await first.close();
    await insert(mongod, mongod.db, from, [{ _id: 1 }]);

    const second = await start({ db, dataDir });
    const secrets = ({ projectId, clientSecret, privateKey, caFile }: RunningEmulator) => ({
      projectId,
      clientSecret,
      privateKey,
      caFile,
    });
    expect(secrets(second)).toEqual(secrets(first));
    await connect(second);
    await expect.poll(() => idsIn(mongod, mongod.db, to)).toEqual([1]);
  });

  test("begins with what a seed says, once", async () => {
    const { from, to, pipeline } = orders("shop");
    const db = mongod.freshDb();
    const seed = {
      projectId: "0123456789abcdef01234567",
      users: [{ name: "ann", password: "p@ss/word" }],
      apiKeys: [{ publicKey: "public", privateKey: "private" }],
      serviceAccounts: [{ clientId: "id", clientSecret: "secret" }],
      workspaces: [
        {
          name: "local",
          tier: "SP30" as const,
          connections: [{ name: "shop", type: "Cluster" as const, clusterName: "Cluster0" }],
          processors: [
            { name: "orders", pipeline: [...pipeline] as Record<string, unknown>[], state: "STARTED" as const },
          ],
        },
        { name: "other", provider: "AZURE" as const, region: "westeurope" },
      ],
    };
    const emulator = await start({ db, seed });
    const { projectId, clientId, clientSecret, publicKey, privateKey, project, wire } = emulator;
    expect({ projectId, clientId, clientSecret, publicKey, privateKey }).toEqual({
      projectId: seed.projectId,
      clientId: "id",
      clientSecret: "secret",
      publicKey: "public",
      privateKey: "private",
    });
    expect(wire).toContain("ann:p%40ss%2Fword@");
    await connect(emulator);
    expect(
      project.tenants().map(({ record: { name, tier, dataProcessRegion } }) => [name, tier, dataProcessRegion.region]),
    ).toEqual([
      ["local", "SP30", "VIRGINIA_USA"],
      ["other", "SP10", "westeurope"],
    ]);
    await insert(mongod, mongod.db, from, [{ _id: 1 }]);
    await expect.poll(() => idsIn(mongod, mongod.db, to)).toEqual([1]);
    await project.find("local")?.workspace.stop("orders");
    await emulator.close();
    const again = await start({ db, seed });
    expect(again.project.find("local")?.workspace.list()).toMatchObject([{ name: "orders", state: "STOPPED" }]);
  });

  test("starts what a seed has started also where a crash came between its creation and its start", async () => {
    const { pipeline } = orders();
    const db = mongod.freshDb();
    const first = await start({ db });
    const own = [...pipeline] as Record<string, unknown>[];
    await first.project.find("local")?.workspace.create({ name: "orders", pipeline: own });
    await first.close();
    const processors = [{ name: "orders", pipeline: own, state: "STARTED" as const }];
    const again = await start({ db, seed: { workspaces: [{ name: "local", processors }] } });
    expect(again.project.find("local")?.workspace.list()).toMatchObject([{ name: "orders", state: "STARTED" }]);
  });

  test("may listen on any address that only this machine reaches, without credentials of its user", async () => {
    const emulator = await start({ host: "127.0.0.2" });
    expect(emulator.wire).toContain("@127.0.0.2:");
    await connect(emulator);
  });

  test("stands beside others, each with its own state", async () => {
    const emulators = await Promise.all([start(), start(), start()]);
    expect(new Set(emulators.map(({ projectId }) => projectId)).size).toBe(3);
    const clients = await Promise.all(emulators.map(connect));
    const { pipeline } = orders();
    await clients[0]?.db("admin").command({ createStreamProcessor: "orders", pipeline });
    const lists = await Promise.all(clients.map((client) => client.db("admin").command({ listStreamProcessors: 1 })));
    expect(lists.map(({ streamProcessors }) => streamProcessors.length)).toEqual([1, 0, 0]);
  });

  test("without TLS has neither a certificate nor https", async () => {
    const emulator = await start({ tls: false });
    expect(emulator.caFile).toBeUndefined();
    expect(emulator.adminApi).toMatch(/^http:/);
    expect(emulator.wire).not.toContain("tls");
    const reply = await fetch(`${emulator.adminApi}/api/atlas/v2/groups/${emulator.projectId}/streams`);
    expect(reply.status).toBe(401);
    await connect(emulator);
  });

  test("with virtual time closes a window when its clock is moved on", async () => {
    const emulator = await start({ time: "virtual" });
    const admin = (await connect(emulator)).db("admin");
    const [from, to] = [freshName(), freshName()];
    const window = {
      $tumblingWindow: {
        boundary: "processingTime",
        interval: { size: 1, unit: "minute" },
        pipeline: [{ $group: { _id: null, n: { $sum: 1 } } }],
      },
    };
    const source = { connectionName: "Cluster0", db: mongod.db, coll: from, config: { fullDocumentOnly: true } };
    const into = { connectionName: "Cluster0", db: mongod.db, coll: to };
    const pipeline = [{ $source: source }, window, { $set: { _id: "all" } }, { $merge: { into } }];
    await admin.command({ createStreamProcessor: "counts", pipeline });
    await admin.command({ startStreamProcessor: "counts" });
    await insert(mongod, mongod.db, from, [{ _id: 1 }, { _id: 2 }]);
    const before = emulator.now();
    await emulator.advance(60_000);
    expect(emulator.now()).toBe(before + 60_000);
    expect(await mongod.client.db(mongod.db).collection(to).findOne({})).toEqual({ _id: "all", n: 2 });
  });

  test.each([8.64e15, Number.NaN, -1, 0.5])("with virtual time is not moved on by %d ms", async (ms) => {
    const emulator = await start({ time: "virtual" });
    const before = emulator.now();
    await expect(emulator.advance(ms)).rejects.toEqual(refused("ASP5312"));
    expect(emulator.now()).toBe(before);
  });

  test("with virtual time refuses, by http, a time that no date can hold", async () => {
    const emulator = await start({ time: "virtual", tls: false });
    const { adminApi, clientId, clientSecret } = emulator;
    const basic = Buffer.from(`${clientId}:${clientSecret}`).toString("base64");
    const token = await fetch(`${adminApi}/api/oauth/token`, {
      method: "POST",
      headers: { authorization: `Basic ${basic}`, "content-type": "application/x-www-form-urlencoded" },
      body: "grant_type=client_credentials",
    });
    const { access_token } = (await token.json()) as { readonly access_token: string };
    const reply = await fetch(`${adminApi}/_emulator/clock`, {
      method: "POST",
      headers: { authorization: `Bearer ${access_token}` },
      body: JSON.stringify({ advance: { size: 1e12, unit: "day" } }),
    });
    expect(reply.status).toBe(400);
    expect(await reply.json()).toMatchObject({ errorCode: "INVALID_ATTRIBUTE" });
  });

  test("by the wall clock cannot be moved on", async () => {
    const emulator = await start();
    await expect(emulator.advance(1000)).rejects.toEqual(refused("ASP5310"));
  });
});

describe("an emulator refuses to start", () => {
  test("where others could reach it with credentials that were made up", async () => {
    await expect(start({ host: "0.0.0.0" })).rejects.toEqual(refused("ASP5309"));
  });

  test("on a port that is taken", async () => {
    const { adminApi } = await start();
    const port = Number(new URL(adminApi).port);
    await expect(start({ adminPort: port })).rejects.toMatchObject({ message: expect.stringContaining(String(port)) });
    await expect(start({ wirePort: port })).rejects.toMatchObject({ message: expect.stringContaining(String(port)) });
  });

  test("with a folder that it cannot write to", async () => {
    const dataDir = await mkdtemp(join(tmpdir(), "asp-data-"));
    onTestFinished(() => rm(dataDir, { recursive: true }));
    await writeFile(join(dataDir, "tls"), "");
    await expect(start({ dataDir })).rejects.toEqual(refused("ASP5311"));
  });

  test("over a state that another one has", async () => {
    const db = mongod.freshDb();
    await start({ db });
    await expect(start({ db })).rejects.toEqual(refused("ASP5215"));
  });

  test("with a seed that the service would refuse", async () => {
    const workspaces = [{ name: "local", processors: [{ name: "p", pipeline: [{ $match: {} }] }] }];
    await expect(start({ seed: { workspaces } })).rejects.toEqual(refused("ASP5192"));
  });
});
