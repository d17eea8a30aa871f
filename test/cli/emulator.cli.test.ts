import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execPath } from "node:process";
import { MongoClient } from "mongodb";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { freePort } from "../../src/mongod/free-port.ts";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";
import { makeFolder } from "./run-cli.ts";
import { isAlive, spawnCli, type SpawnedCli } from "./spawn-cli.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

interface Ready {
  readonly wire: string;
  readonly adminApi: string;
  readonly caFile: string;
  readonly projectId: string;
  readonly clusterUri: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

async function ready(cli: SpawnedCli): Promise<Ready> {
  const [line = ""] = await cli.stdoutLines(1);
  return JSON.parse(line) as Ready;
}

async function connect(uri: string): Promise<MongoClient> {
  const client = await new MongoClient(uri, { serverSelectionTimeoutMS: 5000 }).connect();
  onTestFinished(() => client.close());
  return client;
}

const pipeline = (connectionName: string) => [
  { $source: { connectionName, db: "shop", coll: "events", config: { fullDocumentOnly: true } } },
  { $merge: { into: { connectionName, db: "shop", coll: "orders" } } },
];

const config =
  "connections: { shop: { type: Cluster }, bus: { type: Kafka } }\nenvironments: { local: { target: emulator, workspace: commerce } }\n";

describe("asp emulator", () => {
  test("prints one line when it is ready, runs until it is stopped, and leaves nothing", async () => {
    const cli = await spawnCli(["emulator", "--json"], { cwd: await makeFolder({}) });
    const line = await ready(cli);
    expect(Object.keys(line)).toEqual([
      "wire",
      "adminApi",
      "caFile",
      "projectId",
      "workspace",
      "clientId",
      "clientSecret",
      "publicKey",
      "privateKey",
      "clusterUri",
      "clusterName",
    ]);
    const admin = (await connect(line.wire)).db("admin");
    await admin.command({ createStreamProcessor: "orders", pipeline: pipeline("Cluster0") });
    await admin.command({ startStreamProcessor: "orders" });
    const shop = (await connect(line.clusterUri)).db("shop");
    await shop.collection<{ _id: number }>("events").insertOne({ _id: 1 });
    await expect.poll(() => shop.collection("orders").findOne({})).toEqual({ _id: 1 });
    const descendants = await cli.descendants();
    expect(descendants.length).toBeGreaterThan(0);
    cli.kill("SIGTERM");
    const { code, stdout } = await cli.result;
    expect({ code, lines: stdout.split("\n").length }).toEqual({ code: 0, lines: 2 });
    expect(await cli.leftovers()).toEqual([]);
    expect(await Promise.all(descendants.map(isAlive))).not.toContain(true);
  });

  test("with --data has everything again after a restart: credentials, documents, and processors that go on where they were", async () => {
    const cwd = await makeFolder({});
    const start = async () => {
      const cli = await spawnCli(["emulator", "--json", "--data", "state"], { cwd });
      const line = await ready(cli);
      return { cli, line, shop: (await connect(line.clusterUri)).db("shop") };
    };
    const first = await start();
    const admin = (await connect(first.line.wire)).db("admin");
    for (const name of ["orders", "idle"]) {
      const to = { $merge: { into: { connectionName: "Cluster0", db: "shop", coll: name } } };
      await admin.command({ createStreamProcessor: name, pipeline: [pipeline("Cluster0")[0], to] });
    }
    await admin.command({ startStreamProcessor: "orders" });
    await first.shop.collection<{ _id: number }>("events").insertOne({ _id: 1 });
    await expect.poll(() => first.shop.collection("orders").countDocuments()).toBe(1);
    // What was written once is not written again.
    await first.shop.collection("orders").deleteMany({});
    first.cli.kill("SIGTERM");
    expect((await first.cli.result).code).toBe(0);

    const second = await start();
    const { wire: _, adminApi: __, clusterUri: ___, ...kept } = first.line;
    expect(second.line).toMatchObject(kept);
    expect(await second.shop.collection("events").countDocuments()).toBe(1);
    const again = (await connect(second.line.wire)).db("admin");
    const { streamProcessors } = await again.command({ listStreamProcessors: 1 });
    const states = streamProcessors.map(({ name, state }: { name: string; state: string }) => [name, state]);
    expect(Object.fromEntries(states)).toEqual({ orders: "STARTED", idle: "CREATED" });
    await second.shop.collection<{ _id: number }>("events").insertOne({ _id: 2 });
    await expect.poll(() => second.shop.collection("orders").find().toArray()).toEqual([{ _id: 2 }]);
    second.cli.kill("SIGTERM");
    expect((await second.cli.result).code).toBe(0);
  });

  test("takes ports, an address, plain connections, a clock of its own and faults together", async () => {
    const port = String(await freePort());
    const adminPort = String(await freePort());
    const cwd = await makeFolder({
      "faults.yaml": "faults:\n  - { path: /api/oauth/token, status: 429, retryAfterSeconds: 7 }\n",
    });
    const options = ["--wire-port", port, "--admin-port", adminPort, "--host", "127.0.0.2", "--no-tls"];
    const cli = await spawnCli(["emulator", "--json", ...options, "--time", "virtual", "--faults", "faults.yaml"], {
      cwd,
    });
    const line = await ready(cli);
    expect(new URL(line.wire).host).toBe(`127.0.0.2:${port}`);
    expect(line.adminApi).toBe(`http://127.0.0.2:${adminPort}`);
    expect(line.caFile).toBeUndefined();
    await (await connect(line.wire)).db("admin").command({ listStreamProcessors: 1 });
    const basic = `Basic ${Buffer.from(`${line.clientId}:${line.clientSecret}`).toString("base64")}`;
    const ask = () =>
      fetch(`${line.adminApi}/api/oauth/token`, {
        method: "POST",
        headers: { authorization: basic, "content-type": "application/x-www-form-urlencoded" },
        body: "grant_type=client_credentials",
      });
    expect(await ask()).toMatchObject({ status: 429 });
    const { access_token: token } = (await (await ask()).json()) as { readonly access_token: string };
    const authorization = `Bearer ${token}`;
    const move = { size: 1, unit: "hour" };
    const moved = await fetch(`${line.adminApi}/_emulator/clock`, {
      method: "POST",
      headers: { authorization, "content-type": "application/json" },
      body: JSON.stringify({ advance: move }),
    });
    expect(moved.status).toBe(200);
    cli.kill("SIGTERM");
    expect((await cli.result).code).toBe(0);
  });

  test("leaves nothing when its mongod is killed", async () => {
    const cli = await spawnCli(["emulator", "--json"], { cwd: await makeFolder({}) });
    const { clusterUri, caFile } = await ready(cli);
    const { pid } = await (await connect(clusterUri)).db("admin").command({ serverStatus: 1 });
    process.kill(Number(pid), "SIGKILL");
    const { code, stderr } = await cli.result;
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining("ASP4157") });
    expect(existsSync(dirname(dirname(caFile)))).toBe(false);
    expect(await cli.leftovers()).toEqual([]);
  });

