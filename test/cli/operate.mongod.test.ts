import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { execPath } from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { Ajv } from "ajv";
import type { TSchema } from "@sinclair/typebox";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Interruption } from "../../src/cli/context.ts";
import {
  logsReportSchema,
  sampleReportSchema,
  stateReportSchema,
  statsReportSchema,
  statusReportSchema,
  type StateReport,
  type StatusReport,
} from "../../src/cli/render/operate-schemas.ts";
import type { DeployedProcessor } from "../../src/deploy/record/claims.ts";
import type { Target } from "../../src/deploy/targets/target.ts";
import type { RunningEmulator } from "../../src/testing/index.ts";
import { arm, copying, openEmulator, openTarget } from "../deploy/support.ts";
import { freshName } from "../engine/support.ts";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";
import { makeFolder, runCli, type CliOptions, type CliResult } from "./run-cli.ts";
import { adminApi, variablesOf } from "./emulator-settings.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

/** What a command prints. */
const printing = (variable: string): string => `\${exec:"${execPath}" -p process.env.${variable}}`;

const config = `connections:
  Cluster0: { type: Cluster }
environments:
  local: { target: emulator }
  staging:${adminApi()}
  wired: { target: wire, workspace: local, uri: "\${WIRE}" }
  both:${adminApi()}
    uri: "\${WIRE}"
  recorded:${adminApi()}
    record: { connectionName: Cluster0, db: RECORD }
    connections: { Cluster0: { uri: "\${MONGOD}" } }
  vault:${adminApi({ secret: printing("SECRET") })}
    record: { connectionName: Cluster0, db: RECORD }
    connections: { Cluster0: { uri: ${JSON.stringify(printing("MONGOD"))} } }
  unrecordable:${adminApi()}
    record: { connectionName: Cluster0, db: RECORD }
    connections: { Cluster0: { uri: "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=50" } }
`;

const module = `import { defineProcessor } from "asp-toolkit";
export default defineProcessor({
  name: "orders",
  pipeline: [
    { $source: { connectionName: "Cluster0", db: "shop", coll: "events", config: { fullDocumentOnly: true } } },
    { $merge: { into: { connectionName: "Cluster0", db: "shop", coll: "orders" } } },
  ],
});
`;

interface Setup {
  readonly emulator: RunningEmulator;
  readonly target: Target;
  readonly cwd: string;
  readonly recordDb: string;
  asp(argv: readonly string[], options?: Pick<CliOptions, "signal" | "ask">): Promise<CliResult>;
  /** With `--json`, held against the schema. */
  report<Report>(schema: TSchema, argv: readonly string[]): Promise<Report>;
  /** A processor that copies `from`, whose events without `a` are dead letters. */
  create(name: string): Promise<string>;
}

const ajv = new Ajv({ allErrors: true, strict: false });

async function setUp(): Promise<Setup> {
  const emulator = await openEmulator(mongod);
  const target = await openTarget("wire", emulator);
  const recordDb = mongod.freshDb();
  const cwd = await makeFolder({
    "atlas.config.yaml": config.replaceAll("RECORD", recordDb),
    "pipelines/orders.ts": module,
  });
  const env = { ...variablesOf(emulator), MONGOD: mongod.uri };
  const asp: Setup["asp"] = (argv, options = {}) => runCli(argv, { cwd, env, ...options });
  return {
    emulator,
    target,
    cwd,
    recordDb,
    asp,
    report: async (schema, argv) => {
      const { stdout } = await asp([...argv, "--json"]);
      const validate = ajv.compile(schema);
      const value = JSON.parse(stdout);
      expect({ ok: validate(value), errors: validate.errors, stdout }).toMatchObject({ ok: true, errors: null });
      return value;
    },
    create: async (name) => {
      const [from, to, coll] = [freshName(), freshName(), freshName()];
      const pipeline = copying(mongod.db, from, to, { $set: { half: { $divide: [1, "$a"] } } });
      const dlq = { connectionName: "Cluster0", db: mongod.db, coll };
      await target.create({ name, pipeline, options: { dlq, tier: "SP10" } });
      return from;
    },
  };
}

