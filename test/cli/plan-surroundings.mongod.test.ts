import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Ajv } from "ajv";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { planReportSchema, type PlanReport } from "../../src/cli/render/plan-report-schema.ts";
import { parsePlanFile } from "../../src/deploy/plan/plan-file.ts";
import type { DeployedProcessor } from "../../src/deploy/record/claims.ts";
import type { RunningEmulator } from "../../src/testing/index.ts";
import { openEmulator, openTarget } from "../deploy/support.ts";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";
import { addFiles, makeFolder, runCli } from "./run-cli.ts";
import { adminApi, variablesOf } from "./emulator-settings.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const isReport = new Ajv({ allErrors: true, strict: false }).compile<PlanReport>(planReportSchema);

interface Parts {
  /** Lines below `staging`. */
  readonly staging?: string;
  readonly workspace?: string;
  readonly secret?: string;
  readonly domain?: string;
  readonly collections?: string;
}

const configOf = ({
  staging = "",
  workspace = "local",
  secret = "${SECRET}",
  domain = "",
  collections = "[]",
}: Parts) =>
  `connections:
  events: { type: Cluster, name: Cluster0 }
  domain: { type: Cluster, name: Cluster0 }
collections: ${collections}
environments:
  local: { target: emulator }
  staging:${adminApi({ workspace, secret })}
    connections: { domain: { ${domain} } }
${staging}
  wired: { target: wire, workspace: local, uri: "\${WIRE}", manage: true, tier: SP50 }
`;

const moduleOf = (name: string, { from = "events", on = "", db = "DB" } = {}): string =>
  `import { defineProcessor } from "asp-toolkit";
export default defineProcessor({
  name: "${name}",
  pipeline: [
    { $source: { connectionName: "events", db: "${db}", coll: "${from}", config: { fullDocumentOnly: true } } },
    { $project: { _id: 0, a: 1, b: 1 } },
    { $merge: { into: { connectionName: "domain", db: "${db}", coll: "${name}" }${on} } },
  ],
});
`;

async function setUp(parts: Parts, modules: Readonly<Record<string, string>>) {
  const emulator: RunningEmulator = await openEmulator(mongod);
  const db = mongod.freshDb();
  const fill = (text: string): string => text.replaceAll("DB", db).replaceAll("MONGOD", mongod.uri);
  const cwd = await makeFolder({
    "atlas.config.yaml": fill(configOf(parts)),
    ...Object.fromEntries(Object.entries(modules).map(([name, text]) => [`pipelines/${name}.ts`, fill(text)])),
  });
  const env = variablesOf(emulator);
  const asp = (...argv: readonly string[]) => runCli(argv, { cwd, env });
  const report = async (...argv: readonly string[]): Promise<PlanReport> => {
    const { stdout, stderr, code } = await asp("plan", "-e", "staging", "--json", ...argv);
    const read: unknown = JSON.parse(stdout);
    if (!isReport(read)) throw new Error(`${code} ${stderr} ${JSON.stringify(isReport.errors)} ${stdout}`);
    return read;
  };
  return { emulator, db, cwd, env, asp, report };
}

