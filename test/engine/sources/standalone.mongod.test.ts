import { tmpdir } from "node:os";
import { MongoClient } from "mongodb";
import { expect, onTestFinished, test } from "vitest";
import { startEngine } from "../../../src/engine/start-engine.ts";
import { findMongod } from "../../../src/mongod/find-mongod.ts";
import { freePort } from "../../../src/mongod/free-port.ts";
import { startSupervised } from "../../../src/mongod/supervise.ts";
import { eventsOf, mergeInto } from "../support.ts";

test("a mongod that is no replica set FAILs a processor that reads change streams of it", async () => {
  const port = String(await freePort());
  const mongod = await startSupervised({
    binary: (await findMongod({ env: process.env })).path,
    args: ["--port", port, "--bind_ip", "127.0.0.1", "--nounixsocket", "--quiet", "--wiredTigerCacheSizeGB", "0.25"],
    env: process.env,
    data: { parent: tmpdir() },
  });
  try {
    await using client = new MongoClient(`mongodb://127.0.0.1:${port}/`);
    const cluster = { name: "events", client };
    const engine = await startEngine(
      [{ name: "copy", pipeline: [eventsOf("shop", "events"), mergeInto("shop", "copies")] }],
      {
        cluster: () => cluster,
        checkpoints: { cluster, db: "asp" },
      },
    );
    onTestFinished(() => engine.stop());
    expect(engine.stats()[0]).toMatchObject({
      state: "FAILED",
      input: 0,
      error: { code: "ASP5109", message: "The cluster of shop.events is no replica set: it has no change streams" },
    });
  } finally {
    await mongod.end();
  }
});
