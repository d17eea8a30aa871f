import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { Ajv } from "ajv";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Interruption } from "../../src/cli/context.ts";
import { deployReportSchema, type DeployReport } from "../../src/cli/render/deploy-report-schema.ts";
import type { Target } from "../../src/deploy/targets/target.ts";
import type { RunningEmulator } from "../../src/testing/index.ts";
import { arm, copying, openEmulator, openTarget } from "../deploy/support.ts";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";
import { addFiles, makeFolder, runCli, type CliOptions, type CliResult } from "./run-cli.ts";
import { adminApi, variablesOf } from "./emulator-settings.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const isReport = new Ajv({ allErrors: true, strict: false }).compile<DeployReport>(deployReportSchema);

const config = `connections:
  events: { type: Cluster, name: Cluster0 }
environments:
  local: { target: emulator }
  staging:${adminApi()}
    EXTRA
  other: { target: wire, workspace: local, uri: "\${WIRE}" }
`;

const moduleOf = (name: string, { from = "events", type = "Paid" } = {}): string =>
  `import { defineProcessor } from "asp-toolkit";
export default defineProcessor({
  name: "${name}",
  pipeline: [
    { $source: { connectionName: "events", db: "DB", coll: "${from}", config: { fullDocumentOnly: true } } },
    { $match: { type: "${type}" } },
    { $merge: { into: { connectionName: "events", db: "DB", coll: "${name}" } } },
  ],
});
`;

interface Setup {
  readonly emulator: RunningEmulator;
  readonly target: Target;
  readonly cwd: string;
  write(modules: Readonly<Record<string, string>>): Promise<void>;
  asp(argv: readonly string[], options?: CliOptions): Promise<CliResult>;
  report(argv: readonly string[], options?: CliOptions): Promise<DeployReport & { readonly code: number }>;
  states(): Promise<readonly (readonly string[])[]>;
}

async function setUp(modules: Readonly<Record<string, string>>, extra = ""): Promise<Setup> {
  const emulator = await openEmulator(mongod);
  const target = await openTarget("admin-api, service account", emulator);
  const files = (all: Readonly<Record<string, string>>) =>
    Object.fromEntries(
      Object.entries(all).map(([name, text]) => [`pipelines/${name}.ts`, text.replaceAll("DB", mongod.db)]),
    );
  const cwd = await makeFolder({
    "atlas.config.yaml": config.replace("EXTRA", extra),
    ...files(modules),
  });
  const env = {
    ...variablesOf(emulator),
    RECORD: mongod.uri,
    USER: "somebody",
  };
  const asp: Setup["asp"] = (argv, options = {}) => runCli(argv, { cwd, env, ...options });
  return {
    emulator,
    target,
    cwd,
    asp,
    write: (modules) => addFiles(cwd, files(modules)),
    report: async (argv, options) => {
      const { stdout, stderr, code } = await asp([...argv, "--json"], options);
      const report: unknown = JSON.parse(stdout);
      if (!isReport(report)) throw new Error(`${code} ${stderr} ${JSON.stringify(isReport.errors)} ${stdout}`);
      return { ...report, code };
    },
    states: async () => (await target.processors()).map(({ name, state }) => [name, state]),
  };
}

const deploy = ["deploy", "-e", "staging"] as const;

