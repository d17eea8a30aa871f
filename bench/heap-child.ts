/** The process whose heap bench/million.ts measures: the engine and nothing else. */
import { getOneMessage, sendMessage } from "execa";
import { MongoClient } from "mongodb";
import ordersProjection from "../pipelines/orders.ts";
import { defineProcessor } from "../src/index.ts";
import { startEngine } from "../src/engine/start-engine.ts";
import { compile } from "./harness/compile.ts";

const client = await new MongoClient(process.argv[2] ?? "").connect();
const cluster = { name: "bench", client };
const options = { cluster: () => cluster, checkpoints: { cluster, db: "asp" } };

/** A window that stays open: each event goes into it, and nothing comes out. */
const openWindow = defineProcessor({
  name: "open-window",
  pipeline: [
    { $source: { connectionName: "events", db: "shop", coll: "events", config: { fullDocumentOnly: true } } },
    {
      $sessionWindow: {
        partitionBy: "$streamId",
        gap: { size: 365, unit: "day" },
        pipeline: [{ $group: { _id: "$streamId", events: { $sum: 1 } } }],
      },
    },
    { $merge: { into: { connectionName: "domain", db: "shop", coll: "sessions" } } },
  ],
});

const processor = process.argv[3] === "open-window" ? openWindow : ordersProjection;
const engine = await startEngine([compile(processor)], options);
const inserted = getOneMessage();
await sendMessage("tailing");
await inserted;
await engine.caughtUp();
const [stats] = engine.stats();
if (stats?.state !== "STARTED") throw new Error(`the processor is ${stats?.state}: ${stats?.error?.message}`);
// Twice, as what a finalizer lets go of is collected the next time.
globalThis.gc?.();
globalThis.gc?.();
await sendMessage({ heapUsed: process.memoryUsage().heapUsed, input: stats.input });
await engine.stop();
await client.close();
