import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { Timestamp } from "bson";
import type { Document } from "bson";
import { AspError } from "../../diagnostics/asp-error.ts";
import type { Checkpoint, CheckpointStore } from "../checkpoints.ts";
import type { ChangeStreamPlan } from "../core/plan-source.ts";
import type { Progress } from "../chunk.ts";
import { stagesAsExpression } from "../core/push-down.ts";
import { hasReached, type ResumeToken } from "../core/resume-token.ts";
import { toPredicate } from "../core/simple-match.ts";
import { toSourceError, type Beginning } from "../core/source-error.ts";
import type { Cluster } from "../engine.ts";
import type { Processor } from "../processor.ts";
import { withRetries } from "../retry.ts";
import { sinkExpressions } from "../sinks/sink-expressions.ts";
import type { StageRunner } from "../stage-runner.ts";
import type { Position } from "./batch.ts";
import { openChangeStream, operationTime, type ChangeStreamScope, type Start } from "./change-stream.ts";
import { beginSync, readInitialSync } from "./initial-sync.ts";
import type { PullSource } from "./pull-source.ts";
import { readPreferenceOf } from "./read-preference.ts";
import { openTail, type Reader, type Tail } from "./tail.ts";

/** Feeds processors from their sources. */
export interface Sources {
  /** Registers a processor and reads its checkpoint. Rejects with AspError where the checkpoint is of another source. */
  add(processor: Processor, source: string, pull: PullSource | undefined): Promise<void>;
  /** Opens every source and starts the processors; one that is refused FAILS its processor. */
  open(): Promise<void>;
  /** Resolves when no source has anything more to deliver, or all were stopped. */
  run(): Promise<void>;
  /** Tells which processors have handled everything that their sources hold at the time of this call. */
  targets(): Promise<(processor: Processor) => boolean>;
  /** Lets waiting reads return soon, until released. */
  hurry(): () => void;
  stop(): void;
  /** Stops, and nobody waits for the change stream reads that are under way: they hand over nothing any more. */
  leave(): void;
}

export interface SourcesOptions {
  readonly cluster: (connectionName: string) => Cluster;
  readonly store: CheckpointStore;
  readonly runner: StageRunner;
  readonly now: () => number;
  readonly onProgress: () => void;
}

/** Tails that could be one, were they at the same place. */
interface Family {
  readonly filters: readonly (readonly Document[])[];
  readonly tails: Set<Tail>;
  /** The tail that started furthest on: the others join it when they have come as far. */
  leader: Tail | undefined;
}

interface Member {
  readonly processor: Processor;
  readonly source: string;
  readonly position: Position | undefined;
  readonly state: Progress["state"];
  /** Absent for a change stream. */
  readonly pull: PullSource | undefined;
}

type StreamMember = Member & { readonly plan: ChangeStreamPlan };

/** A stop waits for a read that is under way, so `maxAwaitTimeMS` only ever makes it shorter. */
const idleAwaitMs = 250;
const hurriedAwaitMs = 10;

