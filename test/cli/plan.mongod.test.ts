import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Ajv } from "ajv";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { planReportSchema, type PlanReport } from "../../src/cli/render/plan-report-schema.ts";
import { parsePlanFile } from "../../src/deploy/plan/plan-file.ts";
import type { DeployedProcessor } from "../../src/deploy/record/claims.ts";
import type { Target } from "../../src/deploy/targets/target.ts";
import type { RunningEmulator } from "../../src/testing/index.ts";
import { arm, openEmulator, openTarget } from "../deploy/support.ts";
import { freshName } from "../engine/support.ts";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";
import { addFiles, makeFolder, runCli, type CliResult } from "./run-cli.ts";
import { adminApi, variablesOf } from "./emulator-settings.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const isReport = new Ajv({ allErrors: true, strict: false }).compile<PlanReport>(planReportSchema);

const config = `events: { connectionName: events, db: shop, coll: events }
connections:
  events: { type: Cluster, name: Cluster0 }
  domain: { type: Cluster, name: Cluster0 }
environments:
  local: { target: emulator }
  staging:${adminApi()}
  keyed:
    target: admin-api
    projectId: "\${PROJECT}"
    workspace: local
    baseUrl: "\${ADMIN}"
    caFile: "CA_FILE"
    auth: { type: api-key, publicKey: "\${PUBLIC}", privateKey: "\${PRIVATE}" }
  wired: { target: wire, workspace: local, uri: "\${WIRE}" }
`;

const at = (db: string, coll: string) => `connectionName: "events", db: "${db}", coll: "${coll}"`;

/** A module whose processor reads `from` and writes a collection of its name. */
const moduleOf = (
  name: string,
  { from = "events", stage = '{ $match: { type: "Paid" } }', options = "" } = {},
): string =>
  `import { defineProcessor } from "asp-toolkit";
export default defineProcessor({
  name: "${name}",
  pipeline: [
    { $source: { ${at("DB", from)}, config: { fullDocumentOnly: true } } },
    ${stage},
    { $merge: { into: { connectionName: "domain", db: "DB", coll: "${name}" } } },
  ],
  ${options}
});
`;

interface Setup {
  readonly emulator: RunningEmulator;
  readonly target: Target;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  write(name: string, text: string): Promise<void>;
  asp(...argv: readonly string[]): Promise<CliResult>;
  report(...argv: readonly string[]): Promise<PlanReport>;
}

async function setUp(modules: Readonly<Record<string, string>>, extra = ""): Promise<Setup> {
  const emulator = await openEmulator(mongod);
  const target = await openTarget("admin-api, service account", emulator);
  const files = (all: Readonly<Record<string, string>>) =>
    Object.fromEntries(
      Object.entries(all).map(([name, text]) => [`pipelines/${name}.ts`, text.replaceAll("DB", mongod.db)]),
    );
  const cwd = await makeFolder({
    "atlas.config.yaml": config.replaceAll("CA_FILE", emulator.caFile ?? "") + extra,
    ...files(modules),
  });
  const env = variablesOf(emulator);
  const asp = (...argv: readonly string[]) => runCli(argv, { cwd, env });
  return {
    emulator,
    target,
    cwd,
    env,
    asp,
    write: (name, text) => addFiles(cwd, files({ [name]: text })),
    report: async (...argv) => {
      const { stdout, stderr, code } = await asp("plan", "-e", "staging", "--json", ...argv);
      const report: unknown = JSON.parse(stdout);
      if (!isReport(report)) throw new Error(`${code} ${stderr} ${JSON.stringify(isReport.errors)} ${stdout}`);
      return report;
    },
  };
}

/** As a deployment would leave the workspace. */
async function deploy({ asp, target }: Setup): Promise<void> {
  const { stdout } = await asp("compile", "-e", "staging");
  for (const definition of JSON.parse(stdout) as Parameters<Target["create"]>[0][]) {
    await target.create(definition);
    await target.start(definition.name);
  }
}

