import { calculateObjectSize } from "bson";
import type { ClientSession, Document, MongoClient } from "mongodb";
import { MongoBulkWriteError, MongoNetworkError, MongoServerError, MongoServerSelectionError } from "mongodb";
import { notInserted } from "../case/findings.ts";
import { FixtureError } from "../case/fixture-error.ts";
import type { CollectionName, GivenDocument } from "../case/given.ts";
import { isTopic, toNamespace } from "../case/given.ts";
import type { Write } from "../case/parse-steps.ts";
import type { Operation } from "./operations.ts";

/** What a feed needs of the run around it. */
export interface FeedTarget {
  readonly client: MongoClient;
  /** The name that the environment gives a database. */
  readonly toHere: (name: CollectionName) => CollectionName;
  /** Appends messages to a topic. */
  readonly produce: (topic: string, given: readonly GivenDocument[], file: string) => Promise<void>;
  readonly caughtUp: () => Promise<void>;
  readonly restart: () => Promise<void>;
  /** Lets time pass, after everything written so far has gone through. */
  readonly advance: (ms: number) => Promise<void>;
  /** Called before the operation of this number (from 0), with all earlier ones written. */
  readonly pauseBefore?: { readonly at: ReadonlySet<number>; readonly pause: () => Promise<void> };
  /** Documents per second; default as fast as mongod takes them. */
  readonly rate?: number;
  readonly onFed?: (count: number) => void;
  readonly signal?: AbortSignal;
}

const maxBatch = 1000;
const maxBatchBytes = 4 * 1024 * 1024;
/** The oplog of an embedded mongod is not endless: the processors may fall so many documents behind. */
const maxAhead = 250_000;

/**
 * Carries out operations in their order, inserts in batches, and returns how many there were. While one batch is on its way
 * to mongod the next is read; no more than these two are held.
 */
export async function feed(operations: AsyncIterable<Operation>, target: FeedTarget): Promise<number> {
  let count = 0;
  let batch: { collection: CollectionName; file: string; given: GivenDocument[]; bytes: number } | undefined;
  let onItsWay: Promise<void> = Promise.resolve();
  let settledAt = 0;
  const startedAt = performance.now();
  const limit = target.rate === undefined ? maxBatch : Math.max(1, Math.min(maxBatch, Math.floor(target.rate / 20)));
  const send = async (): Promise<void> => {
    await onItsWay;
    const full = batch;
    batch = undefined;
    if (full === undefined) return;
    if (target.rate !== undefined)
      await waitUntil(startedAt + ((count - full.given.length) / target.rate) * 1000, target.signal);
    if (count - settledAt > maxAhead) {
      await target.caughtUp();
      settledAt = count;
    }
    onItsWay = insert(full, target);
    // It is awaited before the next batch is sent; until then nobody else looks at it.
    onItsWay.catch(() => undefined);
    target.onFed?.(count);
  };
  const flush = async (): Promise<void> => {
    await send();
    await onItsWay;
  };
  for await (const operation of operations) {
    target.signal?.throwIfAborted();
    if (target.pauseBefore?.at.has(count) === true && isCounted(operation)) {
      await flush();
      await target.pauseBefore.pause();
    }
    if (operation.kind === "insert") {
      const { collection, file, given } = operation;
      const bytes = sizeOf(given.document);
      const isOther = batch !== undefined && (batch.file !== file || !isSameCollection(batch.collection, collection));
      if (isOther || (batch !== undefined && (batch.given.length >= limit || batch.bytes + bytes > maxBatchBytes))) {
        await send();
      }
      batch ??= { collection, file, given: [], bytes: 0 };
      batch.given.push(given);
      batch.bytes += bytes;
      count += 1;
      continue;
    }
    await flush();
    if (operation.kind === "writes") {
      await carryOut(operation, target);
      count += 1;
    } else if (operation.kind === "caughtUp") await target.caughtUp();
    else if (operation.kind === "advance") await target.advance(operation.ms);
    else await target.restart();
  }
  await flush();
  target.onFed?.(count);
  return count;
}

