import type { Timestamp } from "bson";
import type { CollectionSpec } from "../../config/config.ts";
import type { Definition } from "../../stages/definition.ts";
import { isAspError } from "../../diagnostics/asp-error.ts";
import { compareVersions, type Comparison } from "./compare-versions.ts";
import { exchange, type ExchangeParts } from "./exchange.ts";
import { cutSlices, fillSlice, type CollectionAt, type FillParts, type SkippedEvent } from "./fill.ts";
import { awaitPosition, awaitRunning, startFollowing, stopProcessor, type FollowParts } from "./follow.ts";
import { hasCollection, prepareVersion } from "./prepare-version.ts";
import type { RebuildRecord } from "./rebuild-record.ts";
import type { RebuildStore } from "./rebuild-store.ts";
import { writingTo } from "./stored-stages.ts";
import type { Versions } from "../plan/versions.ts";

/** What a rebuild works on. */
export interface RebuildParts
  extends
    FollowParts,
    Pick<FillParts, "source" | "isOneCluster" | "stored" | "streamPath" | "versionPath" | "eventsPerSlice"> {
  /** As the project has it: it writes the live collection. */
  readonly definition: Definition;
  /** The live collection. */
  readonly sink: CollectionAt;
  readonly collections: Versions;
  readonly processors: Versions;
  /** What the config asks of the live collection. */
  readonly specs: readonly CollectionSpec[];
  readonly store: RebuildStore;
  readonly on: RebuildListener;
}

export interface RebuildListener {
  /** Before each thing that is done: for progress, and where it may be interrupted. */
  step(what: string): Promise<void> | void;
  filled(progress: { readonly events: number; readonly of: number; readonly left: number | undefined }): void;
  skipped(events: readonly SkippedEvent[]): void;
  behind(seconds: number): void;
}

/** Writes down that a rebuild begins, and from which time on its processor will read: before the first event is read. */
export async function begin({ store, source }: RebuildParts, digest: string): Promise<RebuildRecord> {
  const record: RebuildRecord = {
    _id: store.id,
    phase: "filling",
    digest,
    startTime: await operationTimeOf(source),
    filled: 0,
    skipped: 0,
    startedAt: new Date(),
  };
  await store.save(record);
  return record;
}

/** Builds the new version as far as it is not built, and has it follow the stream. */
export async function build(parts: RebuildParts, first: RebuildRecord): Promise<RebuildRecord> {
  const { store, on, sink, collections, processors, definition } = parts;
  let record = first;
  const keep = async (change: Partial<RebuildRecord>): Promise<void> => {
    record = { ...record, ...change };
    await store.save(record);
  };
  if (record.phase === "filling") {
    await on.step(`making ${sink.db}.${collections.next}`);
    const { live, next } = collections;
    await prepareVersion({ client: sink.client, db: sink.db, live, next, specs: parts.specs });
    const fill: FillParts = { ...parts, target: { ...sink, coll: next } };
    if (record.slices === undefined) {
      await on.step("counting events");
      await keep({ slices: await cutSlices(fill), filled: 0 });
    }
    await fillAll(parts, fill, () => record, keep);
    await keep({ phase: "following" });
  }
  await on.step(`starting ${processors.next}`);
  const pipeline = writingTo(definition.pipeline, collections.next);
  await startFollowing(parts, { ...definition, name: processors.next, pipeline }, record.startTime);
  return record;
}

