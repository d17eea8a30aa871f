import { Long, MaxKey, MinKey } from "bson";
import type { Document } from "bson";
import type { Collection, Db } from "mongodb";
import { exactTypes } from "../core/exact-bson.ts";
import { mergeKey } from "../core/merge-key.ts";
import type { SessionWindowPlan } from "../core/plan-window.ts";
import { isOver, joinSessions, type Session } from "../core/sessions.ts";
import type { Kept, KeptDocuments } from "./kept-documents.ts";
import { mostKeptBytes, type ClosedWindow, type Outcome, type WindowKeeper } from "./window-keeper.ts";

/** A partition as it stands in `_id`: whole, so that an array or a missing value is one too. */
interface Partition {
  readonly v: unknown;
}

/**
 * Session windows. Documents are kept by partition and time; which sessions they make is kept beside them, one document for each
 * session: `{_id: {k, s}, e}` with its first and last time; a closed one, until a checkpoint has no more use for it, `{_id: {k, s, c},
 * e, c, n}` with the round that closed it and the number of the last document that could be in it. Which sessions are open follows
 * from the documents, so a restart derives it again.
 */
export function createSessionKeeper(plan: SessionWindowPlan, kept: KeptDocuments, db: Db, name: string): WindowKeeper {
  const sessions: Collection<Document> = db.collection(name);
  let number = 0;
  let round = 0;
  let hasIndex = false;
  let closedAtMs: number | undefined;

  /** The open sessions of some partitions, by a text for each. */
  const openOf = async (partitions: ReadonlyMap<string, Partition>): Promise<Map<string, readonly Session[]>> => {
    const open = new Map<string, Session[]>([...partitions.keys()].map((key) => [key, []]));
    const filters = [...partitions.values()].map((k) => ({
      _id: { $gte: { k, s: new MinKey() }, $lte: { k, s: new MaxKey() } },
      c: { $exists: false },
    }));
    const found = sessions.find({ $or: filters } as never, exactTypes);
    for await (const { _id, e } of found) {
      const { k, s } = _id as unknown as { readonly k: Partition; readonly s: Date };
      open.get(keyOf(k))?.push({ startMs: s.getTime(), lastMs: (e as Date).getTime() });
    }
    return open;
  };

  const toClosed = (k: Partition, { startMs, lastMs }: Session, after: number): Document => {
    const c = Long.fromNumber(round);
    return { _id: { k, s: new Date(startMs), c }, e: new Date(lastMs), c, n: Long.fromNumber(after) };
  };

  const write = async (removed: readonly Document[], added: readonly Document[]): Promise<void> => {
    const operations = [
      ...removed.map((_id) => ({ deleteOne: { filter: { _id } } })),
      ...added.map((document) => ({
        replaceOne: { filter: { _id: document["_id"] as Document }, replacement: document, upsert: true },
      })),
    ];
    if (operations.length > 0) await sessions.bulkWrite(operations, { ordered: true });
  };

  const closeAll = async (filter: Document): Promise<void> => {
    let over: Document[] = [];
    let closed: Document[] = [];
    const flush = async (): Promise<void> => {
      await write(over, closed);
      over = [];
      closed = [];
    };
    for await (const { _id, e } of sessions.find(filter, exactTypes)) {
      const { k, s } = _id as unknown as { readonly k: Partition; readonly s: Date };
      over.push({ k, s });
      closed.push(toClosed(k, { startMs: s.getTime(), lastMs: (e as Date).getTime() }, number));
      if (over.length === 1000) await flush();
    }
    await flush();
  };

  /** All documents of a session: those of its time, but not of another one that was closed before and is still there. */
  const filterOf = async (k: Partition, { startMs, lastMs }: Session, before: number): Promise<Document> => {
    const range = {
      $gte: { k, t: new Date(startMs), n: new MinKey() },
      $lte: { k, t: new Date(lastMs), n: new MaxKey() },
    };
    const others = sessions.find(
      {
        _id: { $gte: { k, s: new MinKey() }, $lte: { k, s: new Date(lastMs) } },
        c: { $exists: true },
        e: { $gte: new Date(startMs) },
        n: { $lt: Long.fromNumber(before) },
      } as never,
      exactTypes,
    );
    const excluded: Document[] = [];
    for await (const { _id, e, n } of others) {
      excluded.push({
        t: { $gte: (_id as unknown as { readonly s: Date }).s, $lte: e as Date },
        "_id.n": { $lte: n as Long },
      });
    }
    return { _id: range, ...(excluded.length === 0 ? {} : { $nor: excluded }) };
  };

  return {
    admit: async (arrivals) => {
      const partitions = new Map<string, Partition>();
      const keys = arrivals.map(({ partition }) => {
        const k = { v: partition ?? null };
        const key = keyOf(k);
        if (!partitions.has(key)) partitions.set(key, k);
        return key;
      });
      if (arrivals.length === 0) return [];
      const open = await openOf(partitions);
      const before = new Map(open);
      const closed: Document[] = [];
      const entries: Kept[] = [];
      const outcomes = arrivals.map(({ document, timeMs, watermarkMs, stream }, at): Outcome => {
        const key = keys[at] ?? "";
        const k = partitions.get(key) ?? { v: null };
        const list = open.get(key) ?? [];
        for (const session of list.filter((each) => isOver(plan, each, watermarkMs)))
          closed.push(toClosed(k, session, number));
        const left = list.filter((each) => !isOver(plan, each, watermarkMs));
        const admission = joinSessions(plan, left, timeMs, watermarkMs);
        open.set(key, left);
        if (admission.kind === "late") return "late";
        if (document.length > mostKeptBytes) return "too large";
        open.set(key, [...left.filter((each) => !admission.joins.includes(each)), admission.session]);
        number += 1;
        entries.push({ at: { k, t: new Date(timeMs) }, number, timeMs, document, stream });
        return "admitted";
      });
      await kept.append(entries);
      const removed: Document[] = [];
      const added: Document[] = [];
      for (const [key, k] of partitions) {
        const now = open.get(key) ?? [];
        const was = before.get(key) ?? [];
        const starts = new Set(now.map(({ startMs }) => startMs));
        for (const { startMs } of was) if (!starts.has(startMs)) removed.push({ k, s: new Date(startMs) });
        for (const session of now) if (!was.includes(session)) added.push(toOpen(k, session));
      }
      await write(removed, [...closed, ...added]);
      return outcomes;
    },
    async *close(watermarkMs) {
      // Where time has not moved on, nothing is over that was not before.
      if (watermarkMs !== undefined && watermarkMs !== closedAtMs) {
        closedAtMs = watermarkMs;
        const lastMs = watermarkMs - plan.gapMs - plan.allowedLatenessMs;
        await closeAll({ e: { $lte: new Date(lastMs) }, c: { $exists: false } });
        const cursor = sessions.find({ c: Long.fromNumber(round) }, { ...exactTypes, sort: { e: 1, _id: 1 } });
        for await (const { _id, e, n } of cursor) {
          const { k, s } = _id as unknown as { readonly k: Partition; readonly s: Date };
          const session = { startMs: s.getTime(), lastMs: (e as Date).getTime() };
          const last = Number(n);
          const filter = await filterOf(k, session, last);
          const closed: ClosedWindow = {
            startMs: session.startMs,
            endMs: session.lastMs + plan.gapMs,
            partition: { value: k.v },
            filter: { ...filter, "_id.n": { $lte: Long.fromNumber(last) } },
          };
          yield closed;
        }
      }
      round += 1;
    },
    state: () => ({ n: number, c: round }),
    begin: async (state) => {
      number = Number(state?.["n"] ?? 0);
      round = Number(state?.["c"] ?? 0);
      closedAtMs = undefined;
      if (!hasIndex) await sessions.createIndexes([{ key: { e: 1 } }, { key: { c: 1, e: 1 } }]);
      hasIndex = true;
      await kept.rollBack(number);
      await purge(sessions, kept, round);
      await sessions.deleteMany({});
      await derive(plan, kept, (found) => write([], found));
    },
    stored: async (state) => purge(sessions, kept, Number(state["c"])),
  };
}