describe("asp deploy", () => {
  test("on a terminal tells each step once, and explains what did not go well", async () => {
    const setup = await setUp({ orders: moduleOf("orders") });
    const shown = await setup.asp([...deploy, "--yes", "--no-start"], { isTTY: true });
    expect(stripVTControlCharacters(shown.stdout)).toBe("Deployed: 1 done\n");
    expect(stripVTControlCharacters(shown.stderr)).toMatch(/^done +create orders: \d/mu);
    await setup.write({ payments: moduleOf("payments") });
    const quiet = await setup.asp([...deploy, "--yes", "--no-start", "-q"], { isTTY: true });
    expect(stripVTControlCharacters(quiet.stdout)).toMatch(
      /^ {2}done +create payments: .*\nDeployed: 1 done, 1 unchanged\n$/u,
    );
    await mongod.client.db(mongod.db).createCollection("seen", { viewOn: "events", pipeline: [] });
    await setup.write({ invoices: moduleOf("invoices", { from: "seen" }) });
    const failing = await setup.asp([...deploy, "--yes", "--only", "invoices"], { isTTY: true });
    const [told, end] = [failing.stderr, failing.stdout].map(stripVTControlCharacters);
    expect(told?.match(/^failed +create invoices: /gmu)).toHaveLength(1);
    expect(told).toContain("error[ASP6046]: `invoices` was started and is FAILED");
    expect(end).toBe("Not all went well: 0 done, 1 failed\n");
  });

  test("shows the plan, watches for ten seconds, reports, and then has nothing to do", async () => {
    const setup = await setUp({ orders: moduleOf("orders") });
    const startedAt = Date.now();
    const first = await setup.asp([...deploy, "--yes"]);
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(10_000);
    expect(first.code).toBe(0);
    expect(first.stderr).toContain("+ orders is created and started\n");
    expect(first.stderr).toContain("orders: starting\n");
    expect(first.stdout).toMatch(/^  done +create orders: 1\d\.\d s; 0 documents read\nDeployed: 1 done\n$/);
    expect(await setup.states()).toEqual([["orders", "STARTED"]]);
    // Nobody has to be asked.
    const second = await setup.asp(deploy);
    expect(second).toMatchObject({ code: 0, stdout: expect.stringMatching(/No changes: 1 unchanged\n$/) });
    expect(await setup.report(deploy)).toMatchObject({ code: 0, outcome: "nothing", steps: [] });
  });

  test("asks, and does nothing without a yes", async () => {
    const setup = await setUp({ orders: moduleOf("orders") });
    const asked: string[] = [];
    const answer = (line: string) => ({
      ask: (question: string) => {
        asked.push(question);
        return Promise.resolve(line);
      },
    });
    const unasked = await setup.asp([...deploy, "--no-start"]);
    expect(unasked).toMatchObject({ code: 64, stdout: "", stderr: expect.stringContaining("--yes") });
    for (const line of ["", "n", "nope"]) {
      const { code, stdout } = await setup.asp([...deploy, "--no-start"], answer(line));
      expect({ code, stdout }).toEqual({ code: 1, stdout: "Nothing was changed\n" });
    }
    expect(await setup.states()).toEqual([]);
    expect(asked[0]).toMatch(/^Deploy this in workspace `local` .*\? \[y\/N\] $/);
    expect((await setup.asp([...deploy, "--no-start"], answer("y"))).code).toBe(0);
    expect(await setup.states()).toEqual([["orders", "CREATED"]]);
  });

  test("with --json prints one value: each step with its outcome and its seconds", async () => {
    const setup = await setUp({ orders: moduleOf("orders"), payments: moduleOf("payments") });
    const detail = "no: password=hunter2";
    await arm(setup.emulator, [{ operation: "createGroupStreamProcessor", status: 400, errorCode: "X", detail }]);
    const report = await setup.report([...deploy, "--yes", "--no-start"]);
    expect(report).toMatchObject({
      code: 1,
      command: "deploy",
      outcome: "failed",
      summary: { done: 1, failed: 1, skipped: 0 },
      findings: [{ code: "ASP6048" }],
    });
    expect(report.steps.map(({ outcome }) => outcome).toSorted()).toEqual(["done", "failed"]);
    expect(JSON.stringify(report)).not.toContain("hunter2");
  });

  test("a checkpoint is not lost without being told to", async () => {
    const setup = await setUp({ orders: moduleOf("orders") });
    await setup.asp([...deploy, "--yes", "--no-start"]);
    await setup.target.start("orders");
    await setup.target.stop("orders");
    await setup.write({ orders: moduleOf("orders", { from: "others" }) });
    const refused = await setup.asp([...deploy, "--yes", "--no-start"]);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("error[ASP6043]: `orders`") });
    expect((await setup.report([...deploy, "--yes", "--no-start"])).outcome).toBe("refused");
    const done = await setup.asp([...deploy, "--yes", "--no-start", "--allow-checkpoint-loss"]);
    expect(done).toMatchObject({ code: 0, stdout: expect.stringMatching(/Deployed: 1 done\n$/) });
  });

  test("--only does what is named, and leaves alone what the others would become", async () => {
    const setup = await setUp({ orders: moduleOf("orders"), payments: moduleOf("payments") });
    const report = await setup.report([...deploy, "--yes", "--no-start", "--only", "payments"]);
    expect(report.steps).toMatchObject([{ kind: "create", name: "payments", outcome: "done" }]);
    expect(await setup.states()).toEqual([["payments", "CREATED"]]);
    await setup.report([...deploy, "--yes", "--no-start"]);
    const paid = async (name: string): Promise<string> =>
      JSON.stringify((await setup.target.processor(name))?.pipeline);
    await setup.write({
      orders: moduleOf("orders", { type: "Shipped" }),
      payments: moduleOf("payments", { type: "Shipped" }),
    });
    const edited = await setup.report([...deploy, "--yes", "--no-start", "--only", "orders"]);
    expect(edited.steps).toMatchObject([{ kind: "edit", name: "orders", outcome: "done" }]);
    expect(await paid("orders")).toContain("Shipped");
    expect(await paid("payments")).not.toContain("Shipped");
    const wrong = await setup.asp([...deploy, "--yes", "--only", "nobody"]);
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining("nobody") });
  });

  test("--prune deletes what is recorded and no more in the project, and without it that stays", async () => {
    const record = `record: { connectionName: events, db: ${mongod.freshDb()} }\n    connections: { events: { uri: "\${RECORD}" } }`;
    const setup = await setUp({ orders: moduleOf("orders"), old: moduleOf("old") }, record);
    await setup.report([...deploy, "--yes", "--no-start"]);
    await setup.target.create({ name: "theirs", pipeline: copying(mongod.db, "events", "theirs") });
    await rm(join(setup.cwd, "pipelines", "old.ts"));
    const names = async () =>
      (await setup.states()).map(([name]) => name ?? "").toSorted((one, other) => (one < other ? -1 : 1));
    expect(await setup.report([...deploy, "--yes", "--no-start"])).toMatchObject({ outcome: "nothing" });
    expect(await names()).toEqual(["old", "orders", "theirs"]);
    const report = await setup.report([...deploy, "--yes", "--no-start", "--prune"]);
    expect(report).toMatchObject({ code: 0, outcome: "done", summary: { done: 1 } });
    expect(report.steps.filter(({ kind }) => kind !== "keep")).toMatchObject([
      { kind: "delete", name: "old", outcome: "done" },
    ]);
    expect(await names()).toEqual(["orders", "theirs"]);
  });

  test("--prune without a record deletes nothing, and says why", async () => {
    const setup = await setUp({ orders: moduleOf("orders") });
    await setup.target.create({ name: "theirs", pipeline: copying(mongod.db, "events", "theirs") });
    const refused = await setup.asp([...deploy, "--yes", "--no-start", "--prune"]);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("error[ASP6027]") });
    expect((await setup.states()).map(([name]) => name)).toEqual(["theirs"]);
  });

  test.each([
    ["made", "createGroupStreamProcessor"],
    ["changed", "updateGroupStreamProcessor"],
  ])("what the service says of one that is %s is told with the page that says more", async (how, operation) => {
    const setup = await setUp({ orders: moduleOf("orders") });
    if (how === "changed") {
      await setup.report([...deploy, "--yes", "--no-start"]);
      await setup.write({ orders: moduleOf("orders", { type: "Shipped" }) });
    }
    const detail =
      "Operator parallelism requested exceeds limit for this tier. (Requested: 9, Limit: 8). Minimum tier: SP30";
    await arm(setup.emulator, [
      { operation, status: 400, errorCode: "STREAM_PROCESSOR_GENERIC_ERROR", detail, always: true },
    ]);
    const more = "`asp explain ASP4032` says more";
    const text = await setup.asp([...deploy, "--yes", "--no-start"]);
    expect(text).toMatchObject({ code: 1, stderr: expect.stringContaining(more) });
    const report = await setup.report([...deploy, "--yes", "--no-start"]);
    expect(report.findings).toMatchObject([
      { code: "ASP6048", message: expect.stringContaining(detail), notes: expect.arrayContaining([more]) },
    ]);
    expect(report.steps).toMatchObject([{ reason: expect.stringContaining(detail) }]);
  });

  test("--rename typed twice, as a CI does, has nothing to do the second time", async () => {
    const setup = await setUp({ orders: moduleOf("orders") });
    const pipeline = copying(mongod.db, "events", "orders", { $match: { type: "Paid" } });
    await setup.target.create({ name: "old", pipeline });
    const argv = [...deploy, "--yes", "--no-start", "--rename", "old=orders"];
    expect((await setup.report(argv)).steps).toMatchObject([{ kind: "rename", outcome: "done" }]);
    expect(await setup.report(argv)).toMatchObject({ code: 0, outcome: "nothing" });
  });

  test("Ctrl-C finishes what is under way, says what was done and ends with 130", async () => {
    const setup = await setUp({
      orders: moduleOf("orders"),
      upstream: moduleOf("upstream", { from: "raw" }).replace('coll: "upstream"', 'coll: "events"'),
    });
    const interrupt = new AbortController();
    const running = setup.report([...deploy, "--yes"], { signal: interrupt.signal });
    await expect.poll(setup.states, { timeout: 30_000 }).toEqual([["orders", "STARTED"]]);
    interrupt.abort(new Interruption("SIGINT"));
    const report = await running;
    expect(report).toMatchObject({ code: 130, outcome: "interrupted", summary: { done: 1, skipped: 1 } });
    expect(await setup.states()).toEqual([["orders", "STARTED"]]);
  });

  test.each([
    ["no environment", ["deploy"]],
    ["--only with --prune", [...deploy, "--only", "a", "--prune"]],
    ["options of a plan beside a plan", ["deploy", "kept.plan", "--no-start"]],
  ])("%s is a wrong command line", async (_, argv) => {
    expect((await runCli(argv)).code).toBe(64);
  });
});

