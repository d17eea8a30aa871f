import type { ClientSession, Db, Timestamp } from "mongodb";
import type { Document } from "bson";
import type { Cluster } from "../engine.ts";
import type { ResumeToken } from "../core/resume-token.ts";

/** What a change stream watches and how its events look. */
export interface ChangeStreamScope {
  readonly cluster: Cluster;
  readonly db: string | undefined;
  readonly colls: readonly string[] | undefined;
  readonly mode: Document;
}

/** Where it begins; `{}` is now. */
export interface Start {
  readonly startAfter?: ResumeToken;
  readonly startAtOperationTime?: Timestamp;
}

/** An open cursor that gives raw batches, each with the position after it. */
export interface ChangeStreamCursor {
  readonly token: ResumeToken;
  /** Waits up to `awaitMs` for the first event. `undefined` once the stream was invalidated and has ended. */
  next(
    batchSize: number,
    awaitMs: number,
  ): Promise<{ readonly events: readonly Uint8Array[]; readonly token: ResumeToken } | undefined>;
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
  const db: Db = scope.cluster.client.db(scope.db ?? "admin");
  const session: ClientSession = scope.cluster.client.startSession();
  const only = scope.colls?.length === 1 ? scope.colls[0] : undefined;
  const several =
    scope.colls !== undefined && only === undefined ? [{ $match: { "ns.coll": { $in: scope.colls } } }] : [];
  const changeStream = { ...scope.mode, ...start, ...(scope.db === undefined ? { allChangesForCluster: true } : {}) };
  let reply: Document;
  try {
    reply = await db.command(
      {
        aggregate: only ?? 1,
        pipeline: [{ $changeStream: changeStream }, ...several, ...pipeline],
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
  return {
    get token() {
      return token;
    },
    next: async (batchSize, awaitMs) => {
      if (!open) return undefined;
      const command = { getMore: id as unknown, collection, batchSize, maxTimeMS: awaitMs };
      const { cursor } = await db.command(command, { session, fieldsAsRaw: { nextBatch: true } });
      open = Number(cursor.id) !== 0;
      token = cursor.postBatchResumeToken ?? token;
      return { events: cursor.nextBatch as Uint8Array[], token };
    },
    close: async () => {
      if (open) await db.command({ killCursors: collection, cursors: [id] }, { session }).catch(() => undefined);
      open = false;
      await session.endSession();
    },
  };
}