describe("a secret that stands in the config", () => {
  const secrets =
    'authentication: { password: hunter2 }, headers: { X-Api-Key: hunter2, Accept: text/plain }, config: { sasl.password: "hunter2" }, url: "https://me:hunter2@host/?code=hunter2"';

  test.each(["made", "changed"])(
    "is shown nowhere, and is in no kept plan, where its connection is %s",
    async (how) => {
      const domain = `name: fresh, clusterName: Cluster0, manage: true, ${secrets}`;
      const { asp, cwd, emulator } = await setUp({ domain }, { orders: moduleOf("orders") });
      if (how === "changed") {
        const target = await openTarget("admin-api, service account", emulator);
        await target.createConnection("fresh", { type: "Cluster", clusterName: "Cluster0" });
      }
      for (const argv of [[], ["--json"], ["--format", "markdown"]]) {
        const { code, stdout, stderr } = await asp("plan", "-e", "staging", ...argv);
        expect({ code, stderr, stdout }).toEqual({
          code: 0,
          stderr: expect.not.stringContaining("hunter2"),
          stdout: expect.not.stringContaining("hunter2"),
        });
        expect(stdout).toContain("fresh");
      }
      const { code, stderr, stdout } = await asp("plan", "-e", "staging", "--out", "kept.plan");
      expect(code).toBe(1);
      expect(stderr + stdout).not.toContain("hunter2");
      const fields = [
        ...stderr.matchAll(/error\[ASP6055\]: the plan would hold a secret: `([^`]+)` of the connection `domain`/gu),
      ];
      expect(fields.map(([, field]) => field)).toEqual([
        "authentication.password",
        "headers.X-Api-Key",
        "config.sasl.password",
        "url",
      ]);
      expect(stderr).toMatch(/--> atlas\.config\.yaml:\d+/u);
      await expect(readFile(join(cwd, "kept.plan"))).rejects.toThrow("ENOENT");
    },
  );

  test("as a variable is in a kept plan by its name", async () => {
    const domain = "name: fresh, clusterName: Cluster0, manage: true, authentication: { password: '${SECRET}' }";
    const { asp, cwd, emulator } = await setUp({ domain }, { orders: moduleOf("orders") });
    expect((await asp("plan", "-e", "staging", "--out", "kept.plan")).code).toBe(0);
    const kept = await readFile(join(cwd, "kept.plan"), "utf8");
    expect(kept).toContain('"password": "${SECRET}"');
    expect(kept).not.toContain(emulator.clientSecret);
  });
});

describe("asp plan of a workspace", () => {
  const managed = "    manage: true\n    provider: AZURE\n    region: westeurope\n    tier: SP10\n";

  test("that is not there: it is made, with its connections and all processors; without `manage` it is refused", async () => {
    const parts = { workspace: "made", domain: "clusterName: Cluster0", staging: managed };
    const { emulator, asp, report, cwd } = await setUp(parts, { orders: moduleOf("orders") });
    const { stdout, code } = await asp("plan", "-e", "staging", "--detailed-exitcode", "--out", "kept.plan");
    expect(code).toBe(2);
    expect(stdout).toContain(
      "  + workspace made is made in AZURE westeurope, and awaited until it answers\n      tier: SP10\n",
    );
    expect(stdout).toContain("+ orders is created and started\n");
    expect(stdout).toMatch(/Plan: 1 of the workspace, 1 of connections, 1 to create; 0 unchanged\n$/);
    const { steps, summary } = await report();
    expect(steps[0]).toEqual({
      kind: "create-workspace",
      name: "made",
      options: [
        { field: "provider", after: "AZURE" },
        { field: "region", after: "westeurope" },
        { field: "tier", after: "SP10" },
      ],
    });
    expect(summary).toMatchObject({ workspace: 1, connections: 1, create: 1 });
    const markdown = await asp("plan", "-e", "staging", "--format", "markdown");
    expect(markdown.stdout).toContain("| `made` | make the workspace in AZURE westeurope |  |");
    const kept = parsePlanFile(await readFile(join(cwd, "kept.plan"), "utf8"));
    expect(kept?.steps[0]).toMatchObject({ kind: "create-workspace", settings: { tier: "SP10" } });
    // Once it is there, the plan that was made without it is another one.
    const before = (await report()).digest;
    await (
      await openTarget("admin-api, service account", emulator, { workspace: "made" })
    ).createWorkspace({
      provider: "AZURE",
      region: "westeurope",
      tier: "SP10",
    });
    expect((await report()).digest).not.toBe(before);
    const yaml = await readFile(join(cwd, "atlas.config.yaml"), "utf8");
    await addFiles(cwd, {
      "atlas.config.yaml": yaml
        .replace("workspace: made", "workspace: nowhere")
        .replace("manage: true", "manage: false"),
    });
    expect(await asp("plan", "-e", "staging")).toMatchObject({ code: 3, stderr: expect.stringContaining("ASP6002") });
  });

  test("that has another tier: it is changed, and through the wire that is an error", async () => {
    const { asp, report } = await setUp(
      { staging: "    manage: true\n    tier: SP50\n    maxTier: SP50\n", domain: "manage: false" },
      { orders: moduleOf("orders") },
    );
    const { stdout } = await asp("plan", "-e", "staging");
    expect(stdout).toMatch(/ {2}~ workspace local is changed\n {6}tier: SP\d+ → SP50\n/);
    expect((await report()).steps.map(({ kind }) => kind)).toEqual(["edit-workspace", "create"]);
    const wired = await asp("plan", "-e", "wired");
    expect(wired).toMatchObject({ code: 1, stderr: expect.stringContaining("ASP6060") });
  });
});

describe("asp plan of collections", () => {
  const collections = `
  - { connectionName: domain, db: DB, coll: orders, indexes: [{ key: { b: 1 } }], changeStreamPreAndPostImages: true }`;
  const modules = { orders: moduleOf("orders"), totals: moduleOf("totals", { on: ', on: ["a", "b"]' }) };

  test("where asp finds the cluster: what is missing is made before the processors, and then it is not", async () => {
    const { asp, report, db, cwd } = await setUp({ collections, domain: 'uri: "MONGOD"' }, modules);
    const { stdout } = await asp("plan", "-e", "staging", "--out", "kept.plan");
    expect(stdout).toContain(
      [
        `  + collection ${db}.orders of domain is made`,
        '      {"changeStreamPreAndPostImages":{"enabled":true}}',
        "",
        `  + index of ${db}.orders of domain is made: {"b":1}`,
        "",
        `  + index of ${db}.totals of domain is made: {"a":1,"b":1} {"unique":true}`,
        "      the `$merge` of totals needs it",
        "",
        "  + orders is created and started",
      ].join("\n"),
    );
    expect(stdout).toContain("Plan: 3 of collections and indexes, 2 to create");
    const { steps, summary } = await report();
    expect(summary.collections).toBe(3);
    expect(steps[2]).toEqual({
      kind: "create-index",
      name: `${db}.totals`,
      cluster: "domain",
      index: '{"a":1,"b":1} {"unique":true}',
      neededBy: ["totals"],
    });
    expect(await readFile(join(cwd, "kept.plan"), "utf8")).not.toContain(mongod.uri);
    const only = await report("--only", "totals");
    expect(only.steps.map(({ kind, name }) => [kind, name])).toEqual([
      ["create-index", `${db}.totals`],
      ["create", "totals"],
    ]);
    const database = mongod.client.db(db);
    await database.createCollection("orders", { changeStreamPreAndPostImages: { enabled: true } });
    await database.collection("orders").createIndex({ b: 1 });
    await database.collection("totals").createIndex({ b: 1, a: 1 }, { unique: true });
    expect((await report()).steps.map(({ kind }) => kind)).toEqual(["create", "create"]);
    await database.collection("orders").dropIndexes();
    await database.collection("orders").createIndex({ b: 1 }, { unique: true });
    expect(await asp("plan", "-e", "staging")).toMatchObject({ code: 1, stderr: expect.stringContaining("ASP6063") });
  });

  test("where it does not: told, with the commands", async () => {
    const { asp, db } = await setUp({ collections }, modules);
    const { code, stderr } = await asp("plan", "-e", "staging");
    expect(code).toBe(0);
    expect(stderr).toContain("info[ASP6062]: the collections of `domain` are not looked at: ");
    expect(stderr).toContain(
      `db.getSiblingDB("${db}").getCollection("totals").createIndex({"a":1,"b":1}, {"unique":true})`,
    );
  });
});

describe("what a command prints", () => {
  const node = process.execPath;
  const printing = (folder: string, code: string): string =>
    `\${exec:${node} -e "require('node:fs').appendFileSync('${folder}/runs', 'x'), ${code}"}`;

  test("is used as a secret, once, and shown nowhere; commands that need none do not run it", async () => {
    const folder = await makeFolder();
    const secret = printing(folder, "console.log(process.env.SECRET)");
    const uri = printing(folder, "console.log('MONGOD')");
    const record = "    record: { connectionName: domain, db: DB }\n";
    const { asp, report, emulator, cwd } = await setUp(
      {
        secret,
        domain: `uri: ${JSON.stringify(uri)}`,
        staging: record,
        collections: "[{ connectionName: domain, db: DB, coll: orders }]",
      },
      { orders: moduleOf("orders") },
    );
    for (const command of ["validate", "compile"]) {
      expect(await asp(command, "-e", "staging")).toMatchObject({ code: 0 });
    }
    await expect(readFile(join(folder, "runs"), "utf8")).rejects.toThrow("ENOENT");
    const { stdout, stderr, code } = await asp("plan", "-e", "staging", "-v", "--out", "kept.plan");
    expect({ code, stderr }).toMatchObject({ code: 0 });
    // The secret, and the address that the record and the collections share.
    expect(await readFile(join(folder, "runs"), "utf8")).toBe("xx");
    expect((await report()).steps.map(({ kind }) => kind)).toEqual(["create-collection", "create"]);
    const kept = await readFile(join(cwd, "kept.plan"), "utf8");
    for (const text of [stdout, stderr, kept]) {
      expect(text).not.toContain(emulator.clientSecret);
      expect(text).not.toContain(mongod.uri);
    }
  });

  test("and where the command fails, it is named with its exit code, and nothing that it printed", async () => {
    const secret = `\${exec:${node} -e "console.log('s3cret'.toUpperCase()), console.error('no access'), process.exit(4)"}`;
    const { asp } = await setUp({ secret }, { orders: moduleOf("orders") });
    const { code, stderr, stdout } = await asp("plan", "-e", "staging");
    expect(code).toBe(1);
    expect(stderr).toContain("error[ASP6066]");
    expect(stderr).toContain("ended with exit code 4");
    expect(stderr).toContain("it says: no access");
    expect(stdout + stderr).not.toContain("S3CRET");
  });
});

describe("asp plan --suffix", () => {
  const modules = { orders: moduleOf("orders"), totals: moduleOf("totals", { from: "orders" }) };

  test("plans a preview beside what is deployed, with its own names and its own record", async () => {
    const parts = {
      domain: 'uri: "MONGOD"',
      collections: `
  - { connectionName: domain, db: DB, coll: orders, indexes: [{ key: { a: 1 } }] }
  - { connectionName: domain, db: DB, coll: events, changeStreamPreAndPostImages: true }`,
      staging:
        "    dlq: { connectionName: domain, db: DB, coll: dead }\n    record: { connectionName: domain, db: DB }\n",
    };
    const { asp, report, db, emulator, cwd } = await setUp(parts, modules);
    const target = await openTarget("admin-api, service account", emulator);
    const { stdout: compiled } = await asp("compile", "-e", "staging");
    for (const definition of JSON.parse(compiled) as Parameters<typeof target.create>[0][])
      await target.create(definition);
    const deployed = mongod.client.db(db).collection<DeployedProcessor>("asp_deployed");
    await deployed.insertMany([
      { _id: { workspace: `${emulator.projectId}/local`, processor: "orders" }, owner: "asp" },
      { _id: { workspace: `${emulator.projectId}/local`, processor: "gone-pr-42" }, owner: "asp-pr-42" },
    ]);
    const pipeline = [
      { $source: { connectionName: "Cluster0", db, coll: "events" } },
      { $merge: { into: { connectionName: "Cluster0", db, coll: "gone" } } },
    ];
    await target.create({ name: "gone-pr-42", pipeline });

    const { steps, suffix, unmanaged } = await report("--suffix", "pr-42", "--prune");
    expect(suffix).toBe("pr-42");
    expect(steps.map(({ kind, name }) => [kind, name])).toEqual([
      ["create-collection", `${db}.orders-pr-42`],
      ["create-index", `${db}.orders-pr-42`],
      ["create", "totals-pr-42"],
      ["create", "orders-pr-42"],
      ["delete", "gone-pr-42"],
    ]);
    expect(unmanaged).toEqual(["orders", "totals"]);
    // On the command line all names are without it.
    const renamed = await report("--suffix", "pr-42", "--rename", "gone=totals");
    expect(renamed.findings.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(renamed.steps.find(({ kind }) => kind === "rename")).toMatchObject({
      name: "totals-pr-42",
      formerName: "gone-pr-42",
    });
    const { stdout: shown } = await asp("plan", "-e", "staging", "--suffix", "pr-42", "--out", "kept.plan");
    expect(shown).toContain("not this preview's, left alone: orders, totals");
    const kept = parsePlanFile(await readFile(join(cwd, "kept.plan"), "utf8"));
    expect(kept?.suffix).toBe("pr-42");
    expect(kept?.steps.filter(({ kind }) => kind === "create")).toMatchObject([
      {
        definition: {
          pipeline: [{ $source: { coll: "orders-pr-42" } }, {}, { $merge: { into: { coll: "totals-pr-42" } } }],
          options: { dlq: { db, coll: "dead-pr-42" } },
        },
      },
      {
        definition: { pipeline: [{ $source: { coll: "events" } }, {}, { $merge: { into: { coll: "orders-pr-42" } } }] },
      },
    ]);
    const { stdout } = await asp("plan", "-e", "staging", "--suffix", "pr-42");
    expect(stdout).toContain("staging, preview pr-42: workspace `local`");
    // What is deployed is not looked at as the preview's.
    expect((await report()).steps.map(({ kind, name }) => [kind, name])).toContainEqual(["start", "orders"]);
  });

  test.each(["a=b,a=c", "a=c,b=c", "a", "a=", "=b", "a=b=c"])("`%s` are no renames", async (pairs) => {
    expect((await runCli(["plan", "-e", "staging", "--rename", pairs])).code).toBe(64);
  });

  test.each(["", "a b", "-x", "pr/42", "x".repeat(31), "${A}"])("`%s` is no suffix", async (suffix) => {
    expect((await runCli(["plan", "-e", "staging", `--suffix=${suffix}`])).code).toBe(64);
  });
});
