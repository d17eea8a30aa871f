import { readFile } from "node:fs/promises";
import { MongoClient } from "mongodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectMongod } from "../support/mongod.ts";
import type { TestDatabase } from "../support/mongod.ts";
import { makeFolder } from "./run-cli.ts";
import { isAlive, spawnCli } from "./spawn-cli.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

/** Copies events of a type into a collection; everything lies in one database that no other test uses. */
function makeProject(db: string, more: Readonly<Record<string, string>> = {}): Promise<string> {
  return makeFolder({
    "atlas.config.yaml": `
events: { connectionName: events, db: ${db}, coll: events }
connections: { events: { type: Cluster }, domain: { type: Cluster } }
environments:
  here:
    connections: { events: { uri: "\${URI}" }, domain: { uri: "\${URI}" } }
    checkpoints: { connectionName: domain, db: ${db} }
  nowhere:
    connections: { events: { uri: "mongodb://asp:secret@127.0.0.1:1/?serverSelectionTimeoutMS=300" }, domain: { uri: "\${URI}" } }
`,
    "pipelines/copies.ts": pipeline(db, "copies", ""),
    ...more,
  });
}

function pipeline(db: string, name: string, more: string): string {
  return `import { defineProcessor } from "asp-toolkit";
export default defineProcessor({
  name: "${name}",
  pipeline: [
    { $source: { connectionName: "events", db: "${db}", coll: "events", config: { fullDocumentOnly: true } } },
    { $merge: { into: { connectionName: "domain", db: "${db}", coll: "${name}" }${more} } },
  ],
});
`;
}