describe("a plan that was kept", () => {
  const keep = async (setup: Setup): Promise<void> => {
    const { code } = await setup.asp(["plan", "-e", "staging", "--no-start", "--out", "kept.plan"]);
    expect(code).toBe(0);
  };

  test("is done as it stands, without pipelines and without -e", async () => {
    const setup = await setUp({ orders: moduleOf("orders") });
    await keep(setup);
    await rm(join(setup.cwd, "pipelines"), { recursive: true });
    const { code, stdout } = await setup.asp(["deploy", "kept.plan", "--yes"]);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining("Deployed: 1 done") });
    expect(await setup.states()).toEqual([["orders", "CREATED"]]);
    // It was made for a workspace without that processor.
    const again = await setup.asp(["deploy", "kept.plan", "--yes", "--json"]);
    expect(again.code).toBe(3);
    expect(JSON.parse(again.stdout)).toMatchObject({
      error: { code: "ASP6042", message: expect.stringContaining("the processor `orders` has changed") },
    });
  });

  test("of another environment, of another workspace, or none is refused", async () => {
    const setup = await setUp({ orders: moduleOf("orders") });
    await keep(setup);
    const other = await setup.asp(["deploy", "-e", "other", "kept.plan", "--yes"]);
    expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining("error[ASP6041]") });
    const yaml = await readFile(join(setup.cwd, "atlas.config.yaml"), "utf8");
    await addFiles(setup.cwd, { "atlas.config.yaml": yaml.replace("workspace: local", "workspace: elsewhere") });
    const moved = await setup.asp(["deploy", "kept.plan", "--yes"]);
    expect(moved).toMatchObject({ code: 1, stderr: expect.stringContaining("`elsewhere`") });
    const none = await setup.asp(["deploy", "atlas.config.yaml", "--yes"]);
    expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining("error[ASP6040]") });
    const missing = await setup.asp(["deploy", "no.plan", "--yes"]);
    expect(missing).toMatchObject({ code: 3, stderr: expect.stringContaining("no.plan") });
    const named = await setup.asp(["deploy", "orders", "-e", "staging", "--yes"]);
    expect(named).toMatchObject({ code: 64, stderr: expect.stringContaining("with `--only orders`") });
    expect(await setup.states()).toEqual([]);
  });

  test("is not done in another project, though its workspace has the same name and nothing in it either", async () => {
    const setup = await setUp({ orders: moduleOf("orders") });
    await keep(setup);
    const other = await openEmulator(mongod);
    const env = variablesOf(other);
    const refused = await setup.asp(["deploy", "kept.plan", "--yes"], { env });
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("error[ASP6041]") });
    expect(refused.stderr).toContain(`project ${other.projectId}`);
    expect(await (await openTarget("admin-api, service account", other)).processors()).toEqual([]);
  });

  test("has secrets of connections as variables, which are filled in when it is done", async () => {
    const setup = await setUp(
      {
        orders: moduleOf("orders")
          .replace('connectionName: "events", db: "DB", coll: "events"', 'connectionName: "bus", topic: "t"')
          .replace(", config: { fullDocumentOnly: true }", ""),
      },
      `connections: { bus: { type: Kafka, manage: true, bootstrapServers: in-memory, authentication: { mechanism: PLAIN, username: u, password: "\${PASSWORD}" }, security: { protocol: SASL_SSL } } }`,
    );
    const env = { ...variablesOf(setup.emulator), PASSWORD: "s3cret-word" };
    const kept = await setup.asp(["plan", "-e", "staging", "--no-start", "--out", "kept.plan"], { env });
    expect(kept).toMatchObject({ code: 0 });
    expect(await readFile(join(setup.cwd, "kept.plan"), "utf8")).not.toContain("s3cret-word");
    const unset = await setup.asp(["deploy", "kept.plan", "--yes"]);
    expect(unset).toMatchObject({ code: 1, stderr: expect.stringContaining("PASSWORD") });
    const done = await setup.asp(["deploy", "kept.plan", "--yes", "--json"], { env });
    expect(done.code).toBe(0);
    expect(done.stdout + done.stderr).not.toContain("s3cret-word");
    expect((await setup.target.connections()).map(({ name }) => name)).toContain("bus");
  });
});

