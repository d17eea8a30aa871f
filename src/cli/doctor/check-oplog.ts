import type { MongoClient } from "mongodb";
import type { Check } from "./check.ts";
import { renderDuration } from "../render/numbers.ts";

const hourMs = 3_600_000;
/** An oplog that is smaller than this part of its size has not yet thrown anything away. */
const fullShare = 0.9;

/** How far back a cluster can be followed. */
export interface OplogWindow {
  readonly ms: number;
  /** False: it still grows, so the window does, too. */
  readonly isFull: boolean;
  /** What is kept in any case, where the cluster promises it. */
  readonly leastMs: number;
}

/**
 * Whether the oplog of a cluster that is read by change stream holds out as long as a processor may stand still. Reading it needs rights on
 * `local`; without them it is a warning.
 */
export async function checkOplog(
  name: string,
  client: MongoClient,
  { downtimeHours }: { readonly downtimeHours: number },
): Promise<Check> {
  try {
    return explainWindow(name, await readOplogWindow(client), downtimeHours);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const help = "give the user of `uri` the role `clusterMonitor`, or look at the oplog window in Atlas";
    return { name, status: "warning", detail: `the oplog window cannot be read: ${reason}`, help };
  }
}

/** From figures to a line. */
export function explainWindow(name: string, { ms, isFull, leastMs }: OplogWindow, downtimeHours: number): Check {
  const holds = renderDuration(Math.max(ms, leastMs));
  const downtime = renderDuration(downtimeHours * hourMs);
  if (Math.max(ms, leastMs) >= downtimeHours * hourMs) {
    return { name, status: "ok", detail: `the oplog holds ${holds}, a processor may stand still for ${downtime}` };
  }
  if (!isFull) return { name, status: "ok", detail: `the oplog holds all since ${holds} ago, and is not full yet` };
  return {
    name,
    status: "warning",
    detail: `the oplog holds ${holds}: a processor that stands still for ${downtime} loses its position`,
    help: "raise the oplog's size or its minimum retention on the cluster, or say with --downtime how long a stop may last",
  };
}

async function readOplogWindow(client: MongoClient): Promise<OplogWindow> {
  const local = client.db("local");
  const oplog = local.collection<{ readonly ts: { readonly t: number } }>("oplog.rs");
  const end = (direction: 1 | -1) =>
    oplog.findOne({}, { sort: { $natural: direction }, projection: { ts: 1 }, maxTimeMS: 5000 });
  const [first, last, [stats]] = await Promise.all([
    end(1),
    end(-1),
    oplog.aggregate<Sizes>([{ $collStats: { storageStats: {} } }, { $project: sizes }]).toArray(),
  ]);
  if (first === null || last === null) throw new Error("it is empty");
  const { size = 0, maxSize = 0 } = stats ?? {};
  return {
    ms: (last.ts.t - first.ts.t) * 1000,
    isFull: maxSize === 0 || size >= maxSize * fullShare,
    leastMs: (await readRetentionHours(client)) * hourMs,
  };
}

interface Sizes {
  readonly size?: number;
  readonly maxSize?: number;
}

const sizes = { size: "$storageStats.size", maxSize: "$storageStats.maxSize" };

/** 0 where the cluster promises nothing, or does not say. */
async function readRetentionHours(client: MongoClient): Promise<number> {
  const status = await client
    .db("admin")
    .command({ serverStatus: 1, oplogTruncation: 1 })
    .catch(() => undefined);
  const truncation = status?.["oplogTruncation"] as { readonly oplogMinRetentionHours?: number } | undefined;
  return truncation?.oplogMinRetentionHours ?? 0;
}
