import { decodeExact, fieldOf } from "../core/exact-bson.ts";
import type { SessionWindowPlan } from "../core/plan-window.ts";
import type { Session } from "../core/sessions.ts";
import type { KeptDocuments } from "./kept-documents.ts";
import type { OpenPartition, OpenSessions } from "./open-sessions.ts";
import { partitionKey, toPartition, type Partition, type SessionRow } from "./session-rows.ts";

/** So many partitions are at hand before those that are too much are put away. */
const partitionsAtOnce = 1000;

/**
 * Opens the sessions that kept documents make.
 *
 * @param closed sessions whose documents are still there, by their partitions
 */
export async function deriveSessions(
  { gapMs }: SessionWindowPlan,
  kept: KeptDocuments,
  closed: ReadonlyMap<string, readonly SessionRow[]>,
  open: OpenSessions,
): Promise<void> {
  let reached: { readonly key: string; readonly partition: OpenPartition } | undefined;
  let added = 0;
  for await (const { k, timeMs, number } of readKeys(kept)) {
    const key = partitionKey(k);
    const others = closed.get(key) ?? [];
    if (others.some((one) => one.startMs <= timeMs && timeMs <= one.lastMs && number <= one.after)) continue;
    if (reached?.key !== key) {
      if (added % partitionsAtOnce === 0) await open.settle();
      const partition = { k, sessions: new Array<Session>() };
      reached = { key, partition };
      open.add(partition);
      added += 1;
    }
    const { sessions } = reached.partition;
    const last = sessions.at(-1);
    if (last !== undefined && timeMs < last.lastMs + gapMs) sessions.splice(-1, 1, { ...last, lastMs: timeMs });
    else sessions.push({ startMs: timeMs, lastMs: timeMs });
  }
  await open.settle();
}

interface Key {
  readonly k: Partition;
  readonly timeMs: number;
  readonly number: number;
}

/** What the documents are kept by, in order: those of a partition by their times. */
async function* readKeys(kept: KeptDocuments): AsyncGenerator<Key> {
  const cursor = kept.collection.find({}, { raw: true, sort: { _id: 1 }, projection: { _id: 1 } });
  for await (const bson of cursor as unknown as AsyncIterable<Uint8Array>) {
    const id = fieldOf(decodeExact(bson), "_id");
    yield {
      k: toPartition(fieldOf(id, "k")),
      timeMs: (fieldOf(id, "t") as Date).getTime(),
      number: Number(fieldOf(id, "n")),
    };
  }
}