/** Waits until a collection holds so many documents. */
async function holds(db: string, coll: string, count: number): Promise<void> {
  while ((await mongod.client.db(db).collection(coll).countDocuments()) < count) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe("asp run", () => {
  test("--tier: what the tier does not allow fails before anything runs, and what it allows runs", async () => {
    const db = mongod.freshDb();
    const wide = pipeline(db, "copies", ", parallelism: 4");
    const cwd = await makeProject(db, { "pipelines/copies.ts": wide });
    const env = { URI: mongod.uri };
    const small = await spawnCli(["run", "-e", "here", "--tier", "SP5"], { cwd, env });
    const { code, stderr } = await small.result;
    expect(code).toBe(1);
    expect(stderr).toContain(
      "error[ASP4032]: the stages ask for 3 threads beyond the first of each, and tier `SP5` gives 2",
    );
    const none = await spawnCli(["run", "-e", "here", "--tier", "SP20"], { cwd, env });
    expect((await none.result).code).toBe(64);
    const large = await spawnCli(["run", "-e", "here", "--tier", "SP10"], { cwd, env });
    await large.stderrHas("READY: 1 processor running");
    large.kill("SIGTERM");
    expect((await large.result).code).toBe(0);
  });

  test("says READY, follows its source, and SIGTERM ends it with 0; the next run goes on from the checkpoint", async () => {
    const db = mongod.freshDb();
    const cwd = await makeProject(db);
    const events = mongod.client.db(db).collection<{ _id: number }>("events");
    const env = { URI: mongod.uri };
    const first = await spawnCli(["run", "-e", "here"], { cwd, env });
    await first.stderrHas("READY: 1 processor running");
    await events.insertMany([{ _id: 1 }, { _id: 2 }]);
    await holds(db, "copies", 2);
    first.kill("SIGTERM");
    const { code, stdout } = await first.result;
    expect(code).toBe(0);
    expect(stdout).toMatch(/^processor +state +input/u);
    expect(stdout).toMatch(/copies +STOPPED +2 +2 +0 /u);
    expect(await first.leftovers()).toEqual([]);

    await events.insertOne({ _id: 3 });
    const second = await spawnCli(["run", "-e", "here", "--json"], { cwd, env });
    await holds(db, "copies", 3);
    second.kill("SIGINT");
    const end = await second.result;
    expect(end.code).toBe(130);
    expect(JSON.parse(end.stdout)).toMatchObject({
      stoppedBy: "SIGINT",
      processors: [{ name: "copies", state: "STOPPED", input: 1, output: 1, deadLetters: 0 }],
    });
  });

  test("a processor that cannot start is reported with the way out, the others go on, and exit is 3", async () => {
    const db = mongod.freshDb();
    const cwd = await makeProject(db, { "pipelines/by-code.ts": pipeline(db, "by-code", ', on: "code"') });
    const cli = await spawnCli(["run", "-e", "here"], { cwd, env: { URI: mongod.uri } });
    const stderr = await cli.stderrHas("READY: 1 of 2 processors running, FAILED: by-code");
    expect(stderr).toMatch(/error\[ASP51\d\d\]: /u);
    expect(stderr).toContain("= help: ");
    await mongod.client.db(db).collection<{ _id: number }>("events").insertOne({ _id: 1 });
    await holds(db, "copies", 1);
    cli.kill("SIGTERM");
    expect((await cli.result).code).toBe(3);
  });

  test("where none can start there is no READY, and it ends by itself with 3", async () => {
    const db = mongod.freshDb();
    const cwd = await makeProject(db, { "pipelines/copies.ts": pipeline(db, "copies", ', on: "code"') });
    const { code, stderr } = await (await spawnCli(["run", "-e", "here"], { cwd, env: { URI: mongod.uri } })).result;
    expect(code).toBe(3);
    expect(stderr).toContain("no processor is running, FAILED: copies");
    expect(stderr).not.toContain("READY");
  });

  test("a finite source ends by itself with 0", async () => {
    const db = mongod.freshDb();
    const documents = "{ $source: { documents: [{ _id: 1 }, { _id: 2 }] } },";
    const finite = pipeline(db, "copies", "").replace(/\{ \$source.*/u, () => documents);
    const cwd = await makeProject(db, { "pipelines/copies.ts": finite });
    const { code, stdout } = await (await spawnCli(["run", "-e", "here"], { cwd, env: { URI: mongod.uri } })).result;
    expect({ code, copied: await mongod.client.db(db).collection("copies").countDocuments() }).toEqual({
      code: 0,
      copied: 2,
    });
    expect(stdout).toMatch(/copies +STOPPED +2 +2/u);
  });

  test("a cluster that does not answer is one clear message without its password, and exit 3", async () => {
    const cwd = await makeProject(mongod.freshDb());
    const cli = await spawnCli(["run", "-e", "nowhere", "--json"], { cwd, env: { URI: mongod.uri } });
    const { code, stdout, stderr } = await cli.result;
    expect(code).toBe(3);
    expect(stderr).toContain("cannot connect to the cluster of connection `events`");
    expect(stdout + stderr).not.toContain("secret");
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: expect.stringMatching(/^ASP4\d\d\d$/u) } });
  });

  test("Ctrl-C does not wait for a cluster that does not answer", async () => {
    const cwd = await makeProject(mongod.freshDb());
    const cli = await spawnCli(["run", "-e", "nowhere", "-v"], { cwd, env: { URI: mongod.uri } });
    await cli.stderrHas("connecting");
    cli.kill("SIGINT");
    const { code, stderr } = await cli.result;
    expect({ code, isRefusal: stderr.includes("cannot connect") }).toEqual({ code: 130, isRefusal: false });
  });

  test("without an address it runs on a mongod of its own, which keeps its data and leaves nothing else", async () => {
    const cwd = await makeProject("shop");
    for (const count of [1, 2]) {
      const cli = await spawnCli(["run"], { cwd });
      const stderr = await cli.stderrHas("READY");
      const uri = /mongodb:\/\/\S+/u.exec(stderr)?.[0] ?? "";
      const client = await new MongoClient(uri).connect();
      await client.db("shop").collection<{ _id: number }>("events").insertOne({ _id: count });
      while ((await client.db("shop").collection("copies").countDocuments()) < count) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      await client.close();
      const children = await cli.descendants();
      cli.kill("SIGINT");
      expect((await cli.result).code).toBe(130);
      expect(await cli.leftovers()).toEqual([]);
      for (const pid of children) expect(await isAlive(pid)).toBe(false);
    }
  });

  test("a mongod that dies in the middle is one clear message and exit 3", async () => {
    const cwd = await makeProject("shop");
    const cli = await spawnCli(["run"], { cwd });
    await cli.stderrHas("READY");
    process.kill(await findMongod(await cli.descendants()), "SIGKILL");
    const { code, stderr } = await cli.result;
    expect(code).toBe(3);
    expect(stderr).toContain("error[ASP4157]: the mongod that asp had started ended");
    expect(stderr).not.toContain("ASP9000");
    expect(await cli.leftovers()).toEqual([]);
  });

  test("a second Ctrl-C does not wait", async () => {
    const cwd = await makeProject(mongod.freshDb());
    const cli = await spawnCli(["run", "-e", "here"], { cwd, env: { URI: mongod.uri } });
    await cli.stderrHas("READY");
    cli.kill("SIGINT");
    cli.kill("SIGINT");
    expect((await cli.result).code).toBe(130);
  });
});

/** Of the processes below a command, the one that is a mongod. */
async function findMongod(pids: readonly number[]): Promise<number> {
  for (const pid of pids) {
    if ((await readFile(`/proc/${pid}/cmdline`, "utf8")).split("\0").includes("--replSet")) return pid;
  }
  throw new Error("no mongod among the processes below");
}
