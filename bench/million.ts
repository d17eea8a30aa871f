import { dirname, join } from "node:path";
import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { MongoClient } from "mongodb";
import { startMongod } from "../src/mongod/start-mongod.ts";
import { orderEvents } from "../test/replays/burst/order-events.ts";
import { toRow } from "./harness/benchmark.ts";
import type { Benchmark } from "./harness/benchmark.ts";

/**
 * The heap of a process of its own that has 96 MB of it, after it has handled so many events and collected what it could. It tails
 * while the events are inserted, and may lag behind: how much it holds then is what this is about.
 */
export const million: Benchmark = {
  name: "million",
  run: async (tell) => {
    const theirs = await measureHeap("orders", 50_000, tell);
    const ours = await measureHeap("orders", 1_000_000, tell);
    return [toRow({ benchmark: "million", against: "fifty-thousand", target: 0.83, ours, theirs, unit: "MB" })];
  },
};

/** The same where every event waits in a window: what is open lies in mongod. */
export const openDocuments: Benchmark = {
  name: "open-documents",
  run: async (tell) => {
    const theirs = await measureHeap("open-window", 10_000, tell);
    const ours = await measureHeap("open-window", 1_000_000, tell);
    return [toRow({ benchmark: "open-documents", against: "ten-thousand", target: 0.83, ours, theirs, unit: "MB" })];
  },
};

async function measureHeap(processor: string, count: number, tell: (line: string) => void): Promise<number> {
  await using mongod = await startMongod({ env: process.env });
  const client = await new MongoClient(mongod.uri).connect();
  try {
    const events = client.db("shop").collection("events");
    await client.db("shop").createCollection("events");
    const startedAt = performance.now();
    const child = execa(execPath, ["--max-old-space-size=96", "--expose-gc", childPath(), mongod.uri, processor], {
      ipc: true,
    });
    await child.getOneMessage();
    let batch: object[] = [];
    for (const event of orderEvents({ events: count, orders: 5_000, arrival: "hot-keys", seed: 1 })) {
      batch.push(event);
      if (batch.length < 5_000) continue;
      await events.insertMany(batch);
      batch = [];
    }
    await child.sendMessage("inserted");
    const { heapUsed, input } = (await child.getOneMessage()) as { readonly heapUsed: number; readonly input: number };
    await child;
    if (input !== count) throw new Error(`wrong result: ${input} of ${count} events have come`);
    const seconds = (performance.now() - startedAt) / 1000;
    const heap = heapUsed / 2 ** 20;
    tell(`${count} events in ${seconds.toFixed(0)} s, heap ${heap.toFixed(1)} MB`);
    return heap;
  } finally {
    await client.close();
  }
}

function childPath(): string {
  return join(dirname(fileURLToPath(import.meta.url)), "heap-child.mjs");
}