function toOpen(k: Partition, { startMs, lastMs }: Session): Document {
  return { _id: { k, s: new Date(startMs) }, e: new Date(lastMs) };
}

function keyOf({ v }: Partition): string {
  return mergeKey(v);
}

/** Takes away the sessions that were closed before a round, and their documents. */
async function purge(sessions: Collection<Document>, kept: KeptDocuments, round: number): Promise<void> {
  const filter = { c: { $lt: Long.fromNumber(round) as never } };
  let open: Document[] = [];
  const flush = async (): Promise<void> => {
    if (open.length > 0) await kept.collection.deleteMany({ $or: open });
    open = [];
  };
  for await (const { _id, e, n } of sessions.find(filter, exactTypes)) {
    const { k, s } = _id as unknown as { readonly k: Partition; readonly s: Date };
    open.push({
      _id: { $gte: { k, t: s, n: new MinKey() }, $lte: { k, t: e as Date, n: new MaxKey() } },
      "_id.n": { $lte: n as Long },
    });
    if (open.length === 500) await flush();
  }
  await flush();
  await sessions.deleteMany(filter);
}

/** The sessions that kept documents make, one after the other. */
async function derive(
  { gapMs }: SessionWindowPlan,
  kept: KeptDocuments,
  onSessions: (sessions: readonly Document[]) => Promise<void>,
): Promise<void> {
  let found: Document[] = [];
  const add = async (k: Partition, session: Session): Promise<void> => {
    found.push(toOpen(k, session));
    if (found.length < 1000) return;
    await onSessions(found);
    found = [];
  };
  let open: { readonly k: Partition; readonly key: string; startMs: number; lastMs: number } | undefined;
  const cursor = kept.collection.find({}, { ...exactTypes, sort: { _id: 1 }, projection: { _id: 1 } });
  for await (const { _id } of cursor) {
    const { k, t } = _id as unknown as { readonly k: Partition; readonly t: Date };
    const [key, timeMs] = [keyOf(k), t.getTime()];
    if (open !== undefined && open.key === key && timeMs < open.lastMs + gapMs) {
      open.lastMs = timeMs;
      continue;
    }
    if (open !== undefined) await add(open.k, open);
    open = { k, key, startMs: timeMs, lastMs: timeMs };
  }
  if (open !== undefined) await add(open.k, open);
  await onSessions(found);
}
