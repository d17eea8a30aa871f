import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { MongoClient } from "mongodb";
import { findMongod } from "../../src/mongod/find-mongod.ts";
import { freePort } from "../../src/mongod/free-port.ts";

/** A replica set of one member that keeps its data, and can be killed. */
export interface KillableMongod extends AsyncDisposable {
  readonly uri: string;
  /** Ends it as a machine that fails does: what is not in the journal is gone. */
  kill(): Promise<void>;
  /** Starts it again with the same data and port. */
  start(): Promise<void>;
}

export async function startKillableMongod(): Promise<KillableMongod> {
  const binary = await findMongod({ env: process.env });
  const [port, dbPath] = [await freePort(), await mkdtemp(join(tmpdir(), "asp-killable-"))];
  const host = `127.0.0.1:${port}`;
  const args = [
    ...["--port", String(port), "--bind_ip", "127.0.0.1", "--replSet", "rs", "--dbpath", dbPath],
    ...["--nounixsocket", "--quiet", "--wiredTigerCacheSizeGB", "0.25"],
    // So long may a write lie in memory alone, unless it asks for the journal.
    ...["--journalCommitInterval", "500"],
  ];
  let server: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    server = spawn(binary.path, args, { stdio: "ignore" });
    const client = await new MongoClient(`mongodb://${host}/?directConnection=true`).connect();
    const admin = client.db("admin");
    const config = { _id: "rs", members: [{ _id: 0, host }] };
    // Refused where it has been done.
    await admin.command({ replSetInitiate: config }).catch(() => undefined);
    while ((await admin.command({ hello: 1 }))["isWritablePrimary"] !== true) await sleep(50);
    await client.close();
  };
  const kill = async (): Promise<void> => {
    if (server === undefined) return;
    const ended = once(server, "exit");
    server.kill("SIGKILL");
    await ended;
    server = undefined;
  };
  await start();
  return {
    uri: `mongodb://${host}/?replicaSet=rs`,
    kill,
    start,
    [Symbol.asyncDispose]: async () => {
      await kill();
      await rm(dbPath, { recursive: true, force: true });
    },
  };
}
