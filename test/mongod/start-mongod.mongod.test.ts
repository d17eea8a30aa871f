import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { execaNode } from "execa";
import { MongoClient } from "mongodb";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startMongod } from "../../src/mongod/start-mongod.ts";
import { withMongod } from "../support/mongod.ts";

let folder: string;
let temporary: string;
let env: Record<string, string | undefined>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "asp-test-"));
  temporary = join(folder, "tmp");
  await mkdir(temporary);
  env = { ...process.env, TMPDIR: temporary };
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("a started mongod opens change streams and runs transactions", async () => {
  const { client, db } = await withMongod();
  const events = client.db(db).collection<{ _id: number }>("events");
  const stream = events.watch();
  const next = stream.next();
  await client.withSession((session) =>
    session.withTransaction(async () => {
      await events.insertOne({ _id: 1 }, { session });
    }),
  );
  expect(await next).toMatchObject({ operationType: "insert", documentKey: { _id: 1 } });
  await stream.close();
});

test("stopping it twice ends the process and removes its folder", async () => {
  const mongod = await startMongod({ env });
  expect(await readdir(temporary)).toHaveLength(1);
  await Promise.all([mongod.stop(), mongod.stop()]);
  await mongod.stop();
  expect(isAlive(mongod.pid)).toBe(false);
  expect(await readdir(temporary)).toEqual([]);
});

test("what was stored under a path of one's own is there at the next start", async () => {
  const dbPath = join(folder, "data");
  for (const run of [1, 2]) {
    await using mongod = await startMongod({ env, dbPath });
    await using client = await new MongoClient(mongod.uri).connect();
    await client.db("shop").collection<{ _id: number }>("runs").insertOne({ _id: run });
    expect(await client.db("shop").collection("runs").countDocuments()).toBe(run);
  }
  expect(await readdir(temporary)).toEqual([]);
});

test("a mongod that is killed says so, and its folder goes when it is stopped", async () => {
  const mongod = await startMongod({ env });
  process.kill(mongod.pid, "SIGKILL");
  expect(await mongod.died).toBe("it was ended by SIGKILL");
  await mongod.stop();
  expect(await readdir(temporary)).toEqual([]);
});

test("starting is broken off by a signal and leaves nothing", async () => {
  const controller = new AbortController();
  const starting = startMongod({ env, signal: controller.signal });
  await until(async () => (await readdir(temporary)).length === 1);
  controller.abort(new Error("enough"));
  await expect(starting).rejects.toThrow("enough");
  expect(await readdir(temporary)).toEqual([]);
});

/** A mongod that says this on its way, and ends. */
async function endingMongod(...lines: readonly string[]): Promise<string> {
  const path = join(folder, "mongod");
  const says = lines.map((line) => `echo '${line}'`).join("; ");
  await writeFile(path, `#!/bin/sh\nif [ "$1" = --version ]; then echo db version v6.0.5; else ${says}; exit 14; fi\n`);
  await chmod(path, 0o755);
  return path;
}

const complaint = '{"s":"E","msg":"Failed to open","attr":{"error":"Corrupt: bad page"}}';

test.each([
  ["its own last words", [complaint], "Failed to open: Corrupt: bad page"],
  [
    "the full disk, whatever it says after that",
    ['{"s":"E","msg":"WiredTiger error message","attr":{"error":28,"message":"No space left on device"}}', complaint],
    "the disk is full",
  ],
])("a mongod that ends at once is refused with %s", async (_, lines, words) => {
  const path = await endingMongod(...lines);
  await expect(startMongod({ env: { ...env, MONGOMS_SYSTEM_BINARY: path } })).rejects.toMatchObject({
    code: "ASP5202",
    message: `mongod did not start: it exited with 14: ${words}`,
  });
  expect(await readdir(temporary)).toEqual([]);
});

test("a folder that cannot be written is named", async () => {
  await expect(startMongod({ env, dbPath: "/dev/null/data" })).rejects.toMatchObject({
    code: "ASP5203",
    message: "the data folder /dev/null/data cannot be written: not a directory",
  });
});

describe("when its parent is killed", () => {
  test.for(["SIGKILL", "SIGTERM"] as const)("by %s, neither mongod nor its folder stays", async (signal) => {
    const parent = execaNode(fileURLToPath(new URL("hold-mongod.ts", import.meta.url)), {
      nodeOptions: ["--import", "tsx"],
      env,
      reject: false,
      stdin: "ignore",
    });
    const pid = await new Promise<number>((resolve) => {
      parent.stdout.once("data", (data: Buffer) => resolve(Number(String(data))));
    });
    expect(isAlive(pid)).toBe(true);
    parent.kill(signal);
    await parent;
    await until(async () => !isAlive(pid) && (await readdir(temporary)).every((name) => !name.startsWith("asp-")));
  });

  test("while it starts, nothing stays either", async () => {
    const parent = execaNode(fileURLToPath(new URL("hold-mongod.ts", import.meta.url)), {
      nodeOptions: ["--import", "tsx"],
      env,
      reject: false,
      stdin: "ignore",
    });
    const folders = async (): Promise<readonly string[]> =>
      (await readdir(temporary)).filter((name) => name.startsWith("asp-"));
    await until(async () => (await folders()).length === 1);
    parent.kill("SIGKILL");
    await parent;
    await until(async () => (await folders()).length === 0);
    // A mongod that were still starting would make its folder anew.
    await sleep(500);
    expect(await folders()).toEqual([]);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(5);
}
