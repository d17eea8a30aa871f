import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MongoClient } from "mongodb";
import { AspError } from "../../diagnostics/asp-error.ts";
import type { Cluster } from "../../engine/engine.ts";
import type { Mongod } from "../../mongod/mongod.ts";
import { startMongod } from "../../mongod/start-mongod.ts";

/**
 * A mongod that cases run on, one after the other. Whatever an environment says, cases never touch another cluster:
 * they drop every database before each trial.
 */
export interface TestMongod extends AsyncDisposable {
  readonly cluster: Cluster;
  /** Rejects with an AspError when the mongod dies; otherwise never settles. */
  readonly died: Promise<never>;
  /** Folder for what sinks without a target here write as files; it goes with the mongod. */
  readonly captureDir: string;
  /** Drops everything, captured files too. */
  clear(): Promise<void>;
}

export interface TestMongodOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
  readonly onProgress?: (line: string) => void;
}

export async function startTestMongod(options: TestMongodOptions): Promise<TestMongod> {
  const mongod = await startMongod(options);
  const client = new MongoClient(mongod.uri, { appName: "asp" });
  const died = rejectWhenDead(mongod);
  const captureDir = await mkdtemp(join(tmpdir(), "asp-captured-"));
  return {
    cluster: { name: "embedded", client },
    died,
    captureDir,
    clear: async () => {
      await dropDatabases(client);
      await Promise.all((await readdir(captureDir)).map((name) => rm(join(captureDir, name), { recursive: true })));
    },
    [Symbol.asyncDispose]: async () => {
      await client.close();
      await mongod.stop();
      await rm(captureDir, { recursive: true, force: true });
    },
  };
}

function rejectWhenDead(mongod: Mongod): Promise<never> {
  const died = mongod.died.then((reason) => {
    throw new AspError("ASP4133", `mongod ended in the middle of a run: ${reason}`, {
      help: "free some disk space or memory and run again",
    });
  });
  // Whoever races with it sees the rejection; between two runs nobody does.
  died.catch(() => undefined);
  return died;
}

const serverOwn = new Set(["admin", "config", "local"]);

async function dropDatabases(client: MongoClient): Promise<void> {
  const { databases } = await client.db("admin").admin().listDatabases({ nameOnly: true });
  for (const { name } of databases) {
    if (!serverOwn.has(name)) await client.db(name).dropDatabase();
  }
}