describe("asp plan", () => {
  test.each(["staging", "keyed", "wired"])("of %s: what is new, then nothing", async (environment) => {
    const setup = await setUp({ orders: moduleOf("orders") });
    const first = await setup.asp("plan", "-e", environment, "--detailed-exitcode");
    expect(first.stderr).toContain("reading workspace `local`");
    expect(first.stdout).toContain("+ orders is created and started\n");
    expect(first.stdout).toContain("$source → $match → $merge\n");
    expect(first.stdout).toMatch(/Plan: 1 to create; 0 unchanged\n$/);
    expect(first.code).toBe(2);
    await deploy(setup);
    const second = await setup.asp("plan", "-e", environment, "--detailed-exitcode");
    expect(second.stdout).toMatch(/unchanged: orders\n[^]*No changes: 1 unchanged\n$/);
    expect(second.code).toBe(0);
    expect((await setup.target.processors()).map(({ name, state }) => [name, state])).toEqual([["orders", "STARTED"]]);
  });

  test("shows a change stage by stage, what it does to the checkpoint, and the tier", async () => {
    const setup = await setUp({ orders: moduleOf("orders"), payments: moduleOf("payments") });
    await deploy(setup);
    await setup.write(
      "orders",
      moduleOf("orders", { stage: '{ $match: { type: "Shipped" } }', options: 'options: { tier: "SP50" },' }),
    );
    await setup.write("payments", moduleOf("payments", { from: "others" }));
    const { stdout, code } = await setup.asp("plan", "-e", "staging");
    expect(code).toBe(0);
    expect(stdout).toContain(
      [
        "  ~ orders is changed: keeps its checkpoint",
        "      stages without state, the sink and the dead letter queue may change",
        "      stops for the change and starts again: events wait meanwhile, none is lost",
      ].join("\n"),
    );
    expect(stdout).toMatch(/tier: SP\d+ → SP50/);
    expect(stdout).toContain("      stage 2: $match changed\n");
    expect(stdout).toContain('      -     "type": "Paid"\n      +     "type": "Shipped"\n');
    expect(stdout).toContain("  ! payments is changed: DISCARDS its checkpoint\n");
    expect(stdout).toContain(`      lost: the position in \`$source\`\n      to rebuild: ${mongod.db}.payments\n`);
    expect(stdout).toMatch(/Plan: 2 to edit; checkpoints lost: 1; 0 unchanged\n$/);
    const { summary, steps } = await setup.report();
    expect(summary).toMatchObject({ edit: 2, discardsCheckpoint: 1 });
    expect(steps.map(({ name, verdict }) => [name, verdict?.rule])).toEqual([
      ["orders", "stateless-change"],
      ["payments", "source-changed"],
    ]);
    const comment = await setup.asp("plan", "-e", "staging", "--format", "markdown");
    expect(comment.stdout).toContain("| `payments` | change: pipeline | **discarded**: ");
    expect(comment.stdout).toContain("```diff\n@@ stage 2: $match changed @@\n");
  });

  test("says what an hour costs before and after, where prices are known", async () => {
    const priced = `  priced:${adminApi()}\n    provider: AZURE\n    region: westeurope\n`;
    const tier = (name: string) => ({ options: `options: { tier: "${name}" },` });
    const setup = await setUp(
      { orders: moduleOf("orders", tier("SP10")), payments: moduleOf("payments", tier("SP10")) },
      priced,
    );
    await deploy(setup);
    const plan = ["plan", "-e", "priced"];
    const before = await setup.asp(...plan);
    expect(before.stdout).toContain("\nCost: $0.5306 an hour, as before\n");
    await setup.write("orders", moduleOf("orders", tier("SP30")));
    await setup.write("refunds", moduleOf("refunds", tier("SP2")));
    const { stdout } = await setup.asp(...plan);
    expect(stdout).toContain("\n      tier: SP10 ($0.2653 an hour) → SP30 ($0.5445 an hour)\n");
    expect(stdout).toContain("\nCost: $0.5306 an hour, then $0.8729 an hour\n");
    const comment = await setup.asp(...plan, "--format", "markdown");
    expect(comment.stdout).toContain("\n\nCost: $0.5306 an hour, then $0.8729 an hour\n");
    const json = await setup.asp(...plan, "--json");
    const report = JSON.parse(json.stdout) as PlanReport;
    expect(report.cost).toEqual({ before: 0.5306, after: 0.8729 });
    expect(report.steps.find(({ name }) => name === "orders")?.tier).toEqual({
      before: "SP10",
      after: "SP30",
      hourlyBefore: 0.2653,
      hourlyAfter: 0.5445,
    });
    // In a region without prices nothing is said of them.
    expect((await setup.report()).cost).toBeUndefined();
    expect((await setup.asp("plan", "-e", "staging")).stdout).not.toContain("Cost:");
  });

  test("says what happens to events while a checkpoint is discarded, in the comment, too", async () => {
    const gap = "events from the stop to the start are not processed";
    const setup = await setUp({ orders: moduleOf("orders") });
    await deploy(setup);
    await setup.write("orders", moduleOf("orders", { from: "others" }));
    const { stdout } = await setup.asp("plan", "-e", "staging");
    expect(stdout).toContain(`\n      stops for the change and starts again: ${gap}\n`);
    const comment = await setup.asp("plan", "-e", "staging", "--format", "markdown");
    expect(comment.stdout).toContain(`<summary>orders: stops for the change and starts again: ${gap}</summary>`);
    // Also where no stage changes, and there is no difference to fold away.
    await setup.write(
      "orders",
      moduleOf("orders", { options: 'options: { tier: "SP50", resumeFromCheckpoint: false },' }),
    );
    const options = await setup.asp("plan", "-e", "staging", "--format", "markdown");
    expect(options.stdout).toContain(`\n\n\`orders\`: stops for the change and starts again: ${gap}\n`);
    // What stands still misses nothing more by being changed.
    await setup.target.stop("orders");
    const still = await setup.asp("plan", "-e", "staging", "--no-start");
    expect(still.stdout).toContain("\n      it is STOPPED, and stays so\n");
    expect(still.stdout).not.toContain(gap);
  });

  test("has the findings of validate in the comment, with their place", async () => {
    const setup = await setUp({ orders: moduleOf("orders", { options: "options: { tire: 1 }," }) });
    const { stdout, code } = await setup.asp("plan", "-e", "staging", "--format", "markdown");
    expect(code).toBe(0);
    expect(stdout).toContain(
      "\n\n- **warning** ASP4048: no documented option of a processor is called `tire` (`pipelines/orders.ts:9`)\n",
    );
  });

  test("says of what exists and is nobody's that it is taken over", async () => {
    const record = `  recorded:${adminApi()}
    record: { connectionName: domain, db: ${mongod.freshDb()} }
    connections: { domain: { uri: "${mongod.uri}" } }
`;
    const setup = await setUp({ orders: moduleOf("orders") }, record);
    await deploy(setup);
    const { stdout } = await setup.asp("plan", "-e", "recorded");
    expect(stdout).toContain("  = orders exists and is not recorded as this project's: it is taken over as it is\n");
    expect(stdout).toMatch(/Plan: 1 to adopt; 0 unchanged\n$/);
    const comment = await setup.asp("plan", "-e", "recorded", "--format", "markdown");
    expect(comment.stdout).toContain("\n| `orders` | take over as it is |  |\n");
  });

  test("--only looks at what is named, --no-start starts nothing, --rename takes the user's word", async () => {
    const setup = await setUp({ orders: moduleOf("orders"), payments: moduleOf("payments") });
    expect((await setup.report("--only", "orders", "--no-start")).steps).toMatchObject([
      { kind: "create", name: "orders", starts: false },
    ]);
    await setup.target.create({
      name: "charges",
      pipeline: [
        { $source: { connectionName: "Cluster0", db: mongod.db, coll: "events", config: { fullDocumentOnly: true } } },
        { $merge: { into: { connectionName: "Cluster0", db: mongod.db, coll: "payments" } } },
      ],
    });
    const { steps, unmanaged } = await setup.report("--rename", "charges=payments");
    expect(steps.map(({ kind, name }) => [kind, name])).toEqual([
      ["create", "orders"],
      ["rename", "payments"],
    ]);
    expect(unmanaged).toEqual([]);
    const wrong = await setup.asp("plan", "-e", "staging", "--rename", "nobody=payments");
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining("ASP6030") });
  });

  test("--out keeps the plan with a digest of what it was made from, and no secret", async () => {
    const setup = await setUp({
      orders: moduleOf("orders", { stage: "{ $set: { n: { $toLong: 5 }, at: new Date(0) } }" }),
    });
    await deploy(setup);
    await setup.write("orders", moduleOf("orders", { stage: "{ $set: { at: new Date(1) } }" }));
    await setup.asp("plan", "-e", "staging", "--out", "kept.plan");
    const text = await readFile(join(setup.cwd, "kept.plan"), "utf8");
    expect(text).not.toContain(setup.emulator.clientSecret);
    const kept = parsePlanFile(text);
    const [step] = kept?.steps ?? [];
    expect(kept).toMatchObject({
      environment: "staging",
      workspace: "local",
      scope: { processors: ["orders"], connections: [] },
    });
    expect(step).toMatchObject({ kind: "edit", change: { pipeline: [{}, { $set: { at: new Date(1) } }, {}] } });
    expect((await setup.report()).digest).toBe(kept?.digest);
    // Somebody else's processor moves nothing; this one's state does.
    await setup.target.create({ name: "theirs", pipeline: step?.kind === "edit" ? step.definition.pipeline : [] });
    expect((await setup.report()).digest).toBe(kept?.digest);
    await setup.target.stop("orders");
    expect((await setup.report()).digest).not.toBe(kept?.digest);
  });

  test("--prune deletes what the record says is the project's, and nothing else", async () => {
    const db = mongod.freshDb();
    const record = `    record: { connectionName: domain, db: ${db} }\n    connections: { domain: { uri: "${mongod.uri}" } }\n`;
    const setup = await setUp({ orders: moduleOf("orders") });
    const pipeline = [
      { $source: { connectionName: "Cluster0", db: mongod.db, coll: "e" } },
      { $merge: { into: { connectionName: "Cluster0", db: mongod.db, coll: freshName() } } },
    ];
    for (const name of ["old", "theirs", "mine"]) await setup.target.create({ name, pipeline });
    expect(await setup.asp("plan", "-e", "staging", "--prune")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("ASP6027"),
    });
    const yaml = await readFile(join(setup.cwd, "atlas.config.yaml"), "utf8");
    await addFiles(setup.cwd, {
      "atlas.config.yaml": yaml.replace("    target: admin-api\n", `    target: admin-api\n${record}`),
    });
    await mongod.client
      .db(db)
      .collection<DeployedProcessor>("asp_deployed")
      .insertMany([
        { _id: { workspace: `${setup.emulator.projectId}/local`, processor: "old" }, owner: "asp" },
        { _id: { workspace: `${setup.emulator.projectId}/local`, processor: "theirs" }, owner: "billing" },
        { _id: { workspace: `${setup.emulator.projectId}/elsewhere`, processor: "mine" }, owner: "asp" },
      ]);
    const { steps, unmanaged, ownership } = await setup.report("--prune");
    expect(ownership).toBe("recorded");
    expect(steps.map(({ kind, name }) => [kind, name])).toEqual([
      ["create", "orders"],
      ["delete", "old"],
    ]);
    expect(unmanaged).toEqual(["theirs", "mine"]);
    const unpruned = await setup.report();
    expect(unpruned).toMatchObject({ unmanaged: ["theirs", "mine"], prunable: ["old"] });
    const { stdout } = await setup.asp("plan", "-e", "staging");
    expect(stdout).toContain("\nno more in the project, left alone without --prune: old\n");
  });

  test("errors of the project stop it before anything is asked", async () => {
    const setup = await setUp({ orders: moduleOf("orders", { stage: "{ $nope: {} }" }) });
    await setup.emulator.close();
    const { code, stderr, stdout } = await setup.asp("plan", "-e", "staging", "--json");
    expect(code).toBe(1);
    expect(stderr).toContain("$nope");
    expect(JSON.parse(stdout)).toMatchObject({ errors: 1 });
  });
});