async function fillAll(
  { on, store }: RebuildParts,
  fill: FillParts,
  record: () => RebuildRecord,
  keep: (change: Partial<RebuildRecord>) => Promise<void>,
): Promise<void> {
  const slices = record().slices ?? [];
  const of = sum(slices.map(({ events }) => events));
  const beganMs = performance.now();
  const doneBefore = sum(slices.slice(0, record().filled).map(({ events }) => events));
  let events = doneBefore;
  for (const slice of slices.slice(record().filled)) {
    store.demandHeld();
    await on.step(`filling slice ${record().filled + 1} of ${slices.length}`);
    const skipped = await fillSlice(fill, slice);
    if (skipped.length > 0) on.skipped(skipped);
    await keep({ filled: record().filled + 1, skipped: record().skipped + skipped.length });
    events += slice.events;
    const perEvent = (performance.now() - beganMs) / Math.max(1, events - doneBefore);
    on.filled({ events, of, left: Math.round((perEvent * (of - events)) / 1000) });
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

/** Waits until the new version holds everything that had been written when it was called. */
export async function catchUp(parts: RebuildParts, names: readonly string[]): Promise<void> {
  const time = await operationTimeOf(parts.source);
  for (const name of names) await awaitPosition(parts, name, time, parts.on.behind);
}

/** The time of the last write that the events' cluster knows of. */
export async function operationTimeOf({ client }: CollectionAt): Promise<Timestamp> {
  const { operationTime } = await client.db("admin").command({ ping: 1 });
  return operationTime as Timestamp;
}

/** Compares the new version with the live one. `isLiveRunning`: else the live collection lacks what came since it was stopped. */
export async function compare(
  parts: RebuildParts,
): Promise<{ readonly comparison: Comparison; readonly isLiveRunning: boolean }> {
  const { sink, collections, processors, target, signal, on } = parts;
  await on.step("comparing");
  const isLiveRunning = (await target.processor(processors.live))?.state === "STARTED";
  const names = [...(isLiveRunning ? [processors.live] : []), processors.next];
  const settle = (): Promise<void> => catchUp(parts, names);
  const { live, next } = collections;
  const comparison = await compareVersions({ client: sink.client, db: sink.db, live, next, settle, signal });
  return { comparison, isLiveRunning };
}

/**
 * Has the new version take the live one's place, and keeps the other. Where `lost` is aborted before the two have begun to change places, the
 * live version goes on as it did, and its reason is thrown; afterwards both change places whatever becomes of it.
 */
export async function swap(parts: RebuildParts, first: RebuildRecord, lost: AbortSignal): Promise<RebuildRecord> {
  const { store, target, processors } = parts;
  let record = first;
  if (record.phase !== "swapping") {
    const live = await target.processor(processors.live);
    const before = {
      collection: await hasCollection(parts.sink.client, parts.sink.db, parts.collections.live),
      processor: live !== undefined,
      ran: live?.state === "STARTED",
    };
    record = { ...record, phase: "swapping", before };
    await store.save(record);
  }
  const isMoved = (await target.processor(processors.next)) === undefined;
  if (!isMoved) {
    await orGoOn(parts, { first, ran: record.before?.ran === true }, async () => {
      await stopBoth(parts, lost);
      lost.throwIfAborted();
    });
  }
  store.demandHeld();
  await exchange(exchangeParts(parts), "next");
  await startLive(parts);
  record = { ...record, phase: "swapped" };
  await store.save(record);
  return record;
}

/**
 * Does what comes before two versions change places. Where that fails nothing has changed places, unless a run before this one has begun to:
 * the live version goes on as it did.
 */
async function orGoOn(
  parts: RebuildParts,
  { first, ran }: { readonly first: RebuildRecord; readonly ran: boolean },
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (isAspError(error) && first.phase !== "swapping" && first.phase !== "rolling-back") {
      if (ran) await startLive(parts);
      await parts.store.save(first);
    }
    throw error;
  }
}

/** Stops the live version, and the new one when it holds everything that the live one does. */
async function stopBoth(parts: RebuildParts, lost: AbortSignal): Promise<void> {
  const { target, processors, on } = parts;
  await on.step(`stopping ${processors.live}`);
  await stopProcessor(parts, processors.live);
  // What the live version has shown is never taken back: the new one is brought up to it first.
  if ((await target.processor(processors.next))?.state === "STARTED") {
    const signal = AbortSignal.any([parts.signal, lost]);
    await catchUp({ ...parts, signal }, [processors.next]);
  }
  await on.step(`stopping ${processors.next}`);
  await stopProcessor(parts, processors.next);
}

/**
 * Has the old version take its place again: its processor goes on from its own checkpoint. The new one is kept, and may be swapped in again.
 * `lost` is as with {@link swap}.
 */
export async function rollBack(parts: RebuildParts, first: RebuildRecord, lost: AbortSignal): Promise<RebuildRecord> {
  const { store, target, processors, on } = parts;
  let record: RebuildRecord = { ...first, phase: "rolling-back" };
  await store.save(record);
  const { processor = true, ran = true } = record.before ?? {};
  const isMoved = (await target.processor(processors.next)) !== undefined;
  if (!isMoved) {
    const isRunning = (await target.processor(processors.live))?.state === "STARTED";
    await orGoOn(parts, { first, ran: isRunning }, async () => {
      await on.step(`stopping ${processors.live}`);
      await stopProcessor(parts, processors.live);
      await stopProcessor(parts, processors.old);
      lost.throwIfAborted();
    });
  }
  store.demandHeld();
  await exchange(exchangeParts(parts), "old", { collection: true, processor });
  if (processor && ran) await startLive(parts);
  record = { ...record, phase: "following" };
  await store.save(record);
  return record;
}

async function startLive(parts: RebuildParts): Promise<void> {
  const { on, target, processors } = parts;
  await on.step(`starting ${processors.live}`);
  if ((await target.processor(processors.live))?.state !== "STARTED") await target.start(processors.live);
  await awaitRunning(parts, processors.live);
}

function exchangeParts({ sink, collections, processors, target, on }: RebuildParts): ExchangeParts {
  return { client: sink.client, db: sink.db, collections, processors, target, onStep: (step) => on.step(step) };
}

/** Takes away what a rebuild has made, or the version before it: processor and collection. */
export async function dropVersion(parts: RebuildParts, version: "next" | "old"): Promise<void> {
  const { target, processors, collections, sink, on, store } = parts;
  await on.step(`dropping ${processors[version]} and ${sink.db}.${collections[version]}`);
  await stopProcessor(parts, processors[version]);
  if ((await target.processor(processors[version])) !== undefined) await target.drop(processors[version]);
  if (await hasCollection(sink.client, sink.db, collections[version])) {
    await sink.client.db(sink.db).dropCollection(collections[version]);
  }
  await store.remove();
}
