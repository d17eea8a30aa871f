import { Long, MaxKey, MinKey, calculateObjectSize } from "bson";
import type { Document } from "bson";
import type { Collection } from "mongodb";
import { decodeExact, fieldOf } from "../core/exact-bson.ts";
import { mergeKey } from "../core/merge-key.ts";
import type { Session } from "../core/sessions.ts";
import { runWrite } from "../sinks/run-write.ts";

/** A partition as it stands in `_id`: whole, so that an array or a missing value is one too. */
export interface Partition {
  readonly v: unknown;
}

/** A session as it is kept: an open one `{_id: {k, s}, e}`, a closed one `{_id: {k, s, c, n}, e, c, n}`. */
export interface SessionRow extends Session {
  readonly k: Partition;
  /** Of a closed one: how many documents had been kept by then. Those with a higher number are of others. */
  readonly after: number;
}

/** A text for each partition. */
export function partitionKey({ v }: Partition): string {
  return mergeKey(v);
}

export function toOpenRow(k: Partition, { startMs, lastMs }: Session): Document {
  return { _id: { k, s: new Date(startMs) }, e: new Date(lastMs) };
}

/** @param round that closes it */
export function toClosedRow(k: Partition, { startMs, lastMs }: Session, round: number, after: number): Document {
  const [c, n] = [Long.fromNumber(round), Long.fromNumber(after)];
  return { _id: { k, s: new Date(startMs), c, n }, e: new Date(lastMs), c, n };
}

export const isOpenRow: Document = { c: { $exists: false } };

/** Reads sessions; partitions come with the types and the order of fields that they have. */
export async function* readRows(
  sessions: Collection<Document>,
  filter: Document,
  sort?: Document,
): AsyncGenerator<SessionRow> {
  const cursor = sessions.find(filter, { raw: true, ...(sort && { sort: sort as Record<string, 1> }) });
  for await (const bson of cursor as unknown as AsyncIterable<Uint8Array>) {
    const row = decodeExact(bson);
    const id = fieldOf(row, "_id");
    yield {
      k: toPartition(fieldOf(id, "k")),
      startMs: (fieldOf(id, "s") as Date).getTime(),
      lastMs: (fieldOf(row, "e") as Date).getTime(),
      after: Number(fieldOf(row, "n") ?? 0),
    };
  }
}

export function toPartition(k: unknown): Partition {
  return { v: fieldOf(k, "v") };
}

/** All documents of a partition from one time to another. */
export function rangeOf(k: Partition, { startMs, lastMs }: Session): Document {
  return {
    $gte: { k, t: new Date(startMs), n: new MinKey() },
    $lte: { k, t: new Date(lastMs), n: new MaxKey() },
  };
}

export async function byPartition(
  rows: AsyncIterable<SessionRow>,
): Promise<ReadonlyMap<string, readonly SessionRow[]>> {
  const found = new Map<string, SessionRow[]>();
  for await (const row of rows) {
    const key = partitionKey(row.k);
    const list = found.get(key);
    if (list === undefined) found.set(key, [row]);
    else list.push(row);
  }
  return found;
}

/** Takes rows until there are enough for a command. */
export interface RowWriter {
  add(row: Document): Promise<void>;
  flush(): Promise<void>;
}

const rowsAtOnce = 1000;
const bytesAtOnce = 8 * 1024 * 1024;

export function createRowWriter(write: (rows: readonly Document[]) => Promise<void>): RowWriter {
  let rows: Document[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    const full = rows;
    rows = [];
    bytes = 0;
    if (full.length > 0) await write(full);
  };
  return {
    add: async (row) => {
      const own = calculateObjectSize(row);
      if (rows.length >= rowsAtOnce || bytes + own > bytesAtOnce) await flush();
      rows.push(row);
      bytes += own;
    },
    flush,
  };
}

export function insertRows(sessions: Collection<Document>): RowWriter {
  return createRowWriter(async (documents) => {
    const { errors } = await runWrite(sessions.db, { insert: sessions.collectionName, documents, ordered: false });
    const [error] = errors;
    if (error !== undefined) throw new Error(`a session cannot be kept: ${String(error["errmsg"])}`);
  });
}