export function createSources(options: SourcesOptions): Sources {
  const { cluster, store, runner, now } = options;
  const members: Member[] = [];
  const families = new Map<string, Family>();
  const abort = new AbortController();
  // Each source that waits listens, and Node warns of more than ten.
  setMaxListeners(0, abort.signal);
  const running = new Set<Promise<void>>();
  let onLeft: () => void = () => undefined;
  const left = new Promise<void>((resolve) => {
    onLeft = resolve;
  });
  let hurried = 0;

  const spawn = (work: Promise<void>): void => {
    const tracked = work.finally(() => {
      running.delete(tracked);
      options.onProgress();
    });
    running.add(tracked);
  };

  const familyOf = (plan: ChangeStreamPlan): Family => {
    const key = familyKey(plan, cluster);
    const known = families.get(key);
    if (known !== undefined) return known;
    const filters = new Map<string, readonly Document[]>();
    for (const { processor } of members) {
      const other = processor.plan.source;
      if (other.kind === "changeStream" && familyKey(other, cluster) === key) {
        filters.set(JSON.stringify(other.pipeline), other.pipeline);
      }
    }
    const family = { filters: [...filters.values()], tails: new Set<Tail>(), leader: undefined };
    families.set(key, family);
    return family;
  };

  const scopeOf = async (plan: ChangeStreamPlan): Promise<ChangeStreamScope> => {
    const { db, colls, mode } = plan;
    const home = cluster(plan.connectionName);
    return { cluster: home, db, colls, mode, readPreference: await readPreferenceOf(plan, home) };
  };

  const openFor = async (
    group: readonly StreamMember[],
    start: Start,
    beginning: Beginning,
  ): Promise<Tail | undefined> => {
    const [first] = group;
    if (first === undefined) return undefined;
    const { plan } = first;
    const family = familyOf(plan);
    const readers = group.map(({ processor }) => toReader(processor));
    const label = labelOf(plan);
    try {
      const open = {
        scope: await withRetries(() => scopeOf(plan), abort.signal),
        label,
        filters: family.filters,
        start,
        beginning,
        signal: abort.signal,
        awaitMs: () => (hurried > 0 ? hurriedAwaitMs : Math.min(plan.maxAwaitTimeMs, idleAwaitMs)),
        onBatch: (tail: Tail) => joinLeader(family, tail),
      };
      return await withRetries(() => openTail(open, readers), abort.signal);
    } catch (error) {
      for (const { processor } of group) processor.fail(toSourceError(error, label, undefined, beginning));
      return undefined;
    }
  };

  const launch = (family: Family, tail: Tail): void => {
    family.tails.add(tail);
    if (family.leader === undefined || isAtLeast(tail.position, family.leader.position)) family.leader = tail;
    const reading = tail.run().finally(() => {
      family.tails.delete(tail);
      if (family.leader === tail) family.leader = undefined;
    });
    spawn(Promise.race([reading, left]));
  };

  /** Opens one tail for processors that start at the same place. */
  const openGroup = async (group: readonly StreamMember[]): Promise<void> => {
    const [first] = group;
    if (first === undefined) return;
    const tail = await openFor(group, startOf(first), beginningOf(first));
    if (tail === undefined) return;
    for (const member of group) {
      await begin(member, tail).catch((error: unknown) =>
        member.processor.fail(toSourceError(error, labelOf(member.plan), undefined)),
      );
    }
    launch(familyOf(first.plan), tail);
  };

  /** A position is stored before the first event is read, so that a crash from now on loses nothing. */
  const begin = async (member: StreamMember, tail: Tail): Promise<void> => {
    const { processor, source, position, state } = member;
    const from = position ?? tail.position;
    if (position === undefined) await store.save({ _id: processor.name, source, position: from, at: new Date(now()) });
    await processor.start({ position: from, state });
  };

  const startSync = async (member: StreamMember): Promise<void> => {
    const { processor, plan, source, position } = member;
    const scope = await scopeOf(plan);
    const copy = {
      cluster: scope.cluster,
      db: plan.db ?? "admin",
      colls: plan.colls ?? [],
      pipeline: plan.pipeline,
      runner,
      now,
      readPreference: scope.readPreference,
    };
    // The token first: whatever changes from now on is in the stream.
    const token = position?.token ?? (await currentToken(scope));
    const sync = position?.sync ?? (await beginSync(copy));
    const from: Position = { token, sync };
    if (position === undefined) await store.save({ _id: processor.name, source, position: from, at: new Date(now()) });
    await processor.start({ position: from, state: undefined });
    const work = async (): Promise<void> => {
      const isGone = (): boolean => abort.signal.aborted || processor.stats().state !== "STARTED";
      let reached = sync;
      await withRetries(async (onProgress) => {
        for await (const batch of readInitialSync(copy, token, reached)) {
          onProgress();
          if (isGone()) return;
          // How far the copy is counts also where nothing comes of it.
          await (batch.events.length > 0 ? processor.offer(batch) : processor.settle(batch.position));
          reached = batch.position.sync ?? reached;
        }
      }, abort.signal);
      if (isGone()) return;
      await processor.settle({ token });
      const tail = await openFor([member], { startAfter: token }, "copy");
      if (tail !== undefined) launch(familyOf(plan), tail);
    };
    // What was copied before the failure is written first.
    spawn(work().catch((error: unknown) => processor.finish(toSourceError(error, labelOf(plan), undefined))));
  };

  const startPull = async ({ processor, source, position, state }: Member, pull: PullSource): Promise<void> => {
    const from =
      position === undefined
        ? await withRetries(() => pull.start(), abort.signal)
        : (pull.resume?.(position) ?? position);
    if (from !== position) {
      await store.save({ _id: processor.name, source, position: from, ...(state && { state }), at: new Date(now()) });
    }
    await processor.start({ position: from, state });
    const work = async (): Promise<void> => {
      const isGone = (): boolean => abort.signal.aborted || processor.stats().state !== "STARTED";
      let reached = from;
      await withRetries(async (onProgress) => {
        for await (const batch of pull.read(reached, abort.signal)) {
          onProgress();
          if (isGone()) return;
          await processor.offer(batch);
          reached = batch.position;
        }
      }, abort.signal);
      // A source that was stopped has not ended.
      if (isGone()) return;
      if (processor.plan.windowed === undefined) await processor.finish();
      // What waits in a window may wait for the clock.
      while (!isGone()) {
        await processor.tick();
        await sleep(idleAwaitMs, undefined, { signal: abort.signal }).catch(() => undefined);
      }
    };
    spawn(work().catch((error: unknown) => processor.fail(toSourceError(error, "`$source`", undefined))));
  };

  return {
    add: async (processor, source, pull) => {
      const checkpoint = await store.load(processor.name);
      if (checkpoint !== undefined && checkpoint.source !== source)
        throw otherSource(processor.name, checkpoint, store);
      members.push({ processor, source, position: checkpoint?.position, state: checkpoint?.state, pull });
    },
    open: async () => {
      const groups = new Map<string, StreamMember[]>();
      for (const member of members) {
        const { source: plan } = member.processor.plan;
        if (plan.kind !== "changeStream") {
          const { pull } = member;
          if (pull === undefined) throw new Error(`${member.processor.name} has no source`);
          await startPull(member, pull).catch((error: unknown) =>
            member.processor.fail(toSourceError(error, "`$source`", undefined)),
          );
        } else if (plan.initialSync && (member.position === undefined || member.position.sync !== undefined)) {
          await startSync({ ...member, plan }).catch((error: unknown) =>
            member.processor.fail(toSourceError(error, labelOf(plan), undefined)),
          );
        } else {
          const key = `${familyKey(plan, cluster)}\u0000${JSON.stringify(startOf({ ...member, plan }))}`;
          groups.set(key, [...(groups.get(key) ?? []), { ...member, plan }]);
        }
      }
      for (const group of groups.values()) await openGroup(group);
    },
    run: async () => {
      while (running.size > 0) await Promise.all(running);
    },
    targets: async () => {
      const isThere = new Map<Processor, (position: Position) => boolean>();
      const times = new Map<string, Timestamp>();
      for (const { processor, pull } of members) {
        const { source: plan } = processor.plan;
        // Nobody waits for one that has FAILED, whose source may give no answer.
        if (processor.stats().state !== "STARTED") continue;
        if (pull !== undefined) isThere.set(processor, await withRetries(() => pull.target(), abort.signal));
        if (plan.kind !== "changeStream") continue;
        const home = cluster(plan.connectionName);
        const time = times.get(home.name) ?? (await withRetries(() => operationTime(home), abort.signal));
        times.set(home.name, time);
        isThere.set(
          processor,
          ({ token, sync }) => sync === undefined && token !== undefined && hasReached(token, time),
        );
      }
      return (processor) => isThere.get(processor)?.(processor.position) !== false;
    },
    hurry: () => {
      hurried += 1;
      return () => {
        hurried -= 1;
      };
    },
    stop: () => abort.abort(),
    leave: () => {
      abort.abort();
      onLeft();
    },
  };
}

