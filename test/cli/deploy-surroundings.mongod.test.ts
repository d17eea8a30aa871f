import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openEmulator, openTarget } from "../deploy/support.ts";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";
import { makeFolder, runCli } from "./run-cli.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const moduleOf = (name: string, from: string, on = ""): string =>
  `import { defineProcessor } from "asp-toolkit";
export default defineProcessor({
  name: "${name}",
  pipeline: [
    { $source: { connectionName: "domain", db: "DB", coll: "${from}", config: { fullDocumentOnly: true } } },
    { $project: { _id: 0, a: 1, b: 1 } },
    { $merge: { into: { connectionName: "domain", db: "DB", coll: "${name}" }${on} } },
  ],
});
`;

/** A project whose every secret is what a command prints. */
async function setUp(workspace: string) {
  const emulator = await openEmulator(mongod);
  const db = mongod.freshDb();
  const folder = await makeFolder();
  const printing = (name: string): string =>
    JSON.stringify(
      `\${exec:${process.execPath} -e "require('node:fs').appendFileSync('${folder}/${name}', 'x'), console.log(process.env.${name})"}`,
    );
  const config = `connections:
  domain: { type: Cluster, clusterName: Cluster0 }
collections:
  - { connectionName: domain, db: DB, coll: orders, indexes: [{ key: { b: 1 } }], changeStreamPreAndPostImages: true }
environments:
  local: { target: emulator }
  staging:
    target: admin-api
    manage: true
    provider: AZURE
    region: westeurope
    tier: SP10
    projectId: ${emulator.projectId}
    workspace: ${workspace}
    baseUrl: ${emulator.adminApi}
    caFile: "${emulator.caFile}"
    auth: { type: service-account, clientId: "${emulator.clientId}", clientSecret: ${printing("SECRET")} }
    record: { connectionName: domain, db: DB }
    connections: { domain: { uri: ${printing("DOMAIN")} } }
`;
  const fill = (text: string): string => text.replaceAll("DB", db);
  const cwd = await makeFolder({
    "atlas.config.yaml": fill(config),
    "pipelines/orders.ts": fill(moduleOf("orders", "events")),
    "pipelines/totals.ts": fill(moduleOf("totals", "orders", ', on: ["a", "b"]')),
  });
  const env = { SECRET: emulator.clientSecret, DOMAIN: mongod.uri };
  const target = await openTarget("admin-api, service account", emulator, { workspace });
  return {
    emulator,
    db,
    cwd,
    target,
    asp: (...argv: readonly string[]) => runCli(argv, { cwd, env }),
    runs: async (name: string) => (await readFile(join(folder, name), "utf8")).length,
    names: async () => (await target.processors()).map(({ name }) => name).toSorted(),
  };
}

test("asp deploy makes the workspace, connections, collections, indexes and processors of an environment, and then has nothing to do", async () => {
  const { asp, target, db, emulator, runs, names } = await setUp("made");
  const deployed = await asp("deploy", "-e", "staging", "--yes", "--no-start");
  expect(deployed.stderr).toContain("create workspace made");
  expect(deployed.stderr).toContain(`create index ${db}.totals`);
  expect(deployed.code).toBe(0);
  // However often a command's value is used, it is run once.
  expect([await runs("SECRET"), await runs("DOMAIN")]).toEqual([1, 1]);
  expect(deployed.stdout + deployed.stderr).not.toContain(emulator.clientSecret);
  expect(deployed.stdout + deployed.stderr).not.toContain(mongod.uri);
  expect(await target.workspace()).toEqual({ provider: "AZURE", region: "westeurope", tier: "SP10" });
  expect((await target.connections()).map(({ name }) => name)).toEqual(["domain"]);
  expect(await names()).toEqual(["orders", "totals"]);
  const database = mongod.client.db(db);
  expect(await database.collection("orders").indexes()).toMatchObject([{ key: { _id: 1 } }, { key: { b: 1 } }]);
  expect(await database.collection("totals").indexes()).toMatchObject([
    { key: { _id: 1 } },
    { key: { a: 1, b: 1 }, unique: true },
  ]);
  const again = await asp("plan", "-e", "staging", "--no-start", "--detailed-exitcode");
  expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining("No changes: 2 unchanged") });
});

test("a preview is deployed beside it and destroyed again, from a kept plan too, and nothing of the environment changes", async () => {
  const { asp, db, cwd, names } = await setUp("made");
  expect((await asp("deploy", "-e", "staging", "--yes", "--no-start")).code).toBe(0);
  expect((await asp("plan", "-e", "staging", "--suffix", "pr-42", "--no-start", "--out", "kept.plan")).code).toBe(0);
  expect(await readFile(join(cwd, "kept.plan"), "utf8")).not.toContain(mongod.uri);
  const deployed = await asp("deploy", "kept.plan", "--yes");
  expect(deployed).toMatchObject({ code: 0 });
  expect(await names()).toEqual(["orders", "orders-pr-42", "totals", "totals-pr-42"]);
  const database = mongod.client.db(db);
  expect(await database.collection("orders-pr-42").indexes()).toMatchObject([{ key: { _id: 1 } }, { key: { b: 1 } }]);
  expect(await database.collection("totals-pr-42").indexes()).toHaveLength(2);
  const again = await asp("deploy", "-e", "staging", "--suffix", "pr-42", "--yes", "--no-start");
  expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining("No changes: 2 unchanged") });
  const own = await asp("plan", "-e", "staging", "--no-start", "--prune", "--detailed-exitcode");
  expect(own).toMatchObject({ code: 0, stdout: expect.stringContaining("No changes: 2 unchanged") });

  expect((await asp("destroy", "-e", "staging", "--suffix", "pr-42", "--only", "totals", "--yes")).code).toBe(0);
  expect(await names()).toEqual(["orders", "orders-pr-42", "totals"]);
  expect((await asp("destroy", "-e", "staging", "--suffix", "pr-42", "--yes")).code).toBe(0);
  expect(await names()).toEqual(["orders", "totals"]);
});

test("an index that cannot be made keeps the processor that needs it from being made, and the reason is told", async () => {
  const { asp, db, names } = await setUp("made");
  await mongod.client
    .db(db)
    .collection("totals")
    .insertMany([{ a: 1 }, { a: 1 }]);
  const { code, stdout, stderr } = await asp("deploy", "-e", "staging", "--yes", "--no-start");
  expect(code).toBe(3);
  expect(stderr).toContain("duplicate key");
  expect(stdout + stderr).toContain(`it comes after an index of \`${db}.totals\`, which was not done`);
  expect(await names()).toEqual([]);
});

test("a kept plan takes no suffix of its own", async () => {
  expect((await runCli(["deploy", "kept.plan", "--suffix", "pr-1", "--yes"])).code).toBe(64);
});
