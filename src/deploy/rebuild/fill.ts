import { setTimeout as sleep } from "node:timers/promises";
import type { Document, Timestamp } from "bson";
import { MongoNetworkError, MongoServerError, type MongoClient } from "mongodb";
import { exactTypes } from "../../engine/core/exact-bson.ts";
import { writeToOther } from "./write-to-other.ts";
import { countSlices, matchSlice, slicingStages, toSlices, type Slice } from "./slices.ts";
import type { StoredStages } from "./stored-stages.ts";

/** A collection on a cluster. */
export interface CollectionAt {
  readonly client: MongoClient;
  readonly db: string;
  readonly coll: string;
}

export interface FillParts {
  /** Where the events are. */
  readonly source: CollectionAt;
  /** What is filled. */
  readonly target: CollectionAt;
  /** Then the server writes what it reads; otherwise it travels through this process. */
  readonly isOneCluster: boolean;
  readonly stored: StoredStages;
  /** Field paths of the stream and of the version in a stored event. */
  readonly streamPath: string;
  readonly versionPath: string;
  /** How many events are folded by one aggregate; default 20 000. */
  readonly eventsPerSlice?: number;
  readonly signal: AbortSignal;
}

/** An event that could not be applied: on a stream it becomes a dead letter. */
export interface SkippedEvent {
  readonly _id: unknown;
  /** In the server's words. */
  readonly reason: string;
}

/** Cuts the stored events into slices, in the order of their streams. */
export async function cutSlices(parts: FillParts): Promise<readonly Slice[]> {
  const { source, stored, streamPath, signal } = parts;
  const collection = source.client.db(source.db).collection(source.coll);
  const events = await collection.estimatedDocumentCount();
  const slices = countSlices(events, { hasIndex: await hasStreamIndex(parts), perSlice: parts.eventsPerSlice });
  const stages = [...stored.match, ...slicingStages(streamPath, slices)];
  return toSlices(await collection.aggregate(stages, { allowDiskUse: true, signal }).toArray());
}

/** True where the events of a stream are found without reading all others. */
export async function hasStreamIndex({ source, streamPath }: FillParts): Promise<boolean> {
  const indexes = await source.client
    .db(source.db)
    .collection(source.coll)
    .indexes()
    .catch(() => []);
  return indexes.some(({ key }) => Object.keys(key)[0] === streamPath);
}

/**
 * Folds the events of a slice into the target, in the order of their streams and versions: one `aggregate` that ends with the
 * projection's own `$merge`, which writes documents in the order in which they reach it.
 *
 * It reads a snapshot: a scan that events are written beside could see an event and not the one before it, which the guard
 * would then keep out for good. Done again, also in part, it changes nothing.
 */
export async function fillSlice(parts: FillParts, slice: Slice): Promise<readonly SkippedEvent[]> {
  const chosen = [...parts.stored.match, ...matchSlice(parts.streamPath, slice)];
  const failure = await attempt(parts, chosen);
  if (failure === undefined) return [];
  const { source, signal } = parts;
  const ids = await source.client
    .db(source.db)
    .collection(source.coll)
    .aggregate([...chosen, sorted(parts), { $project: { _id: 1 } }], { allowDiskUse: true, signal, ...exactTypes })
    .map(({ _id }) => _id as unknown)
    .toArray();
  return await fillEvents(parts, ids);
}

/** Halves what fails until the failing events stand alone, one half after the other: order is meaning. */
async function fillEvents(parts: FillParts, ids: readonly unknown[]): Promise<readonly SkippedEvent[]> {
  if (ids.length === 0) return [];
  const failure = await attempt(parts, [{ $match: { _id: { $in: ids } } }]);
  if (failure === undefined) return [];
  if (ids.length === 1) return [{ _id: ids[0], reason: reasonOf(failure) }];
  const half = Math.ceil(ids.length / 2);
  const first = await fillEvents(parts, ids.slice(0, half));
  return [...first, ...(await fillEvents(parts, ids.slice(half)))];
}

