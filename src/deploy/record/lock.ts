import { setTimeout as sleep } from "node:timers/promises";
import { ObjectId } from "bson";
import { MongoServerError, type Collection } from "mongodb";
import { AspError } from "../../diagnostics/asp-error.ts";
import { within } from "../../engine/within.ts";

/** Who is deploying, for whom meets the lock. */
export interface LockHolder {
  /** The project. */
  readonly owner: string;
  readonly host: string;
  readonly by: string;
}

/** Of one workspace; times are the server's. */
export interface LockDocument extends LockHolder {
  /** {@link workspaceKey} */
  readonly _id: string;
  readonly holder: ObjectId;
  readonly since: Date;
  /** When was last heard of it. */
  readonly beat: Date;
}

export interface Lock {
  /** Aborted when another deployment may have it, since nothing could be written here for too long. Its reason is AspError ASP6054. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

export interface LockPace {
  readonly beatMs?: number;
  /** Whom nothing was heard of for so long has crashed. */
  readonly forgottenAfterMs?: number;
  readonly tell?: (line: string) => void;
  /** Ends the waiting for one that has crashed. */
  readonly signal?: AbortSignal;
}

export interface LockOptions extends LockPace {
  /** {@link workspaceKey} */
  readonly workspace: string;
  readonly holder: LockHolder;
}

const lookEveryMs = 250;
const releaseWithinMs = 2000;
const duplicateKey = 11000;

/**
 * Takes the lock of a workspace. Whoever holds it gives a sign of life every few seconds: so a second deployment is refused as soon as
 * there was one, and one that follows a crash waits until it is clear that there will be none.
 *
 * @throws AspError ASP6044
 */
export async function takeLock(
  locks: Collection<LockDocument>,
  { workspace, holder, beatMs = 2000, forgottenAfterMs = 10_000, tell, signal }: LockOptions,
): Promise<Lock> {
  const own = new ObjectId();
  const find = (): Promise<LockDocument | null> => locks.findOne({ _id: workspace });
  const first = await find();
  while (!(await take(locks, { workspace, holder, own, forgottenAfterMs }))) {
    const now = await find();
    const isAlive = now !== null && (String(now.holder) !== String(first?.holder) || +now.beat !== Number(first?.beat));
    if (isAlive) throw underWay(workspace, now);
    const other = nameOf(now ?? first ?? holder);
    tell?.(`waiting up to ${forgottenAfterMs / 1000} s for another deployment, ${other}, which may have crashed`);
    tell = undefined;
    await sleep(lookEveryMs, undefined, { ...(signal && { signal }) });
  }
  return keepAlive(locks, { workspace, own, beatMs, forgottenAfterMs });
}

interface TakeOptions extends Required<Pick<LockOptions, "workspace" | "holder" | "forgottenAfterMs">> {
  readonly own: ObjectId;
}

/** Each of the two writes is atomic, so that of two that find it free or forgotten one has it. */
async function take(locks: Collection<LockDocument>, options: TakeOptions): Promise<boolean> {
  const { workspace, holder, own, forgottenAfterMs } = options;
  const literal = Object.fromEntries(Object.entries(holder).map(([key, value]) => [key, { $literal: value }]));
  const mine = [{ $set: { ...literal, holder: own, since: "$$NOW", beat: "$$NOW" } }];
  const isForgotten = { $lt: ["$beat", { $subtract: ["$$NOW", forgottenAfterMs] }] };
  const { matchedCount } = await locks.updateOne({ _id: workspace, $expr: isForgotten }, mine);
  if (matchedCount > 0) return true;
  try {
    await locks.updateOne({ _id: workspace, holder: own }, mine, { upsert: true });
    return true;
  } catch (error) {
    if (error instanceof MongoServerError && error.code === duplicateKey) return false;
    throw error;
  }
}

function keepAlive(
  locks: Collection<LockDocument>,
  { workspace, own, beatMs, forgottenAfterMs }: Omit<TakeOptions, "holder"> & { readonly beatMs: number },
): Lock {
  const lost = new AbortController();
  const lose = (): void => lost.abort(lockLost(workspace));
  let heardAt = performance.now();
  const beat = async (): Promise<void> => {
    const sentAt = performance.now();
    try {
      const { matchedCount } = await locks.updateOne({ _id: workspace, holder: own }, [{ $set: { beat: "$$NOW" } }]);
      if (matchedCount === 0) lose();
      else heardAt = sentAt;
    } catch {
      // The next one may come through.
    }
    if (performance.now() - heardAt > forgottenAfterMs) lose();
  };
  // A beat that hangs does not keep the next from looking at the time.
  const timer = setInterval(() => {
    if (performance.now() - heardAt > forgottenAfterMs) lose();
    void beat();
  }, beatMs);
  timer.unref();
  return {
    lost: lost.signal,
    release: async () => {
      clearInterval(timer);
      // One that stays is forgotten soon.
      await within(
        locks.deleteOne({ _id: workspace, holder: own }).catch(() => undefined),
        releaseWithinMs,
      );
    },
  };
}

function underWay(workspace: string, holder: LockDocument): AspError {
  return new AspError(
    "ASP6044",
    `another deployment to the workspace \`${workspace}\` is under way: ${nameOf(holder)}`,
    {
      help: "wait until it has ended, then run the command again",
    },
  );
}

/** Documented in docs/errors/ASP6054.md. */
function lockLost(workspace: string): AspError {
  return new AspError(
    "ASP6054",
    `the lock of the workspace \`${workspace}\` was lost: another deployment may have begun`,
    {
      help: "check the way to the cluster of the record, then run the command again",
    },
  );
}

function nameOf(holder: LockHolder & { readonly since?: Date }): string {
  const { by, host, owner, since } = holder;
  const at = since === undefined ? "" : `, since ${since.toISOString()}`;
  return `that of ${by} (on ${host}, project \`${owner}\`${at})`;
}
