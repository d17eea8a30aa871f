import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import type { Db, MongoClient } from "mongodb";
import { writeProject } from "./project.ts";
import { createRandom } from "./random.ts";

export interface Kills {
  readonly kills: number;
  /** After the sink had written what the checkpoint does not know of. */
  readonly betweenWriteAndCheckpoint: number;
  readonly beforeReady: number;
  readonly events: number;
  /** How the last run ended after SIGTERM. */
  readonly lastExitCode: number | null;
}

export interface KillOptions {
  readonly client: MongoClient;
  readonly uri: string;
  readonly db: string;
  readonly kills: number;
  readonly seed: number;
  /** The longest a run lives after READY. */
  readonly longestMs: number;
}

const cli = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const writer = fileURLToPath(new URL("./write-events.ts", import.meta.url));

/**
 * Runs `asp run` and kills it with SIGKILL, again and again at moments drawn from the seed, while another process writes
 * events; then lets it catch up.
 */
export async function killRepeatedly(options: KillOptions): Promise<Kills> {
  const { client, uri, db, kills, seed, longestMs } = options;
  const random = createRandom(seed);
  const database = client.db(db);
  const dir = writeProject(uri, db);
  // The first start stores where it began; events from then on must not be lost, however it ends.
  await untilReady(run(dir)).then((first) => kill(first));
  const writing = spawn(process.execPath, ["--import", "tsx", writer, uri, db, String(seed)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const written = readAll(writing);
  let betweenWriteAndCheckpoint = 0;
  let beforeReady = 0;
  try {
    for (let count = 0; count < kills; count += 1) {
      const child = run(dir);
      if (random() < 0.15) {
        await sleep(random() * 900);
        beforeReady += 1;
      } else {
        await untilReady(child);
        await sleep(random() * longestMs);
      }
      await kill(child);
      if (await isSinkAhead(database)) betweenWriteAndCheckpoint += 1;
    }
    writing.stdin.end();
    const events = Number(await written);
    const last = await untilReady(run(dir));
    await untilApplied(database);
    last.kill("SIGTERM");
    const [lastExitCode] = (await once(last, "exit")) as [number | null];
    return { kills, betweenWriteAndCheckpoint, beforeReady, events, lastExitCode };
  } finally {
    writing.kill("SIGKILL");
    rmSync(dir, { recursive: true, force: true });
  }
}

function run(dir: string): ChildProcess {
  return spawn(process.execPath, [cli, "run"], { cwd: dir, stdio: ["ignore", "ignore", "pipe"] });
}

async function untilReady(child: ChildProcess): Promise<ChildProcess> {
  let text = "";
  for await (const part of child.stderr ?? []) {
    text += String(part);
    if (text.includes("READY")) {
      child.stderr?.resume();
      return child;
    }
  }
  throw new Error(`asp run ended before it was READY:\n${text}`);
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) throw new Error("asp run ended by itself");
  child.kill("SIGKILL");
  await once(child, "exit");
}

async function readAll(child: ChildProcess): Promise<string> {
  let text = "";
  for await (const part of child.stdout ?? []) text += String(part);
  return text;
}

/** The first event after the checkpoint of `orders` is in the read model already. */
async function isSinkAhead(database: Db): Promise<boolean> {
  const checkpoint = await database.collection("asp_checkpoints").findOne({ _id: "orders" as never });
  if (checkpoint === null) return false;
  const stream = database.collection("events").watch([{ $match: { operationType: "insert" } }], {
    startAfter: checkpoint["position"].token,
    maxAwaitTimeMS: 200,
  });
  try {
    const next = await stream.tryNext();
    if (next === null || next.operationType !== "insert") return false;
    const { streamId, version } = next.fullDocument;
    const order = await database.collection("orders").findOne({ _id: streamId });
    return order !== null && order["_asp"].v >= version;
  } finally {
    await stream.close();
  }
}

/** Every stream's last version and the last event of all have arrived. */
async function untilApplied(database: Db): Promise<void> {
  const latest = await database
    .collection("events")
    .aggregate<{ _id: string; version: number }>([{ $group: { _id: "$streamId", version: { $max: "$version" } } }])
    .toArray();
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    const orders = await database.collection("orders").find().toArray();
    const applied = new Map(orders.map((order) => [String(order["_id"]), order["_asp"].v as number]));
    if (latest.every(({ _id, version }) => applied.get(_id) === version)) return;
    await sleep(100);
  }
  throw new Error("the read model did not catch up within a minute");
}