function sorted({ streamPath, versionPath }: FillParts): Document {
  return { $sort: streamPath === versionPath ? { [streamPath]: 1 } : { [streamPath]: 1, [versionPath]: 1 } };
}

/** What a failing event gave; undefined where all were applied. Throws what is no event's fault. */
async function attempt(parts: FillParts, chosen: readonly Document[]): Promise<MongoServerError | undefined> {
  const { stored, signal } = parts;
  const stages = [...chosen, sorted(parts), ...stored.stages];
  const pauses = [...pausesMs];
  for (;;) {
    signal.throwIfAborted();
    try {
      await runStages(parts, stages);
      return undefined;
    } catch (error) {
      signal.throwIfAborted();
      const pause = passesBySelf(error) ? pauses.shift() : undefined;
      if (pause !== undefined) await sleep(pause, undefined, { signal });
      else if (isOfEvent(error)) return error;
      else throw error;
    }
  }
}

const pausesMs = [200, 500, 1000, 3000, 10_000];

async function runStages({ source, target, isOneCluster, stored, signal }: FillParts, stages: readonly Document[]) {
  const database = source.client.db(source.db);
  const { operationTime } = await database.command({ ping: 1 });
  const readConcern = { level: "snapshot", atClusterTime: operationTime as Timestamp };
  const merge = { $merge: { into: { db: target.db, coll: target.coll }, ...stored.merge } };
  if (!isOneCluster) return await writeToOther({ source, target, stages, merge, readConcern, signal });
  const pipeline = [...stages, merge];
  await database.command({ aggregate: source.coll, pipeline, cursor: {}, allowDiskUse: true, readConcern }, { signal });
}

/** A change of primary, a way that fails, a snapshot that is no more there, an operation that somebody has ended. */
function passesBySelf(error: unknown): boolean {
  if (error instanceof MongoNetworkError) return true;
  return (
    error instanceof MongoServerError &&
    (transient.has(Number(error.code)) || error.hasErrorLabel("RetryableWriteError"))
  );
}

const transient: ReadonlySet<number> = new Set([
  // HostUnreachable, HostNotFound, NetworkTimeout, ShutdownInProgress
  6, 7, 89, 91,
  // LockTimeout, CursorNotFound, LockBusy, WriteConcernFailed, WriteConflict, FailedToSatisfyReadPreference, ReadConcernMajorityNotAvailableYet
  24,
  43, 46, 64, 112, 133, 134,
  // QueryPlanKilled, PrimarySteppedDown, NetworkInterfaceExceededTimeLimit, CursorKilled, SnapshotTooOld, SnapshotUnavailable
  175,
  189, 202, 237, 239, 246,
  // ExceededTimeLimit, ClientDisconnect, TransactionExceededLifetimeLimitSeconds, TemporarilyUnavailable, StaleConfig, Interrupted
  262,
  279, 290, 365, 13_388, 11_601,
  // SocketException, NotWritablePrimary, InterruptedAtShutdown, InterruptedDueToReplStateChange, NotPrimaryNoSecondaryOk, NotPrimaryOrSecondary
  9001,
  10_107, 11_600, 11_602, 13_435, 13_436,
]);

/** What the server refuses whatever the event is: rights, and what asp has asked for wrongly. */
const ofRequest: ReadonlySet<number> = new Set([
  // FailedToParse, Unauthorized, AuthenticationFailed, NamespaceNotFound, MaxTimeMSExpired, CommandNotFound
  9, 13, 18, 26, 50, 59,
  // InvalidOptions, CommandNotSupported, OutOfDiskSpace, AtlasError
  72, 115, 14_031, 8000,
]);

function isOfEvent(error: unknown): error is MongoServerError {
  return error instanceof MongoServerError && !ofRequest.has(Number(error.code)) && !passesBySelf(error);
}

/** Without the words of the command around it. */
function reasonOf({ message }: MongoServerError): string {
  return message.replace(
    /^(PlanExecutor error during aggregation|Executor error during \w+ ?\w*) :: caused by :: /u,
    "",
  );
}