describe("the four known defects of Terraform's plan", () => {
  test("keys in another order are a change", async () => {
    const setup = await setUp({
      orders: moduleOf("orders", { stage: "{ $set: { a: 1, b: { $literal: { x: 1, y: 2 } } } }" }),
    });
    await deploy(setup);
    expect((await setup.report()).changes).toBe(false);
    await setup.write("orders", moduleOf("orders", { stage: "{ $set: { a: 1, b: { $literal: { y: 2, x: 1 } } } }" }));
    expect((await setup.report()).steps).toMatchObject([{ kind: "edit", name: "orders" }]);
  });

  test("numbers that come back as 10.0 are none", async () => {
    const setup = await setUp({ orders: moduleOf("orders", { stage: "{ $match: { amount: { $gt: 10 } } }" }) });
    await deploy(setup);
    await arm(setup.emulator, [{ operation: "getGroupStreamProcessors", numbers: "10.0", always: true }]);
    expect(await setup.report("--detailed-exitcode")).toMatchObject({ changes: false, summary: { unchanged: 1 } });
  });

  test("what somebody changed in the workspace is seen: pipeline, dead letters, state", async () => {
    const setup = await setUp({ orders: moduleOf("orders") });
    await deploy(setup);
    await setup.target.stop("orders");
    expect((await setup.report()).steps).toMatchObject([{ kind: "start", state: "STOPPED" }]);
    const dlq = { connectionName: "Cluster0", db: mongod.db, coll: "dead" };
    await setup.target.modify("orders", { dlq, resumeFromCheckpoint: true });
    expect((await setup.report()).steps).toMatchObject([{ kind: "edit", options: [{ field: "dlq" }], stops: false }]);
    await setup.target.drop("orders");
    expect((await setup.report()).steps).toMatchObject([{ kind: "create", name: "orders" }]);
  });

  test("only what changes is stopped", async () => {
    const setup = await setUp({ orders: moduleOf("orders"), payments: moduleOf("payments") });
    await deploy(setup);
    await setup.write("orders", moduleOf("orders", { stage: '{ $match: { type: "Shipped" } }' }));
    const { steps } = await setup.report();
    expect(steps.filter(({ stops }) => stops).map(({ name }) => name)).toEqual(["orders"]);
    expect(steps.find(({ name }) => name === "payments")?.kind).toBe("keep");
  });
});

