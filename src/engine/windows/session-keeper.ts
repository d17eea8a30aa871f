import { Long } from "bson";
import type { Document } from "bson";
import type { Collection, Db } from "mongodb";
import type { SessionWindowPlan } from "../core/plan-window.ts";
import { isOver, joinSessions, sessionsNear, type Session } from "../core/sessions.ts";
import type { Kept, KeptDocuments } from "./kept-documents.ts";
import { deriveSessions } from "./derive-sessions.ts";
import { createOpenSessions } from "./open-sessions.ts";
import { purgeSessions } from "./purge-sessions.ts";
import {
  byPartition,
  insertRows,
  partitionKey,
  rangeOf,
  readRows,
  toClosedRow,
  type Partition,
  type RowWriter,
  type SessionRow,
} from "./session-rows.ts";
import { mostKeptBytes, type ClosedWindow, type Outcome, type WindowKeeper } from "./window-keeper.ts";

/** Memory for what is open; what is more waits in a collection. */
const openBytesAtHand = 4 * 1024 * 1024;
/** So many closed sessions are looked up together. */
const closedAtOnce = 500;

/**
 * Session windows. Documents are kept by partition and time, and which sessions are open follows from them, so a restart derives it
 * again ({@link createOpenSessions}). A session that is closed is kept, with the round that closed it, until a checkpoint has no more use for
 * its documents.
 */
export function createSessionKeeper(
  plan: SessionWindowPlan,
  kept: KeptDocuments,
  db: Db,
  name: string,
  bytesAtHand = openBytesAtHand,
): WindowKeeper {
  const sessions: Collection<Document> = db.collection(name);
  const open = createOpenSessions(sessions, bytesAtHand);
  let number = 0;
  let round = 0;
  let closedInRound = 0;
  let hasIndex = false;
  let closedAtMs: number | undefined;

  const closing = (): { readonly close: (k: Partition, session: Session) => Promise<void> } & RowWriter => {
    const writer = insertRows(sessions);
    return {
      ...writer,
      close: async (k, session) => {
        closedInRound += 1;
        await writer.add(toClosedRow(k, session, round, number));
      },
    };
  };

  /** What the documents of a session are found by: its time, but for those of another one that was closed before and is still there. */
  const toWindow = ({ k, startMs, lastMs, after }: SessionRow, closed: readonly SessionRow[]): ClosedWindow => {
    const others = closed.filter((one) => one.after < after && one.startMs <= lastMs && one.lastMs >= startMs);
    const excluded = others.map((one) => ({
      t: { $gte: new Date(one.startMs), $lte: new Date(one.lastMs) },
      "_id.n": { $lte: Long.fromNumber(one.after) },
    }));
    return {
      startMs,
      endMs: lastMs + plan.gapMs,
      partition: { value: k.v },
      filter: {
        _id: rangeOf(k, { startMs, lastMs }),
        "_id.n": { $lte: Long.fromNumber(after) },
        ...(excluded.length === 0 ? {} : { $nor: excluded }),
      },
    };
  };

  /** The sessions of this round, earliest end first. */
  async function* closedNow(): AsyncGenerator<ClosedWindow> {
    let rows: SessionRow[] = [];
    const withOthers = async (): Promise<readonly ClosedWindow[]> => {
      const closed = await byPartition(
        readRows(sessions, { "_id.k": { $in: rows.map(({ k }) => k) }, c: { $exists: true } }),
      );
      const windows = rows.map((row) => toWindow(row, closed.get(partitionKey(row.k)) ?? []));
      rows = [];
      return windows;
    };
    for await (const row of readRows(sessions, { c: Long.fromNumber(round) }, { e: 1, _id: 1 })) {
      rows.push(row);
      if (rows.length === closedAtOnce) yield* await withOthers();
    }
    if (rows.length > 0) yield* await withOthers();
  }

  return {
    admit: async (arrivals) => {
      if (arrivals.length === 0) return [];
      const partitions = new Map<string, Partition>();
      const keys = arrivals.map(({ partition }) => {
        const k = { v: partition ?? null };
        const key = partitionKey(k);
        if (!partitions.has(key)) partitions.set(key, k);
        return key;
      });
      const atHand = await open.load(partitions);
      const over: Document[] = [];
      const entries: Kept[] = [];
      const outcomes = arrivals.map(({ document, timeMs, watermarkMs, stream }, at): Outcome => {
        const { k, sessions: list } = atHand.get(keys[at] ?? "") ?? { k: { v: null }, sessions: [] };
        while (list[0] !== undefined && isOver(plan, list[0], watermarkMs)) {
          over.push(toClosedRow(k, list[0], round, number));
          list.shift();
        }
        const { from, to } = sessionsNear(plan, list, timeMs);
        const admission = joinSessions(plan, list.slice(from, to), timeMs, watermarkMs);
        if (admission.kind === "late") return "late";
        if (isTooLarge(document, keys[at] ?? "")) return "too large";
        list.splice(from, to - from, admission.session);
        number += 1;
        entries.push({ at: { k, t: new Date(timeMs) }, number, timeMs, document, stream });
        return "admitted";
      });
      await kept.append(entries);
      const writer = insertRows(sessions);
      for (const row of over) await writer.add(row);
      await writer.flush();
      closedInRound += over.length;
      await open.settle();
      return outcomes;
    },
    async *close(watermarkMs) {
      // Where time has not moved on, nothing is over that was not before.
      if (watermarkMs !== undefined && watermarkMs !== closedAtMs) {
        closedAtMs = watermarkMs;
        const writer = closing();
        await open.takeOver(watermarkMs - plan.gapMs - plan.allowedLatenessMs, writer.close);
        await writer.flush();
        if (closedInRound > 0) yield* closedNow();
      }
      round += 1;
      closedInRound = 0;
    },
    state: () => ({ n: number, c: round }),
    begin: async (state) => {
      number = Number(state?.["n"] ?? 0);
      round = Number(state?.["c"] ?? 0);
      closedInRound = 0;
      closedAtMs = undefined;
      if (!hasIndex)
        await sessions.createIndexes([{ key: { e: 1 } }, { key: { c: 1, e: 1, _id: 1 } }, { key: { "_id.k": 1 } }]);
      hasIndex = true;
      await kept.rollBack(number);
      await sessions.deleteMany({ c: { $gte: Long.fromNumber(round) } });
      await open.clear();
      await deriveSessions(plan, kept, await byPartition(readRows(sessions, {})), open);
    },
    stored: async (state) => purgeSessions(sessions, kept, Number(state["c"])),
  };
}

/** Only a partition can make what is kept, or what finds it, much larger than the document. */
function isTooLarge(document: Uint8Array, key: string): boolean {
  const keyBytes = key.length <= smallKey ? 0 : Buffer.byteLength(key);
  return Math.max(document.length + keyBytes, 2 * keyBytes) > mostKeptBytes;
}

const smallKey = 1000;
