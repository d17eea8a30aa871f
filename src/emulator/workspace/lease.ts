import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { ObjectId } from "bson";
import { MongoServerError, type Collection } from "mongodb";
import type { EngineOptions } from "../../engine/engine.ts";
import { within } from "../../engine/within.ts";
import { runByAnother } from "./refusals.ts";

/** That this process, and no other, runs the processors of a database. */
export interface Lease {
  /** Another process may have it at once. */
  release(): Promise<void>;
}

export interface LeaseOptions {
  /** Another process has it, since nothing was heard of this one for too long. */
  readonly onLost: (owner: string) => void;
}

/** Who holds it, in `asp_lease`, since when, and when was last heard of it, by the server's clock. */
interface LeaseDocument {
  readonly _id: string;
  readonly owner: ObjectId;
  readonly host: string;
  readonly since: Date;
  readonly beat: Date;
}

const id = "workspace";
const beatMs = 1000;
/** Of whom nothing was heard for so long has crashed: a restart after that waits no longer. */
const forgottenAfterMs = 4000;
const lookEveryMs = 200;
const releaseWithinMs = 2000;
const duplicateKey = 11000;

/**
 * Takes the lease of a database. Whoever holds it gives a sign of life each second: so a second process is refused as soon as there was one,
 * and after a crash it waits until it is clear that there will be none.
 *
 * @throws AspError ASP5215
 */
export async function takeLease(
  { cluster, db }: EngineOptions["checkpoints"],
  { onLost }: LeaseOptions,
): Promise<Lease> {
  const leases = cluster.client.db(db).collection<LeaseDocument>("asp_lease");
  const own = new ObjectId();
  const find = (): Promise<LeaseDocument | null> => leases.findOne({ _id: id });

  const first = await find();
  while (!(await take(leases, own))) {
    const now = await find();
    if (
      now !== null &&
      (first === null || now.beat.getTime() !== first.beat.getTime() || !now.owner.equals(first.owner))
    )
      throw runByAnother(db, describe(now));
    await sleep(lookEveryMs);
  }

  const beat = async (): Promise<void> => {
    // Gone with its database, it is taken again.
    if (await take(leases, own)) return;
    const other = await find();
    if (other === null || other.owner.equals(own)) return;
    clearInterval(timer);
    onLost(describe(other));
  };
  let beating: Promise<void> | undefined;
  const timer = setInterval(() => {
    // A server that does not answer has no other owner either; the next beat tells.
    beating ??= beat()
      .catch(() => undefined)
      .finally(() => {
        beating = undefined;
      });
  }, beatMs);
  timer.unref();

  const release = async (): Promise<void> => {
    clearInterval(timer);
    await beating;
    await leases.deleteOne({ _id: id, owner: own });
  };
  return {
    release: () =>
      within(
        release().catch(() => undefined),
        releaseWithinMs,
      ),
  };
}

/** Takes or renews it; false while somebody else has it. */
async function take(leases: Collection<LeaseDocument>, owner: ObjectId): Promise<boolean> {
  const isForgotten = { $expr: { $lt: ["$beat", { $subtract: ["$$NOW", forgottenAfterMs] }] } };
  const values = {
    since: { $cond: [{ $eq: ["$owner", owner] }, { $ifNull: ["$since", "$$NOW"] }, "$$NOW"] },
    owner,
    host: { $literal: hostname() },
    beat: "$$NOW",
  };
  const durable = { writeConcern: { w: "majority" } } as const;
  const renewed = await leases.updateOne({ _id: id, $or: [{ owner }, isForgotten] }, [{ $set: values }], durable);
  if (renewed.matchedCount > 0) return true;
  try {
    await leases.updateOne({ _id: id, owner }, [{ $set: values }], { upsert: true, ...durable });
    return true;
  } catch (error) {
    if (error instanceof MongoServerError && error.code === duplicateKey) return false;
    throw error;
  }
}

function describe({ host, since }: LeaseDocument): string {
  return `another process on host ${host}, since ${since.toISOString()}`;
}