/** A tail that has come as far as the leader hands its readers over and ends. */
function joinLeader(family: Family, tail: Tail): void {
  const { leader } = family;
  const { token } = tail.position;
  if (leader === undefined || leader === tail || !leader.isReading) return;
  if (token === undefined || !isAtLeast(tail.position, leader.position)) return;
  for (const reader of tail.readers) {
    tail.remove(reader);
    leader.add(reader, token);
  }
}

function isAtLeast(one: Position, other: Position): boolean {
  return (one.token?._data ?? "") >= (other.token?._data ?? "");
}

/** Equal for sources whose change streams could be one: same place, same form of events, filters that we can tell apart. */
function familyKey(plan: ChangeStreamPlan, cluster: (connectionName: string) => Cluster): string {
  const shared = toPredicate(plan.pipeline) === undefined ? plan.pipeline : "any";
  const { name } = cluster(plan.connectionName);
  const { db = null, colls = null, mode, readPreference, maxAwaitTimeMs } = plan;
  return JSON.stringify([name, db, colls, mode, readPreference, maxAwaitTimeMs, shared]);
}

function startOf({ plan, position }: StreamMember): Start {
  if (position?.token !== undefined) return { startAfter: position.token };
  if (plan.startAfter !== undefined) return { startAfter: plan.startAfter as unknown as ResumeToken };
  const time = plan.startAtOperationTime;
  if (time === undefined) return {};
  const at = time instanceof Date ? new Timestamp({ t: Math.floor(time.getTime() / 1000), i: 0 }) : (time as Timestamp);
  return { startAtOperationTime: at };
}