const insert = (coll: string, documents: readonly object[]) =>
  mongod.client
    .db(mongod.db)
    .collection(coll)
    .insertMany([...documents]);

/** So many have come in, and are written or among the dead letters. */
async function arrived(target: Target, name: string, count: number): Promise<void> {
  const figures = async () => {
    const { inputMessageCount, outputMessageCount = 0, dlqMessageCount = 0 } = (await target.stats(name)) ?? {};
    return [inputMessageCount, outputMessageCount + dlqMessageCount];
  };
  await expect.poll(figures, { timeout: 20_000 }).toEqual([count, count]);
}

/** A view cannot be watched: it fails as soon as it runs. */
async function createBroken({ target }: Setup, name: string): Promise<void> {
  const coll = freshName();
  await mongod.client.db(mongod.db).createCollection(coll, { viewOn: freshName(), pipeline: [] });
  await target.create({ name, pipeline: copying(mongod.db, coll, freshName()) });
}

async function failedFor(setup: Setup, name: string): Promise<void> {
  await createBroken(setup, name);
  await setup.target.start(name).catch(() => undefined);
  await expect.poll(async () => (await setup.target.processor(name))?.state, { timeout: 20_000 }).toBe("FAILED");
}

describe("asp status", () => {
  test.each(["staging", "wired"])("of %s shows what processors do, and whose they are", async (environment) => {
    const setup = await setUp();
    const { asp, target, report } = setup;
    expect((await asp(["status", "-e", environment])).stdout).toMatch(
      /no processors\nof the project, not in the workspace: orders\n$/,
    );
    const from = await setup.create("orders");
    await setup.create("theirs");
    await target.start("orders");
    await insert(from, [{ a: 1 }, { a: 2 }, { a: 0 }]);
    await arrived(target, "orders", 3);
    await failedFor(setup, "broken");

    const { stdout, code } = await asp(["status", "-e", environment]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\w+: workspace `local` \(/);
    expect(stdout).toMatch(/\nprocessor +state +tier +in +out +dead letters +lag +memory +project\n/);
    expect(stdout).toMatch(/\norders +STARTED +SP10 +3 +2 +1 +\S.* 0 B of 1.6 GB +this\n/);
    expect(stdout).toMatch(/\ntheirs +CREATED +SP10 +0 +0 +0 +- .*other\n/);
    expect(stdout).toMatch(/\nbroken FAILED: .*\w/);
    expect(stdout).toContain("whose processors are is not recorded: by their names");

    const json = await report<StatusReport>(statusReportSchema, ["status", "-e", environment]);
    expect(json).toMatchObject({ environment, ownership: "unrecorded", missing: [], failed: 1 });
    expect(json.processors).toMatchObject([
      { name: "orders", state: "STARTED", isOwn: true, inputMessageCount: 3, dlqMessageCount: 1 },
      { name: "theirs", state: "CREATED", isOwn: false },
      { name: "broken", state: "FAILED", error: expect.stringMatching(/\w/) },
    ]);
    expect((await asp(["status", "-e", environment, "--check"])).code).toBe(3);
    const one = await asp(["status", "orders", "-e", environment, "--check"]);
    expect(one).toMatchObject({ code: 0, stdout: expect.not.stringContaining("theirs") });
    const wrong = await asp(["status", "ordesr", "-e", environment]);
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain("error[ASP6072]: there is no processor `ordesr` in workspace `local`");
    expect(wrong.stderr).toContain("did you mean `orders`?");
    expect(wrong.stdout).toBe("");
    expect((await asp(["status", "orders", "ordesr", "-e", environment])).stdout).toMatch(/\norders +STARTED/);
  });

  test("says whose a processor is where that is recorded, and goes by names where the record is out of reach", async () => {
    const { create, report, recordDb, asp, emulator } = await setUp();
    for (const name of ["orders", "theirs", "mine"]) await create(name);
    await mongod.client
      .db(recordDb)
      .collection<DeployedProcessor>("asp_deployed")
      .insertMany([
        { _id: { workspace: `${emulator.projectId}/local`, processor: "mine" }, owner: "asp" },
        { _id: { workspace: `${emulator.projectId}/local`, processor: "theirs" }, owner: "billing" },
      ]);
    for (const environment of ["recorded", "vault"]) {
      const read = await report<StatusReport>(statusReportSchema, ["status", "-e", environment]);
      expect(read.ownership).toBe("recorded");
      expect(read.processors.map(({ name, isOwn, owner }) => [name, isOwn, owner])).toEqual([
        ["orders", false, undefined],
        ["theirs", false, "billing"],
        ["mine", true, undefined],
      ]);
    }
    const { stderr, stdout, code } = await asp(["status", "-e", "unrecordable"]);
    expect(code).toBe(0);
    expect(stderr).toContain("cannot be read from the record");
    expect(stdout).toMatch(/\norders .*this\n/);
  });

  test("--watch shows it again, with the rate, over a gateway that fails, until Ctrl-C ends it with 130", async () => {
    const { create, target, asp, emulator } = await setUp();
    const from = await create("orders");
    await target.start("orders");
    const controller = new AbortController();
    const watching = asp(["status", "-e", "staging", "--watch", "--interval", "0.2"], { signal: controller.signal });
    await sleep(600);
    await insert(from, [{ a: 1 }, { a: 2 }]);
    await arrived(target, "orders", 2);
    await sleep(600);
    await arm(emulator, [{ operation: "getGroupStreamProcessors", status: 502, body: "html", always: true }]);
    await sleep(6000);
    await arm(emulator, []);
    await sleep(1500);
    controller.abort(new Interruption("SIGINT"));
    const { code, stdout, stderr } = await watching;
    expect(code).toBe(130);
    expect(stdout.split("\n\n").length).toBeGreaterThan(3);
    expect(stdout).toMatch(/in +in\/s +out/);
    const rates = [...stdout.matchAll(/\norders +STARTED +SP10 +\d+ +([\d.]+) /g)].map(([, rate]) => Number(rate));
    expect(Math.max(...rates)).toBeGreaterThan(0);
    expect(stderr).toContain("trying again");
    expect(stdout.trimEnd()).toMatch(/orders +STARTED +SP10 +2 /);
  });

  test("--watch of a name that is not there ends at once", async () => {
    const { asp, create } = await setUp();
    await create("orders");
    const { code, stderr } = await asp(["status", "order", "--watch", "-e", "wired"]);
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining("did you mean `orders`?") });
  });

  test("--watch and --json exclude each other", async () => {
    expect((await runCli(["status", "--watch", "--json"])).code).toBe(64);
  });
});

