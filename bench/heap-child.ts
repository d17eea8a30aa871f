/** The process whose heap bench/million.ts measures: the engine and nothing else. */
import { getOneMessage, sendMessage } from "execa";
import { MongoClient } from "mongodb";
import ordersProjection from "../pipelines/orders.ts";
import { startEngine } from "../src/engine/start-engine.ts";
import { compile } from "./harness/compile.ts";

const client = await new MongoClient(process.argv[2] ?? "").connect();
const cluster = { name: "bench", client };
const options = { cluster: () => cluster, checkpoints: { cluster, db: "asp" } };
const engine = await startEngine([compile(ordersProjection)], options);
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
