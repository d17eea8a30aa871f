import { Timestamp } from "bson";
import type { Document } from "bson";
import type { ClientSession, Db, MongoClient, ReadPreference } from "mongodb";
import { noReplicaSet } from "../core/source-error.ts";
import type { Cluster } from "../engine.ts";
import type { ResumeToken } from "../core/resume-token.ts";
import { joinFragments, splitsEvents, splitStage } from "../core/split-events.ts";
import { isTimestamp, tokenOf } from "./batch.ts";
import { clientFor } from "./read-preference.ts";

/** What a change stream watches and how its events look. */
export interface ChangeStreamScope {
  readonly cluster: Cluster;
  readonly db: string | undefined;
  readonly colls: readonly string[] | undefined;
  readonly mode: Document;
  readonly readPreference: ReadPreference;
}

/** Where it begins; `{}` is now. */
export interface Start {
  readonly startAfter?: ResumeToken;
  readonly startAtOperationTime?: Timestamp;
}

/** Events as the server sent them, and the position after them. */
export interface ReadBatch {
  readonly events: readonly Uint8Array[];
  readonly token: ResumeToken;
}

/** An open cursor that gives raw batches, each with the position after it. */
export interface ChangeStreamCursor {
  /** Where it begins. */
  readonly token: ResumeToken;
  /** Waits up to `awaitMs` for the first event. `undefined` once the stream was invalidated and has ended. */
  next(batchSize: number, awaitMs: number): Promise<ReadBatch | undefined>;
  /** Has mongod go on reading: what it finds is what the next `next` gives. */
  readAhead(batchSize: number, awaitMs: number): void;
  close(): Promise<void>;
}

/**
 * Opens a change stream with plain commands: unlike the driver's, it hands over whole batches as the server sent them, and the
 * post-batch token that lets an idle processor advance.
 */
export async function openChangeStream(
  scope: ChangeStreamScope,
  pipeline: readonly Document[],
  start: Start,
): Promise<ChangeStreamCursor> {
  const client = await clientFor(scope.cluster, scope.readPreference);
  // A position within a split event can only be taken up by a stream that splits, so each does. An author who splits wants the fragments.
  const isSplit = !pipeline.some((stage) => splitStage in stage) && (await hasSplitStage(client));
  const split = isSplit ? [{ [splitStage]: {} }] : [];
  const db: Db = client.db(scope.db ?? "admin");
  const session: ClientSession = client.startSession();
  const only = scope.colls?.length === 1 ? scope.colls[0] : undefined;
  const several =
    scope.colls !== undefined && only === undefined ? [{ $match: { "ns.coll": { $in: scope.colls } } }] : [];
  const changeStream = { ...scope.mode, ...start, ...(scope.db === undefined ? { allChangesForCluster: true } : {}) };
  let reply: Document;
  try {
    reply = await db.command(
      {
        aggregate: only ?? 1,
        pipeline: [{ $changeStream: changeStream }, ...several, ...pipeline, ...split],
        cursor: { batchSize: 0 },
        readConcern: { level: "majority" },
      },
      { session },
    );
  } catch (error) {
    await session.endSession();
    throw error;
  }
  const { id, ns, postBatchResumeToken } = reply["cursor"] as Document;
  const collection = String(ns).slice(String(ns).indexOf(".") + 1);
  let token = postBatchResumeToken as ResumeToken;
  let open = true;
  let ahead: Promise<ReadBatch | undefined> | undefined;
  let pending: readonly Uint8Array[] = [];

  const getMore = async (batchSize: number, awaitMs: number): Promise<ReadBatch | undefined> => {
    if (!open) return undefined;
    const command = { getMore: id as unknown, collection, batchSize, maxTimeMS: awaitMs };
    const { cursor } = await db.command(command, { session, fieldsAsRaw: { nextBatch: true } });
    open = Number(cursor.id) !== 0;
    const read = cursor.nextBatch as Uint8Array[];
    if (!isSplit) {
      token = cursor.postBatchResumeToken ?? token;
      return { events: read, token };
    }
    const joined = joinFragments(pending, read);
    pending = joined.pending;
    // In the middle of an event there is no going on from here: the position stays after the last whole one.
    const last = joined.events.at(-1);
    token = (pending.length === 0 ? cursor.postBatchResumeToken : last && tokenOf({ bson: last })) ?? token;
    return { events: joined.events, token };
  };

  return {
    token,
    next: (batchSize, awaitMs) => {
      const reading = ahead ?? getMore(batchSize, awaitMs);
      ahead = undefined;
      return reading;
    },
    readAhead: (batchSize, awaitMs) => {
      ahead = getMore(batchSize, awaitMs);
      // A failure is the next reader's: until then nobody listens.
      ahead.catch(() => undefined);
    },
    close: async () => {
      await ahead?.catch(() => undefined);
      if (open) await db.command({ killCursors: collection, cursors: [id] }, { session }).catch(() => undefined);
      open = false;
      await session.endSession();
    },
  };
}

async function hasSplitStage(client: MongoClient): Promise<boolean> {
  const { version } = await client.db("admin").command({ buildInfo: 1 });
  return splitsEvents(String(version));
}

/** The time of the last write that this member has applied. */
export async function operationTime({ client, name }: Cluster): Promise<Timestamp> {
  const reply = await client.db("admin").command({ ping: 1 });
  const time: unknown = reply["operationTime"];
  if (!isTimestamp(time)) throw noReplicaSet(`"${name}"`);
  return new Timestamp({ t: time.getHighBitsUnsigned(), i: time.getLowBitsUnsigned() });
}