function isSameCollection(one: CollectionName, other: CollectionName): boolean {
  return one.db === other.db && one.coll === other.coll;
}

/** Operations that events come from, as opposed to those that only wait. */
export function isCounted({ kind }: Operation): boolean {
  return kind === "insert" || kind === "writes";
}

async function insert(
  batch: { readonly collection: CollectionName; readonly file: string; readonly given: readonly GivenDocument[] },
  { client, toHere, produce }: FeedTarget,
): Promise<void> {
  if (isTopic(batch.collection)) return produce(batch.collection.coll, batch.given, batch.file);
  const { db, coll } = toHere(batch.collection);
  const documents = batch.given.map(({ document }) => document);
  try {
    await client.db(db).collection(coll).insertMany(documents, { ordered: true, ignoreUndefined: true });
  } catch (error) {
    if (isOutOfReach(error)) throw error;
    const index = error instanceof MongoBulkWriteError ? error.insertedCount : 0;
    throw refused(error, batch.collection, batch.file, batch.given[index]?.line);
  }
}

async function carryOut(
  { writes, isTransaction, at }: Extract<Operation, { kind: "writes" }>,
  { client, toHere, produce }: FeedTarget,
): Promise<void> {
  const [only] = writes;
  if (only?.kind === "insert" && isTopic(only.collection)) {
    const { file = "", line = 1 } = at.place ?? {};
    const given = only.documents.map((document) => ({ document, line }));
    return produce(only.collection.coll, given, file);
  }
  let current = writes[0]?.collection ?? { db: "", coll: "" };
  const writeAll = async (session?: ClientSession): Promise<void> => {
    for (const write of writes) {
      current = write.collection;
      await writeOne(client, toHere, write, session);
    }
  };
  try {
    if (!isTransaction) await writeAll();
    else await client.withSession((session) => session.withTransaction(() => writeAll(session)));
  } catch (error) {
    if (isOutOfReach(error)) throw error;
    throw refused(error, current, at.place?.file, at.place?.line);
  }
}

async function writeOne(
  client: MongoClient,
  toHere: FeedTarget["toHere"],
  write: Write,
  session: ClientSession | undefined,
): Promise<void> {
  const { db, coll } = toHere(write.collection);
  const collection = client.db(db).collection(coll);
  const options = session === undefined ? {} : { session };
  if (write.kind === "insert") await collection.insertMany([...write.documents], options);
  else if (write.kind === "update") await collection.updateMany(write.filter, write.update, options);
  else if (write.kind === "replace") await collection.replaceOne(write.filter, write.replacement, options);
  else await collection.deleteMany(write.filter, options);
}

function refused(error: unknown, collection: CollectionName, file: string | undefined, line = 1): FixtureError {
  const reason = error instanceof Error ? error.message : String(error);
  const at = file === undefined ? {} : { place: { file, line, column: 1 } };
  return new FixtureError(notInserted(at, { collection: toNamespace(collection), reason }));
}

/** The connection's trouble and not the document's. */
function isOutOfReach(error: unknown): boolean {
  if (error instanceof MongoNetworkError || error instanceof MongoServerSelectionError) return true;
  // A bulk write wraps what befell the connection, and has no code then.
  if (error instanceof MongoBulkWriteError && error.code === undefined) return [error.writeErrors].flat().length === 0;
  return error instanceof MongoServerError && (error.code === 14031 || error.code === 11600 || error.code === 91);
}

/** What is too large for BSON is refused by the driver at the insert, with a better message. */
function sizeOf(document: Document): number {
  try {
    return calculateObjectSize(document);
  } catch {
    return 0;
  }
}

function waitUntil(time: number, signal: AbortSignal | undefined): Promise<void> {
  const ms = time - performance.now();
  if (ms <= 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });
}