  test("says on a terminal what to type, and ends with 130 after Ctrl-C", async () => {
    const cwd = await makeFolder({ "atlas.config.yaml": config });
    const cli = await spawnCli(["emulator", "--uri", mongod.uri, "--data", "state"], { cwd });
    const lines = await cli.stdoutLines(3);
    expect(lines[0]).toBe("READY: workspace commerce");
    expect(lines[1]).toMatch(/^ {2}mongosh +mongosh "mongodb:\/\/asp:/);
    cli.kill("SIGINT");
    expect((await cli.result).code).toBe(130);
    expect(await readFile(join(cwd, "state/tls/ca.pem"), "utf8")).toContain("BEGIN CERTIFICATE");
  });

  test("reaches a cluster whose `uri` is what a command prints, and goes on without one whose command fails", async () => {
    const [ran, failed] = [`\${exec:"${execPath}" -p process.env.MONGO}`, "${exec:no-such-command}"];
    const connections = { shop: { type: "Cluster", uri: ran }, vault: { type: "Cluster", uri: failed } };
    const cwd = await makeFolder({
      "atlas.config.yaml": JSON.stringify({ connections, environments: { local: { target: "emulator" } } }),
    });
    const cli = await spawnCli(["emulator", "--json"], { cwd, env: { MONGO: mongod.uri } });
    const { wire } = await ready(cli);
    expect(await cli.stderrHas("no-such-command")).toContain("warning[ASP6066]");
    const admin = (await connect(wire)).db("admin");
    const [from, to] = [mongod.client.db(mongod.freshDb()), mongod.client.db(mongod.freshDb())];
    const stages = [
      {
        $source: { connectionName: "shop", db: from.databaseName, coll: "events", config: { fullDocumentOnly: true } },
      },
      { $merge: { into: { connectionName: "shop", db: to.databaseName, coll: "orders" } } },
    ];
    await admin.command({ createStreamProcessor: "orders", pipeline: stages });
    await admin.command({ startStreamProcessor: "orders" });
    await from.collection<{ _id: number }>("events").insertOne({ _id: 1 });
    await expect.poll(() => to.collection("orders").findOne({})).toEqual({ _id: 1 });
  });

  test("has the clusters of the config as connections, and a Kafka connection of it is topics in memory once it is made", async () => {
    const cwd = await makeFolder({
      "atlas.config.yaml": config,
      "seed.yaml":
        "workspaces:\n  - name: commerce\n    connections: [{ name: bus, type: Kafka, bootstrapServers: in-memory }]\n",
    });
    const cli = await spawnCli(["emulator", "--json", "--seed", "seed.yaml"], { cwd });
    const line = await ready(cli);
    const admin = (await connect(line.wire)).db("admin");
    const { connections } = await admin.command({ listStreamConnections: 1 });
    expect(connections.map(({ name }: { name: string }) => name)).toEqual(["sample_stream_solar", "shop", "bus"]);
    const shop = (await connect(line.clusterUri)).db("shop");
    const toTopic = [pipeline("shop")[0], { $emit: { connectionName: "bus", topic: "orders" } }];
    const fromTopic = [
      { $source: { connectionName: "bus", topic: "orders", config: { auto_offset_reset: "earliest" } } },
      { $merge: { into: { connectionName: "shop", db: "shop", coll: "orders" } } },
    ];
    await admin.command({ createStreamProcessor: "out", pipeline: toTopic });
    await admin.command({ createStreamProcessor: "in", pipeline: fromTopic });
    await admin.command({ startStreamProcessor: "out" });
    await admin.command({ startStreamProcessor: "in" });
    await shop.collection<{ _id: number }>("events").insertOne({ _id: 7 });
    await expect.poll(() => shop.collection("orders").countDocuments(), { timeout: 10_000 }).toBe(1);
  });

  test.each([
    ["a port that is none", ["--wire-port", "70000"], 64, "no port"],
    ["a clock that there is not", ["--time", "fast"], 64, "fast"],
    ["a seed that is not there", ["--seed", "seed.yaml"], 3, "cannot read seed.yaml"],
    ["a seed with a mistake", ["--seed", "wrong.yaml"], 1, "unknown key `user`"],
    ["faults with a mistake", ["--faults", "wrong.yaml"], 1, "unknown key `user`"],
    ["an environment that there is not", ["-e", "staging"], 1, "staging"],
    ["an address that others reach", ["--host", "0.0.0.0"], 3, "can be reached by others"],
    [
      "a cluster that does not answer",
      ["--uri", "mongodb://u:secret@127.0.0.1:1/?serverSelectionTimeoutMS=200"],
      3,
      "cannot connect",
    ],
  ])("refuses %s", async (_, args, code, message) => {
    const cwd = await makeFolder({ "atlas.config.yaml": config, "wrong.yaml": "user: []\n" });
    const cli = await spawnCli(["emulator", ...args], { cwd });
    const { code: found, stderr } = await cli.result;
    expect({ found, stderr }).toEqual({ found: code, stderr: expect.stringContaining(message) });
    expect(stderr).not.toMatch(/secret|at .*\.(?:js|ts):\d/);
  });
});
