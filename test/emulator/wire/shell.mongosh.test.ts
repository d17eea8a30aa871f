import { writeFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Document } from "bson";
import { execaNode, type Result } from "execa";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { createCertificates } from "../../../src/emulator/tls.ts";
import { eventsOf, freshName, mergeInto } from "../../engine/support.ts";
import { connectMongod, type TestDatabase } from "../../support/mongod.ts";
import { idsIn, insert } from "../workspace/support.ts";
import { alice, openWire, reader, type Wire } from "./support.ts";
import { mongosh } from "../../support/mongosh.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

interface Shell {
  readonly wire: Wire;
  /** Runs a script in the real mongosh, over TLS, as somebody. */
  readonly run: (script: string, login?: Login) => ReturnType<typeof start>;
}

interface Login {
  readonly name: string;
  readonly password: string;
}

async function openShell(): Promise<Shell> {
  const { ca, cert, key } = await createCertificates();
  const wire = await openWire(mongod, { tls: { cert, key }, limits: { abandonedMs: 50 } });
  const folder = await mkdtemp(join(tmpdir(), "asp-mongosh-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const caFile = join(folder, "ca.pem");
  await writeFile(caFile, ca);
  const run = (script: string, { name, password }: Login = alice) => {
    const file = join(folder, `${freshName()}.js`);
    writeFileSync(file, script);
    const login = ["--username", name, "--password", password, "--authenticationDatabase", "admin"];
    const tls = ["--tls", "--tlsCAFile", caFile];
    const uri = `mongodb://localhost:${wire.server.port}/`;
    return start(folder, ["--quiet", "--norc", ...tls, ...login, "--file", file, uri]);
  };
  return { wire, run };
}

const start = (home: string, args: readonly string[]) =>
  execaNode(mongosh, args, {
    env: { HOME: home, MONGOSH_FORCE_DISABLE_TELEMETRY_FOR_TESTING: "1" },
    nodeOptions: [],
    reject: false,
  });

/** What a script says by `say(…)`, one value a line. */
const say = "const say = (...values) => print(EJSON.stringify(values, { relaxed: false }));\n";
const said = ({ stdout }: Pick<Result, "stdout">): readonly (readonly Document[])[] =>
  String(stdout)
    .split("\n")
    .filter((line) => line.startsWith("["))
    .map((line) => JSON.parse(line) as readonly Document[]);

const orders = (from: string, to: string): string =>
  JSON.stringify([eventsOf(mongod.db, from), { $set: { half: { $divide: [1, "$a"] } } }, mergeInto(mongod.db, to)]);

test("a script connects, lists, creates, starts, reads statistics, modifies, stops and drops", async () => {
  const { wire, run } = await openShell();
  const [from, to] = [freshName(), freshName()];
  await insert(mongod, mongod.db, from, [{ _id: 0, a: 1 }]);
  const result = await run(
    `${say}
    say(...sp.listConnections().map(({ name, type }) => name + ":" + type));
    say(sp.listWorkspaceDefaults());
    sp.createStreamProcessor("orders", ${orders(from, to)}, { dlq: { connectionName: "c", db: "${mongod.db}", coll: "letters" } });
    say(sp.orders.stats().state);
    sp.orders.start({ resumeFromCheckpoint: false });
    say(sp.listStreamProcessors({ state: "STARTED" }).map(({ name }) => name));
    const waitFor = (count) => {
      for (let round = 0; round < 100; round += 1) {
        const { stats } = sp.orders.stats({ options: { verbose: true } });
        if (stats.outputMessageCount + stats.dlqMessageCount >= count) return stats;
        sleep(50);
      }
    };
    say("ready");
    const stats = waitFor(3);
    say(stats.inputMessageCount, stats.outputMessageCount, stats.dlqMessageCount, stats.operatorStats.length);
    sp.orders.stop();
    sp.orders.modify({ name: "renamed", dlq: {}, tier: "SP30" });
    say(sp.renamed.stats().state, sp.listStreamProcessors()[0].tier, sp.listStreamProcessors()[0].options?.dlq ?? null);
    sp.renamed.drop();
    say(sp.listStreamProcessors().length);
  `.replace('say("ready");', insertFromShell(from)),
  );
  expect(result).toMatchObject({ exitCode: 0, stderr: "" });
  const int = (value: number): Document => ({ $numberInt: String(value) });
  expect(said(result)).toEqual([
    ["sample_stream_solar:Sample", "c:Cluster"],
    [{ defaultTierSize: "SP10", maxTierSize: "SP50", ok: int(1) }],
    ["CREATED"],
    [["orders"]],
    [int(3), int(2), int(1), int(3)],
    ["STOPPED", "SP30", null],
    [int(0)],
  ]);
  expect(await idsIn(mongod, mongod.db, to)).toEqual([1, 3]);
  expect(await idsIn(mongod, mongod.db, "letters")).toHaveLength(1);
  expect(wire.lines).toEqual([]);
});

/** Events come in while the script waits: it has a connection of its own to the mongod. */
function insertFromShell(from: string): string {
  const documents = JSON.stringify([
    { _id: 1, a: 1 },
    { _id: 2, a: 0 },
    { _id: 3, a: 3 },
  ]);
  return `connect(${JSON.stringify(mongod.uri.replace("/?", `/${mongod.db}?`))}).getSiblingDB("${mongod.db}")["${from}"].insertMany(${documents});`;
}

test("a sample shows what flows until its limit", async () => {
  const { wire, run } = await openShell();
  const from = freshName();
  const { workspace } = wire.tenant;
  await workspace.create({ name: "orders", pipeline: JSON.parse(orders(from, freshName())) });
  await workspace.start("orders");
  const running = run(`sp.orders.sample({ limit: 2 });`);
  let id = 0;
  const feeding = setInterval(() => {
    id += 1;
    void insert(mongod, mongod.db, from, [{ _id: id, a: id % 2 }]);
  }, 100);
  const { exitCode, stdout, stderr } = await running;
  clearInterval(feeding);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout).toContain("half: 1");
  expect(stdout).toMatch(/_dlqMessage: \{[\s\S]*workspaceName: 'commerce'/u);
});

test("sp.process runs a pipeline to its end and drops it", async () => {
  const { wire, run } = await openShell();
  const result = await run(`
    sp.process([{ $source: { documents: [{ a: 1 }, { a: 2 }, { a: 3 }] } }, { $set: { b: { $multiply: ["$a", 10] } } }]);
  `);
  expect(result).toMatchObject({ exitCode: 0, stderr: "" });
  for (const text of ["b: 10", "b: 20", "b: 30"]) expect(result.stdout).toContain(text);
  const audit = await wire.tenant.logs({ kind: "audit" });
  expect(audit.map(({ message }) => message)).toEqual(
    expect.arrayContaining(["processStreamProcessor", "dropStreamProcessor"]),
  );
});

test.each([
  ["an interrupt", "SIGINT", ["processStreamProcessor", "dropStreamProcessor"]],
  ["the end of the shell", "SIGKILL", ["processStreamProcessor"]],
] as const)("%s ends what sp.process runs", async (_, signal, commands) => {
  const { wire, run } = await openShell();
  const from = freshName();
  const checkpoints = mongod.client.db(`asp_${wire.tenant.record.id}`).collection("asp_checkpoints");
  const running = run(`sp.process([${JSON.stringify(eventsOf(mongod.db, from))}]);`);
  let shown = "";
  running.stdout.on("data", (chunk) => {
    shown += String(chunk);
  });
  await expect.poll(() => checkpoints.countDocuments(), { timeout: 20_000 }).toBe(1);
  await insert(mongod, mongod.db, from, [{ _id: 1, text: "shown" }]);
  await expect.poll(() => shown, { timeout: 20_000 }).toContain("text: 'shown'");
  running.kill(signal);
  const { exitCode } = await running;
  expect(exitCode).toBe(signal === "SIGINT" ? 1 : undefined);
  await expect.poll(() => checkpoints.countDocuments(), { timeout: 5000 }).toBe(0);
  const asked = async (): Promise<readonly string[]> => {
    const audit = await wire.tenant.logs({ kind: "audit" });
    return audit.map(({ message }) => message).filter((message) => message.endsWith("Processor"));
  };
  // A command is written down when it is over.
  await expect.poll(asked, { timeout: 20_000 }).toEqual(commands);
});

test("what the server refuses is thrown, with its code", async () => {
  const { run } = await openShell();
  const result = await run(`${say}
    const attempt = (act) => { try { act(); } catch ({ name, code, codeName, message }) { say(name, code, codeName ?? "", message); } };
    attempt(() => sp.createStreamProcessor("", []));
    attempt(() => sp.createStreamProcessor("p", []));
    attempt(() => sp.createStreamProcessor("p", {}));
    attempt(() => sp.nobody.start());
    attempt(() => sp.nobody.modify());
  `);
  expect(result).toMatchObject({ exitCode: 0 });

  expect(said(result).map(([, code, codeName]) => [code?.["$numberInt"] ?? code, codeName])).toEqual([
    ["COMMON-10001", ""],
    ["9", "FailedToParse"],
    ["COMMON-10001", ""],
    ["125", "CommandFailed"],
    ["COMMON-10001", ""],
  ]);
});

test("a wrong password ends the shell, and who only reads is refused", async () => {
  const { run } = await openShell();
  const wrong = await run("print(1)", { ...alice, password: "wrong" });
  expect(wrong).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("Authentication failed") });
  const read = await run(`print(sp.listConnections().length); sp.createStreamProcessor("p", [])`, reader);
  expect(read).toMatchObject({
    exitCode: 1,
    stdout: "2",
    stderr: expect.stringContaining("missing privilege for action"),
  });
});