describe("asp start and asp stop", () => {
  test.each(["staging", "wired"])("of %s wait until it is so, and leave alone what is", async (environment) => {
    const { create, target, asp, report } = await setUp();
    await create("orders");
    await create("payments");
    const started = await asp(["start", "orders", "payments", "--tier", "SP30", "-e", environment]);
    expect(started).toMatchObject({
      code: 0,
      stdout: "orders is STARTED, was CREATED\npayments is STARTED, was CREATED\n",
      stderr: expect.stringContaining("starting orders"),
    });
    expect(await target.processors()).toMatchObject([
      { state: "STARTED", tier: "SP30" },
      { state: "STARTED", tier: "SP30" },
    ]);
    expect((await asp(["start", "orders", "-e", environment])).stdout).toBe("orders is STARTED already\n");
    expect(await asp(["start", "orders", "--tier", "SP50", "-e", environment])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("ASP6075"),
    });
    const stopped = await report<StateReport>(stateReportSchema, ["stop", "orders", "-e", environment]);
    expect(stopped.processors).toEqual([{ name: "orders", before: "STARTED", state: "STOPPED", ok: true }]);
    expect((await asp(["stop", "orders", "-e", environment])).stdout).toBe("orders is STOPPED already\n");
    expect((await target.processors()).map(({ state }) => state)).toEqual(["STOPPED", "STARTED"]);
  });

  test("a name that is not there is told before anything is done", async () => {
    const { create, target, asp } = await setUp();
    await create("orders");
    const { code, stderr } = await asp(["start", "orders", "oders", "-e", "staging"]);
    expect(code).toBe(1);
    expect(stderr).toContain("did you mean `orders`?");
    expect((await target.processor("orders"))?.state).toBe("CREATED");
    // Nobody is asked about what is not there, or about what loses nothing.
    const anew = await asp(["start", "oders", "--no-resume", "-e", "staging"]);
    expect(anew).toMatchObject({ code: 1, stderr: expect.stringContaining("did you mean `orders`?") });
    await target.start("orders");
    const running = await asp(["start", "orders", "--no-resume", "-e", "staging"]);
    expect(running).toMatchObject({ code: 1, stderr: expect.stringContaining("ASP6075") });
  });

  test("one that fails is told with its reason, and holds up no other", async () => {
    const setup = await setUp();
    await createBroken(setup, "broken");
    await setup.create("orders");
    const { code, stdout, stderr } = await setup.asp(["start", "broken", "orders", "-e", "staging"]);
    expect(code).toBe(3);
    expect(stdout).toBe("orders is STARTED, was CREATED\n");
    expect(stderr).toMatch(/error\[ASP60(73|06)\]: /);
    expect(stderr).toContain("broken");
    const { processors } = await setup.report<StateReport>(stateReportSchema, ["start", "broken", "-e", "staging"]);
    expect(processors).toMatchObject([{ name: "broken", ok: false, message: expect.stringMatching(/\w/) }]);
  });

  test("a state that is not reached in time is told", async () => {
    const { create, asp, emulator } = await setUp();
    await create("orders");
    await arm(emulator, [{ operation: "getGroupStreamProcessor", state: "PROVISIONING", always: true }]);
    const { code, stderr } = await asp(["start", "orders", "--timeout", "0.5", "-e", "staging"]);
    expect(code).toBe(3);
    expect(stderr).toContain("error[ASP6074]: `orders` is PROVISIONING after 0.5 s, and not yet STARTED");
  });

  test("Ctrl-C ends the waiting with 130", async () => {
    const { create, asp, emulator, target } = await setUp();
    await create("orders");
    await arm(emulator, [{ operation: "getGroupStreamProcessor", state: "PROVISIONING", always: true }]);
    const controller = new AbortController();
    const starting = asp(["start", "orders", "-e", "staging"], { signal: controller.signal });
    await expect.poll(async () => (await target.processor("orders"))?.state, { timeout: 20_000 }).toBe("STARTED");
    controller.abort(new Interruption("SIGINT"));
    expect((await starting).code).toBe(130);
    expect((await target.processor("orders"))?.state).toBe("STARTED");
  });

  test("--no-resume asks or needs --yes, and then begins anew", async () => {
    const { create, target, asp } = await setUp();
    const from = await create("orders");
    await asp(["start", "orders", "-e", "staging"]);
    await insert(from, [{ a: 1 }]);
    await arrived(target, "orders", 1);
    await asp(["stop", "orders", "-e", "staging"]);
    await insert(from, [{ a: 2 }]);
    expect(await asp(["start", "orders", "--no-resume", "-e", "staging"])).toMatchObject({
      code: 64,
      stderr: expect.stringContaining("--yes"),
    });
    const asked: string[] = [];
    const ask = (question: string): Promise<string> => Promise.resolve(asked.push(question) > 1 ? "y" : "");
    const declined = await asp(["start", "orders", "--no-resume", "-e", "staging"], { ask });
    expect(declined).toMatchObject({ code: 1, stdout: "Nothing was started\n" });
    expect(asked).toEqual([expect.stringContaining("Give up the checkpoint of orders in workspace `local`")]);
    expect((await target.processor("orders"))?.state).toBe("STOPPED");
    expect((await asp(["start", "orders", "--no-resume", "-e", "staging"], { ask })).code).toBe(0);
    await asp(["stop", "orders", "-e", "staging"]);
    await insert(from, [{ a: 2 }]);
    expect((await asp(["start", "orders", "--no-resume", "--yes", "-e", "staging"])).code).toBe(0);
    await insert(from, [{ a: 3 }]);
    // What was written while it stood still is passed over.
    await arrived(target, "orders", 2);
  });
});