describe("asp plan refuses", () => {
  test.each([
    ["wrong credentials", "staging", { SECRET: "wr0ng" }, 3, "ASP6000"],
    ["a wrong API key", "keyed", { PRIVATE: "wr0ng" }, 3, "ASP6000"],
    ["an unknown project", "staging", { PROJECT: "0".repeat(24) }, 3, "ASP6002"],
    ["an address at which nobody is", "staging", { ADMIN: "https://127.0.0.1:1" }, 3, "ASP6003"],
    ["an address that is none", "staging", { ADMIN: "nowhere" }, 1, "ASP6011"],
    ["a connection string that is none", "wired", { WIRE: "http://u:wr0ng@h" }, 1, "ASP6011"],
    ["a secret that is not set", "staging", { SECRET: "" }, 1, "ASP4006"],
    ["an emulator without an address", "local", {}, 1, "ASP6010"],
  ])("%s", async (_, environment, changes, exit, code) => {
    const setup = await setUp({ orders: moduleOf("orders") });
    const { stderr, stdout, ...result } = await runCli(["plan", "-e", environment, "--json"], {
      cwd: setup.cwd,
      env: { ...setup.env, ...changes },
    });
    expect({ ...result, stderr }).toEqual({ code: exit, stderr: expect.stringContaining(code) });
    expect(stderr.match(/^error/gm)).toHaveLength(1);
    expect(stdout + stderr).not.toContain("wr0ng");
    expect(JSON.parse(stdout)).toBeTypeOf("object");
  });

  test("a page of HTML, and a role that is too small", async () => {
    const setup = await setUp({ orders: moduleOf("orders") });
    const operation = "getGroupStreamProcessors";
    await arm(setup.emulator, [{ operation, status: 403, body: "html", errorCode: "X" }]);
    expect(await setup.asp("plan", "-e", "staging")).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("error[ASP6004]"),
    });
    await arm(setup.emulator, [{ operation, status: 403, errorCode: "USER_UNAUTHORIZED", detail: "no" }]);
    expect(await setup.asp("plan", "-e", "staging")).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("error[ASP6001]"),
    });
  });

  test.each([
    ["no environment", ["plan"]],
    ["--only with --prune", ["plan", "-e", "staging", "--only", "a", "--prune"]],
    ["--json with --format", ["plan", "-e", "staging", "--json", "--format", "markdown"]],
    ["names that are none", ["plan", "-e", "staging", "--only", "a,,b"]],
    ["a pair that is none", ["plan", "-e", "staging", "--rename", "a"]],
  ])("%s", async (_, argv) => {
    expect((await runCli(argv)).code).toBe(64);
  });
});
