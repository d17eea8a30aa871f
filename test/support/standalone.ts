import { tmpdir } from "node:os";
import { MongoClient } from "mongodb";
import { onTestFinished } from "vitest";
import { findMongod } from "../../src/mongod/find-mongod.ts";
import { freePort } from "../../src/mongod/free-port.ts";
import { startSupervised } from "../../src/mongod/supervise.ts";

/** A mongod that is no replica set, until the test ends. */
export async function startStandalone(): Promise<MongoClient> {
  const { path: binary } = await findMongod({ env: process.env });
  const port = await freePort();
  const args = ["--port", String(port), "--bind_ip", "127.0.0.1", "--nounixsocket", "--quiet"];
  const server = await startSupervised({ binary, args, env: process.env, data: { parent: tmpdir() } });
  onTestFinished(() => server.end());
  const client = await new MongoClient(`mongodb://127.0.0.1:${port}/`).connect();
  onTestFinished(() => client.close());
  return client;
}