describe("asp sample", () => {
  test.each(["both", "wired"])("of %s prints documents as lines of Extended JSON", async (environment) => {
    const { create, target, asp, report } = await setUp();
    const from = await create("orders");
    expect(await asp(["sample", "orders", "-e", environment])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("error[ASP6076]: `orders` is CREATED"),
    });
    expect((await asp(["sample", "order", "-e", environment])).stderr).toContain("did you mean `orders`?");
    await target.start("orders");
    const feeding = setInterval(() => void insert(from, [{ a: 2 }, { a: 0 }]), 50);
    try {
      const { code, stdout } = await asp(["sample", "orders", "-n", "4", "-e", environment]);
      expect(code).toBe(0);
      const lines = stdout.trimEnd().split("\n");
      expect(lines).toHaveLength(4);
      const documents = lines.map((line) => JSON.parse(line));
      expect(documents).toContainEqual(expect.objectContaining({ _id: { $oid: expect.any(String) }, a: 2, half: 0.5 }));
      expect(documents).toContainEqual({ _dlqMessage: expect.objectContaining({ errInfo: expect.anything() }) });
      const sampled = await report<readonly object[]>(sampleReportSchema, [
        "sample",
        "orders",
        "--for",
        "2",
        "-e",
        environment,
      ]);
      expect(sampled.length).toBeGreaterThan(0);
    } finally {
      clearInterval(feeding);
    }
    await create("quiet");
    await target.start("quiet");
    expect(await report(sampleReportSchema, ["sample", "quiet", "--for", "0.3", "-e", environment])).toEqual([]);
  });

  test("Ctrl-C ends it with 130, and what came until then is printed", async () => {
    const { create, target, asp } = await setUp();
    const from = await create("orders");
    await target.start("orders");
    const controller = new AbortController();
    const feeding = setInterval(() => void insert(from, [{ a: 2 }]), 50);
    setTimeout(() => controller.abort(new Interruption("SIGINT")), 3000);
    const { code, stdout } = await asp(["sample", "orders", "-n", "0", "--json", "-e", "wired"], {
      signal: controller.signal,
    });
    clearInterval(feeding);
    expect(code).toBe(130);
    expect(JSON.parse(stdout).length).toBeGreaterThan(0);
  });

  test("where only the Admin API is known it says what to add", async () => {
    const { create, target, asp } = await setUp();
    await create("orders");
    await target.start("orders");
    const { code, stderr } = await asp(["sample", "orders", "-e", "staging"]);
    expect(code).toBe(3);
    expect(stderr).toContain("error[ASP6070]");
    expect(stderr).toContain("add `uri`");
  });
});

