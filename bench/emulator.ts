import { setTimeout as sleep } from "node:timers/promises";
import { MongoClient, type Db } from "mongodb";
import { startEmulator } from "../src/emulator/start-emulator.ts";
import { median } from "./harness/interleave.ts";
import { toRow } from "./harness/benchmark.ts";
import type { Benchmark } from "./harness/benchmark.ts";

const processors = 100;
const collections = 10;
const clients = 50;
const eventsPerSecond = 100;
const warmUpMs = 3000;
const measuredMs = 15_000;
/** Between two looks of a client, as a page that shows a workspace has. */
const pauseMs = 1000;

/**
 * How long a workspace at work takes to answer: a hundred processors run, events flow, and fifty clients ask for the list and for the
 * statistics of one processor each second. Against the tenth of a second that a person takes for at once.
 */
export const emulator: Benchmark = {
  name: "emulator",
  run: async (tell) => {
    await using running = await startEmulator({ env: process.env });
    const cluster = await new MongoClient(running.clusterUri).connect();
    const open: MongoClient[] = [];
    try {
      const workspace = await new MongoClient(running.wire).connect();
      open.push(workspace);
      await createProcessors(workspace.db("admin"));
      const abort = new AbortController();
      const flowing = flow(cluster.db("shop"), abort.signal);
      const lists: number[] = [];
      const stats: number[] = [];
      const looking = Promise.all(
        Array.from({ length: clients }, async (_, index) => {
          const client = await new MongoClient(running.wire).connect();
          open.push(client);
          const admin = client.db("admin");
          await sleep((index * pauseMs) / clients);
          const from = performance.now() + warmUpMs;
          while (!abort.signal.aborted) {
            const list = await timeOf(() => admin.command({ listStreamProcessors: 1 }));
            const one = await timeOf(() => admin.command({ getStreamProcessorStats: `p${index}` }));
            if (performance.now() > from) {
              lists.push(list);
              stats.push(one);
            }
            await sleep(pauseMs, undefined, { signal: abort.signal }).catch(() => undefined);
          }
        }),
      );
      await sleep(warmUpMs + measuredMs);
      abort.abort();
      await Promise.all([looking, flowing]);
      const { streamProcessors } = await workspace.db("admin").command({ listStreamProcessors: 1 });
      const states = new Set(streamProcessors.map(({ state }: { readonly state: string }) => state));
      if ([...states].join() !== "STARTED") throw new Error(`processors are ${[...states].join()}`);
      const row = { against: "100 ms", target: 1, theirs: 100, unit: "ms" } as const;
      tell(
        `${lists.length} lists, ${stats.length} statistics, the slowest ${Math.max(...lists, ...stats).toFixed(0)} ms`,
      );
      return [
        toRow({ ...row, benchmark: "emulator list", ours: median(lists) }),
        toRow({ ...row, benchmark: "emulator stats", ours: median(stats) }),
      ];
    } finally {
      await Promise.all([cluster, ...open].map((client) => client.close()));
    }
  },
};

async function createProcessors(admin: Db): Promise<void> {
  for (let index = 0; index < processors; index += 1) {
    const source = { connectionName: "Cluster0", db: "shop", coll: `events${index % collections}` };
    const pipeline = [
      { $source: { ...source, config: { fullDocumentOnly: true } } },
      { $match: { amount: { $gte: index } } },
      { $set: { twice: { $multiply: ["$amount", 2] } } },
      { $merge: { into: { connectionName: "Cluster0", db: "shop", coll: `orders${index}` } } },
    ];
    await admin.command({ createStreamProcessor: `p${index}`, pipeline });
    await admin.command({ startStreamProcessor: `p${index}` });
  }
}

/** A tenth of a second's events at a time, in turn into each collection. */
async function flow(shop: Db, signal: AbortSignal): Promise<void> {
  for (let round = 0; !signal.aborted; round += 1) {
    const events = Array.from({ length: eventsPerSecond / 10 }, (_, index) => ({ amount: (round * 7 + index) % 200 }));
    await shop.collection(`events${round % collections}`).insertMany(events);
    await sleep(100, undefined, { signal }).catch(() => undefined);
  }
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