describe("asp destroy", () => {
  test("deletes the project's processors by their names, writers first, and leaves the others", async () => {
    const setup = await setUp({
      orders: moduleOf("orders"),
      upstream: moduleOf("upstream", { from: "raw" }).replace('coll: "upstream"', 'coll: "events"'),
    });
    await setup.asp([...deploy, "--yes", "--no-start"]);
    const pipeline = copying(mongod.db, "events", "theirs");
    await setup.target.create({ name: "theirs", pipeline });
    await setup.target.start("orders");
    const asked: string[] = [];
    const ask = (question: string): Promise<string> => {
      asked.push(question);
      return Promise.resolve("");
    };
    expect(await setup.asp(["destroy", "-e", "staging"], { ask })).toMatchObject({
      code: 1,
      stdout: "Nothing was changed\n",
      stderr: expect.stringContaining("- orders is STARTED, and is deleted"),
    });
    expect(asked).toEqual([expect.stringMatching(/^Destroy this in/)]);
    const wrong = await setup.asp(["destroy", "-e", "staging", "--only", "theirs", "--yes"]);
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining("error[ASP6053]") });
    expect(wrong.stdout).toMatch(/There are errors: this plan cannot be applied\n$/);
    const report = await setup.report(["destroy", "-e", "staging", "--yes"]);
    expect(report.steps.map(({ name, outcome }) => [name, outcome])).toEqual([
      ["upstream", "done"],
      ["orders", "done"],
    ]);
    expect(await setup.states()).toEqual([["theirs", "CREATED"]]);
    expect(await setup.report(["destroy", "-e", "staging", "--yes"])).toMatchObject({ outcome: "nothing", code: 0 });
  });

  test("deletes what is recorded, also what the project no longer has, and writes it down", async () => {
    const db = mongod.freshDb();
    const record = `record: { connectionName: events, db: ${db} }\n    connections: { events: { uri: "\${RECORD}" } }`;
    const setup = await setUp({ orders: moduleOf("orders"), payments: moduleOf("payments") }, record);
    expect((await setup.report([...deploy, "--yes", "--no-start"])).code).toBe(0);
    await rm(join(setup.cwd, "pipelines", "payments.ts"));
    await setup.target.create({ name: "theirs", pipeline: copying(mongod.db, "events", "theirs") });
    const report = await setup.report(["destroy", "-e", "staging", "--yes"]);
    expect(report.steps.map(({ name }) => name).toSorted()).toEqual(["orders", "payments"]);
    expect(await setup.states()).toEqual([["theirs", "CREATED"]]);
    const database = mongod.client.db(db);
    expect(await database.collection("asp_deployed").countDocuments()).toBe(0);
    const history = await database.collection("asp_deployed_history").find().sort({ startedAt: 1 }).toArray();
    expect(history).toMatchObject([
      { command: "deploy", outcome: "done", author: { user: "somebody" } },
      { command: "destroy", outcome: "done", steps: [{ kind: "delete" }, { kind: "delete" }] },
    ]);
  });

  test("that has nothing left to delete forgets what it was cut off before it forgot: whoever makes it later keeps it", async () => {
    const db = mongod.freshDb();
    const record = `record: { connectionName: events, db: ${db} }\n    connections: { events: { uri: "\${RECORD}" } }`;
    const setup = await setUp({ orders: moduleOf("orders") }, record);
    expect((await setup.report([...deploy, "--yes", "--no-start"])).code).toBe(0);
    // As a destroy leaves it that is cut off from the record once the processor is gone.
    await setup.target.drop("orders");
    const claims = mongod.client.db(db).collection("asp_deployed");
    expect(await claims.countDocuments()).toBe(1);
    expect(await setup.report(["destroy", "-e", "staging"])).toMatchObject({ outcome: "nothing", code: 0 });
    expect(await claims.countDocuments()).toBe(0);
    await setup.target.create({ name: "orders", pipeline: copying(mongod.db, "events", "theirs") });
    expect(await setup.report(["destroy", "-e", "staging", "--yes"])).toMatchObject({ outcome: "nothing", code: 0 });
    expect(await setup.states()).toEqual([["orders", "CREATED"]]);
  });

  test("deletes the connections that the project manages, when nothing else uses them", async () => {
    const managed = "connections: { more: { type: Cluster, manage: true, clusterName: Cluster0 } }";
    const reading = moduleOf("orders").replace('connectionName: "events"', 'connectionName: "more"');
    const setup = await setUp({ orders: reading }, managed);
    expect((await setup.report([...deploy, "--yes", "--no-start"])).steps).toMatchObject([
      { kind: "create-connection", name: "more", outcome: "done" },
      { kind: "create", outcome: "done" },
    ]);
    expect((await setup.report(["destroy", "-e", "staging", "--yes"])).steps).toMatchObject([
      { kind: "delete", name: "orders", outcome: "done" },
      { kind: "delete-connection", name: "more", outcome: "done" },
    ]);
    expect((await setup.target.connections()).map(({ name }) => name)).not.toContain("more");
  });
});