describe("asp stats", () => {
  test.each(["staging", "wired"])(
    "of %s has each operator; with --json the service's own reply",
    async (environment) => {
      const { create, target, asp, report } = await setUp();
      const from = await create("orders");
      await target.start("orders");
      await insert(from, [{ a: 1 }, { a: 0 }]);
      await arrived(target, "orders", 2);
      await expect.poll(async () => (await target.stats("orders"))?.dlqMessageCount).toBe(1);
      const { stdout, code } = await asp(["stats", "orders", "-e", environment]);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^orders in workspace `local`/);
      expect(stdout).toMatch(/\n  in +2, \d+ B\n/);
      expect(stdout).toMatch(/\n  dead letters +1, \d+ B\n/);
      expect(stdout).toMatch(/\noperator +in +out +dead letters +time +state\n/);
      const raw = await report<{ readonly stats: object }>(statsReportSchema, ["stats", "orders", "-e", environment]);
      expect(raw.stats).toMatchObject({ inputMessageCount: 2, operatorStats: expect.any(Array) });
      expect((await asp(["stats", "oders", "-e", environment])).code).toBe(1);
    },
  );
});

describe("asp logs", () => {
  test("come as lines, as values and in a file", async () => {
    const { create, asp, report, cwd } = await setUp();
    await create("orders");
    await create("payments");
    await asp(["start", "orders", "-e", "staging"]);
    const { stdout, code } = await asp(["logs", "orders", "--since", "10m", "-e", "staging"]);
    expect(code).toBe(0);
    expect(stdout).toContain('"processor":"orders"');
    expect(stdout).not.toContain("payments");
    const entries = await report<readonly object[]>(logsReportSchema, ["logs", "--audit", "-e", "both"]);
    expect(entries).toContainEqual(expect.objectContaining({ kind: "audit", processor: "payments" }));
    const kept = await asp(["logs", "orders", "--out", "orders.log", "-e", "staging"]);
    expect(kept).toMatchObject({ code: 0, stdout: "" });
    expect(await readFile(join(cwd, "orders.log"), "utf8")).toBe(
      (await asp(["logs", "orders", "-e", "staging"])).stdout,
    );
    expect((await asp(["logs", "--until", "2020-01-01", "-e", "staging"])).stdout).toBe("");
    const misspelt = await asp(["logs", "oders", "-e", "staging"]);
    expect(misspelt).toMatchObject({ code: 1, stderr: expect.stringContaining("did you mean `orders`?") });
  });

  test("by wire alone it says what to add", async () => {
    const { asp } = await setUp();
    const { code, stderr } = await asp(["logs", "-e", "wired"]);
    expect(code).toBe(3);
    expect(stderr).toContain("error[ASP6071]");
  });
});