function beginningOf({ plan, position }: StreamMember): Beginning {
  if (position?.token !== undefined) return "checkpoint";
  return plan.startAfter === undefined ? "startAtOperationTime" : "startAfter";
}

function toReader(processor: Processor): Reader {
  const plan = processor.plan.source as ChangeStreamPlan;
  const isRunning = (): boolean => processor.stats().state === "STARTED";
  // What a `$merge` evaluates for each document is evaluated with the stages, which the change stream cannot do.
  const isPlain = sinkExpressions(processor.plan.sink) === undefined && processor.plan.windowed === undefined;
  const stages = isPlain ? stagesAsExpression(processor.plan) : undefined;
  return { name: processor.name, plan, stages, offer: processor.offer, fail: processor.finish, isRunning };
}

/** How a source reads in a message: `shop.events`. */
function labelOf({ db, colls }: ChangeStreamPlan): string {
  if (db === undefined) return "the cluster";
  return colls === undefined ? `database ${db}` : colls.map((coll) => `${db}.${coll}`).join(", ");
}

/** The position of now, without reading on from it. */
async function currentToken(scope: ChangeStreamScope): Promise<ResumeToken> {
  const cursor = await openChangeStream(scope, [], {});
  await cursor.close();
  return cursor.token;
}

function otherSource(name: string, checkpoint: Checkpoint, store: CheckpointStore): AspError {
  return new AspError("ASP5108", `The checkpoint of \`${name}\` belongs to another \`$source\``, {
    help: `put the \`$source\` back, or give up the position: db.getSiblingDB(${JSON.stringify(store.namespace.split(".")[0])}).asp_checkpoints.deleteOne({ _id: ${JSON.stringify(checkpoint._id)} })`,
  });
}
