import type { Collection, Document } from "mongodb";
import type { Session } from "../core/sessions.ts";
import { insertRows, isOpenRow, partitionKey, readRows, toOpenRow, type Partition } from "./session-rows.ts";

/** The open sessions of a partition, in the order of time. */
export interface OpenPartition {
  readonly k: Partition;
  /** May be changed in place. */
  readonly sessions: Session[];
}

/**
 * The open sessions of a processor. Those of the partitions that came last are at hand, as much as fits into some memory, and only
 * there; the others are in a collection. Nothing of it has to outlive the process: which sessions are open follows from the documents.
 */
export interface OpenSessions {
  /** Has those of some partitions at hand, at least until the next {@link settle}. */
  load(partitions: ReadonlyMap<string, Partition>): Promise<ReadonlyMap<string, OpenPartition>>;
  /** Adds a partition that has none so far. */
  add(partition: OpenPartition): void;
  /** Takes those away whose last document is not after `lastMs`; after {@link settle}. */
  takeOver(lastMs: number, take: (k: Partition, session: Session) => Promise<void>): Promise<void>;
  /** Puts what is too much to be at hand into the collection. */
  settle(): Promise<void>;
  /** There are none any more. */
  clear(): Promise<void>;
}

/** What is kept of a partition and of a session weighs about so much, beside the text of the partition. */
const partitionBytes = 250;
const sessionBytes = 60;

/** @param bytesAtHand so much memory is used; a partition that a chunk of documents is about is at hand as a whole */
export function createOpenSessions(collection: Collection<Document>, bytesAtHand: number): OpenSessions {
  /** In the order of their use. */
  const atHand = new Map<string, OpenPartition>();
  /** No session at hand has its last document before this, once settled. */
  let atHandFromMs = Infinity;
  /** The same of those in the collection; where it is endless, there are none. */
  let storedFromMs = Infinity;

  const read = async (missing: ReadonlyMap<string, Partition>): Promise<void> => {
    if (missing.size === 0 || storedFromMs === Infinity) return;
    const filter = { "_id.k": { $in: [...missing.values()] }, ...isOpenRow };
    let found = 0;
    for await (const { k, startMs, lastMs } of readRows(collection, filter)) {
      atHand.get(partitionKey(k))?.sessions.push({ startMs, lastMs });
      found += 1;
    }
    if (found === 0) return;
    for (const key of missing.keys()) atHand.get(key)?.sessions.sort((a, b) => a.startMs - b.startMs);
    await collection.deleteMany(filter);
  };

  const weightOf = (key: string, { sessions }: OpenPartition): number =>
    partitionBytes + 2 * key.length + sessionBytes * sessions.length;

  const putAway = async (bytes: number): Promise<void> => {
    const writer = insertRows(collection);
    let left = bytes;
    for (const [key, partition] of atHand) {
      if (left <= 0) break;
      left -= weightOf(key, partition);
      atHand.delete(key);
      for (const session of partition.sessions) {
        storedFromMs = Math.min(storedFromMs, session.lastMs);
        await writer.add(toOpenRow(partition.k, session));
      }
    }
    await writer.flush();
  };

  const takeAtHand: OpenSessions["takeOver"] = async (lastMs, take) => {
    if (atHandFromMs > lastMs) return;
    for (const [key, { k, sessions }] of atHand) {
      let over = 0;
      while (over < sessions.length && (sessions[over]?.lastMs ?? 0) <= lastMs) over += 1;
      for (const session of sessions.splice(0, over)) await take(k, session);
      if (sessions.length === 0) atHand.delete(key);
    }
  };

  const takeStored: OpenSessions["takeOver"] = async (lastMs, take) => {
    if (storedFromMs > lastMs) return;
    const filter = { e: { $lte: new Date(lastMs) }, ...isOpenRow };
    for await (const { k, ...session } of readRows(collection, filter)) await take(k, session);
    await collection.deleteMany(filter);
    const next = await collection.findOne(isOpenRow, { sort: { e: 1 }, projection: { e: 1 } });
    storedFromMs = next === null ? Infinity : (next["e"] as Date).getTime();
  };

  return {
    load: async (partitions) => {
      const missing = new Map<string, Partition>();
      for (const [key, k] of partitions) {
        const known = atHand.get(key);
        if (known === undefined) missing.set(key, k);
        else atHand.delete(key);
        atHand.set(key, known ?? { k, sessions: [] });
      }
      await read(missing);
      return atHand;
    },
    add: (partition) => void atHand.set(partitionKey(partition.k), partition),
    takeOver: async (lastMs, take) => {
      await takeAtHand(lastMs, take);
      await takeStored(lastMs, take);
    },
    settle: async () => {
      let bytes = 0;
      atHandFromMs = Infinity;
      for (const [key, partition] of atHand) {
        bytes += weightOf(key, partition);
        atHandFromMs = Math.min(atHandFromMs, partition.sessions[0]?.lastMs ?? Infinity);
      }
      // More than has to go, so that not every chunk writes.
      if (bytes > bytesAtHand) await putAway(bytes - bytesAtHand * 0.75);
    },
    clear: async () => {
      atHand.clear();
      storedFromMs = Infinity;
      await collection.deleteMany(isOpenRow);
    },
  };
}