describe("--suffix", () => {
  const suffix = ["--suffix", "pr-42", "-e"];

  test.each(["staging", "recorded"])("of %s shows the processors of the preview alone", async (environment) => {
    const { create, report, asp, recordDb, emulator } = await setUp();
    for (const name of ["orders", "orders-pr-42", "orders-pr-42__v1", "orders-pr-43", "gone-pr-42"]) await create(name);
    const deployed = mongod.client.db(recordDb).collection<DeployedProcessor>("asp_deployed");
    const keyOf = (processor: string) => ({ workspace: `${emulator.projectId}/local`, processor });
    await deployed.insertMany([
      { _id: keyOf("orders"), owner: "asp" },
      { _id: keyOf("orders-pr-42"), owner: "asp-pr-42" },
      { _id: keyOf("gone-pr-42"), owner: "asp-pr-42" },
      { _id: keyOf("orders-pr-43"), owner: "asp-pr-43" },
    ]);
    const read = await report<StatusReport>(statusReportSchema, ["status", ...suffix, environment]);
    // What is no more in the project is known by the record alone.
    const gone = environment === "recorded" ? ["gone-pr-42"] : [];
    expect(read).toMatchObject({ environment, suffix: "pr-42", missing: [] });
    expect(read.processors.map(({ name, isOwn }) => (isOwn ? name : `not ${name}`)).toSorted()).toEqual(
      [...gone, "not orders-pr-42__v1", "orders-pr-42"].toSorted(),
    );
    const { stdout, code } = await asp(["status", "--suffix", "pr-44", "-e", environment, "--check"]);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(
        /^\w+, preview pr-44: workspace `local` \(.*\)\nno processors\nof the preview, not in the workspace: orders-pr-44\n$/u,
      ),
    });
  });

  test("names processors as the project does, in each command", async () => {
    const { create, target, asp, report } = await setUp();
    await create("orders");
    const from = await create("orders-pr-42");
    const started = await asp(["start", "orders", ...suffix, "both"]);
    expect(started).toMatchObject({ code: 0, stdout: "orders-pr-42 is STARTED, was CREATED\n" });
    expect((await target.processor("orders"))?.state).toBe("CREATED");
    const one = await report<StatusReport>(statusReportSchema, ["status", "orders", ...suffix, "both"]);
    expect(one.processors).toMatchObject([{ name: "orders-pr-42", state: "STARTED" }]);
    await insert(from, [{ a: 1 }]);
    await arrived(target, "orders-pr-42", 1);
    expect((await asp(["stats", "orders", ...suffix, "both"])).stdout).toMatch(/^orders-pr-42 in workspace/u);
    expect(await report(sampleReportSchema, ["sample", "orders", "--for", "0.1", ...suffix, "both"])).toEqual([]);
    const again = await asp(["start", "orders", "--no-resume", "--yes", ...suffix, "both"]);
    expect(again.stderr).toContain("error[ASP6075]: `orders-pr-42` runs already");
    expect((await asp(["stop", "orders", ...suffix, "both"])).stdout).toBe("orders-pr-42 is STOPPED, was STARTED\n");
    await target.start("orders");
    for (const named of [["orders"], []]) {
      const { stdout } = await asp(["logs", ...named, ...suffix, "both"]);
      const processors = stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line).processor);
      expect(new Set(processors)).toEqual(new Set(["orders-pr-42"]));
    }
  });

  test.each(["status", "start", "stop", "stats", "sample", "logs"])(
    "%s of a name that the preview has not says what there is, as it is typed",
    async (command) => {
      const { create, asp } = await setUp();
      for (const name of ["orders-pr-42", "payments"]) await create(name);
      const { code, stderr } = await asp([command, "oders", ...suffix, "both"]);
      expect(code).toBe(1);
      expect(stderr).toContain("error[ASP6072]: there is no processor `oders-pr-42` in workspace `local`");
      expect(stderr).toContain("with `--suffix pr-42` there are: orders\n");
      expect(stderr).toContain("did you mean `orders`?");
    },
  );

  test("asks about the checkpoint of the preview's processor", async () => {
    const { create, asp } = await setUp();
    await create("orders-pr-42");
    const asked: string[] = [];
    const ask = (question: string): Promise<string> => Promise.resolve(asked.push(question) > 1 ? "y" : "");
    expect((await asp(["start", "orders", "--no-resume", ...suffix, "both"], { ask })).code).toBe(1);
    expect(asked).toEqual([expect.stringContaining("Give up the checkpoint of orders-pr-42 in workspace `local`")]);
  });
});

test.each([
  ["status", []],
  ["start", ["orders"]],
  ["stop", ["orders"]],
  ["sample", ["orders"]],
  ["stats", ["orders"]],
  ["logs", []],
  ["shell", []],
])("asp %s without -e means local, and says what that lacks", async (command, operands) => {
  const { asp } = await setUp();
  const { code, stderr } = await asp([command, ...operands]);
  expect(code).toBe(1);
  expect(stderr).toContain("error[ASP6010]: the environment `local` has no `uri`");
  expect(stderr).toContain("add `environments.local.uri`");
  expect(stderr).toContain("no `-e` was given; there are also: staging, wired, both, recorded, vault, unrecordable");
});

test.each([
  [["stop"]],
  [["start"]],
  [["sample"]],
  [["start", "a", "--timeout", "0"]],
  [["sample", "a", "-n", "x"]],
  [["logs", "--since", "yesterday"]],
  [["logs", "--json", "--out", "x"]],
  [["shell", "--json"]],
])("a command line that is wrong: %j", async (argv) => {
  expect((await runCli(argv)).code).toBe(64);
});
