import { once } from "node:events";
import { readFile } from "node:fs/promises";
import type { ClientRequest, IncomingMessage } from "node:http";
import { Agent, request } from "node:https";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { MongoClient, type Db } from "mongodb";
import type { RunningEmulator } from "../src/emulator/emulator-types.ts";
import { startEmulator } from "../src/emulator/start-emulator.ts";
import { median } from "./harness/interleave.ts";
import { toRow } from "./harness/benchmark.ts";
import type { Benchmark, Row } from "./harness/benchmark.ts";

const processors = 100;
const collections = 10;
const clients = 50;
const eventsPerSecond = 100;
const warmUpMs = 3000;
const measuredMs = 15_000;
/** Between two looks of a client, as a page that shows a workspace has. */
const pauseMs = 1000;

/** Somebody who looks at the workspace again and again, over a connection of his own. */
interface Watcher extends AsyncDisposable {
  list(): Promise<unknown>;
  stats(processor: string): Promise<unknown>;
}

type Door = (running: RunningEmulator) => Promise<Watcher>;

/**
 * How long a workspace at work takes to answer: a hundred processors run, events flow, and fifty clients ask for the list and for the
 * statistics of one processor each second, first all by the wire, then all by the Admin API, whose list has all statistics in it. Against the
 * tenth of a second that a person takes for at once.
 */
export const emulator: Benchmark = {
  name: "emulator",
  run: async (tell) => {
    await using running = await startEmulator({ env: process.env });
    await using cluster = await new MongoClient(running.clusterUri).connect();
    await using workspace = await new MongoClient(running.wire).connect();
    await createProcessors(workspace.db("admin"));
    const abort = new AbortController();
    const flowing = flow(cluster.db("shop"), abort.signal);
    try {
      const rows = [
        ...(await look(running, openWire, ["emulator list", "emulator stats"], tell)),
        ...(await look(running, openAdmin, ["emulator list, API", "emulator stats, API"], tell)),
      ];
      const { streamProcessors } = await workspace.db("admin").command({ listStreamProcessors: 1 });
      const states = new Set(streamProcessors.map(({ state }: { readonly state: string }) => state));
      if ([...states].join() !== "STARTED") throw new Error(`processors are ${[...states].join()}`);
      return rows;
    } finally {
      abort.abort();
      await flowing;
    }
  },
};

async function look(
  running: RunningEmulator,
  door: Door,
  [listName, statsName]: readonly [string, string],
  tell: (line: string) => void,
): Promise<readonly Row[]> {
  const over = new AbortController();
  const lists: number[] = [];
  const stats: number[] = [];
  const looking = Promise.all(
    Array.from({ length: clients }, async (_, index) => {
      await using watcher = await door(running);
      await sleep((index * pauseMs) / clients);
      const from = performance.now() + warmUpMs;
      while (!over.signal.aborted) {
        const list = await timeOf(() => watcher.list());
        const one = await timeOf(() => watcher.stats(`p${index}`));
        if (performance.now() > from) {
          lists.push(list);
          stats.push(one);
        }
        await sleep(pauseMs, undefined, { signal: over.signal }).catch(() => undefined);
      }
    }),
  );
  await Promise.race([sleep(warmUpMs + measuredMs), looking]);
  over.abort();
  await looking;
  const slowest = Math.max(...lists, ...stats).toFixed(0);
  tell(`${listName}: ${lists.length} lists, ${stats.length} statistics, the slowest ${slowest} ms`);
  const row = { against: "100 ms", target: 1, theirs: 100, unit: "ms" } as const;
  return [
    toRow({ ...row, benchmark: listName, ours: median(lists) }),
    toRow({ ...row, benchmark: statsName, ours: median(stats) }),
  ];
}

const openWire: Door = async ({ wire }) => {
  const client = await new MongoClient(wire).connect();
  const admin = client.db("admin");
  return {
    list: () => admin.command({ listStreamProcessors: 1 }),
    stats: (processor) => admin.command({ getStreamProcessorStats: processor }),
    [Symbol.asyncDispose]: () => client.close(),
  };
};

const openAdmin: Door = async ({ adminApi, caFile = "", clientId, clientSecret, projectId, workspace }) => {
  const ca = await readFile(caFile);
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca });
  const authorization = `Bearer ${await askToken(agent, adminApi, `${clientId}:${clientSecret}`)}`;
  const headers = { authorization, accept: "application/vnd.atlas.2025-03-12+json" };
  const path = `${adminApi}/api/atlas/v2/groups/${projectId}/streams/${workspace}`;
  return {
    list: () => read(request(`${path}/processors`, { agent, headers })),
    stats: (processor) => read(request(`${path}/processor/${processor}`, { agent, headers })),
    [Symbol.asyncDispose]: async () => agent.destroy(),
  };
};

async function askToken(agent: Agent, adminApi: string, login: string): Promise<string> {
  const asking = request(`${adminApi}/api/oauth/token`, {
    method: "POST",
    agent,
    headers: {
      authorization: `Basic ${Buffer.from(login).toString("base64")}`,
      "content-type": "application/x-www-form-urlencoded",
    },
  });
  asking.write("grant_type=client_credentials");
  const { access_token: token } = JSON.parse(await read(asking)) as { readonly access_token: string };
  return token;
}

async function read(asking: ClientRequest): Promise<string> {
  asking.end();
  const [reply] = (await once(asking, "response")) as [IncomingMessage];
  const body = await text(reply);
  if (reply.statusCode !== 200) throw new Error(`the Admin API answered ${reply.statusCode}: ${body.slice(0, 200)}`);
  return body;
}

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
