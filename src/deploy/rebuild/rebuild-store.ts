import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { MongoServerError, type MongoClient } from "mongodb";
import { AspError } from "../../diagnostics/asp-error.ts";
import type { RebuildId, RebuildRecord } from "./rebuild-record.ts";

/** One rebuild's record, held so that no one else goes on with it. */
export interface RebuildStore extends AsyncDisposable {
  readonly id: RebuildId;
  /** Undefined where there is no rebuild. */
  load(): Promise<RebuildRecord | undefined>;
  /** Durable when it resolves. Rejects with AspError ASP6120 where somebody else has it by now. */
  save(record: RebuildRecord): Promise<void>;
  remove(): Promise<void>;
  /** @throws AspError ASP6120 */
  demandHeld(): void;
}

interface Hold {
  readonly holder: string;
  readonly host: string;
  readonly until: Date;
}

type Kept = Partial<Omit<RebuildRecord, "_id">> & { readonly _id: RebuildId; readonly hold?: Hold };

const holdMs = 60_000;
const renewMs = 15_000;
const duplicateKey = 11_000;
const durable = { writeConcern: { w: "majority", journal: true } } as const;

/**
 * Takes hold of a rebuild in the collection `asp_rebuilds`. Time is the server's, so that clocks of machines do not count.
 *
 * @throws AspError ASP6120 where another process is at it
 */
export async function openRebuildStore(
  { client, db }: { readonly client: MongoClient; readonly db: string },
  _id: RebuildId,
): Promise<RebuildStore> {
  const collection = client.db(db).collection<Kept>("asp_rebuilds");
  const holder = randomUUID();
  let isLost = false;
  const hold = {
    $set: { hold: { holder, host: { $literal: hostname() }, until: { $add: ["$$NOW", holdMs] } } },
  };
  const isFree = { $lt: [{ $ifNull: ["$hold.until", new Date(0)] }, "$$NOW"] };
  await collection
    .updateOne({ _id }, { $setOnInsert: { filled: 0 } }, { upsert: true, ...durable })
    .catch(ignoreDuplicate);
  const { matchedCount } = await collection.updateOne({ _id, $expr: isFree }, [hold], durable);
  if (matchedCount === 0) {
    const found = await collection.findOne({ _id });
    throw heldByAnother(_id.processor, found?.hold?.host ?? "another machine");
  }
  const renew = async (): Promise<void> => {
    const { matchedCount } = await collection.updateOne({ _id, "hold.holder": holder }, [hold]);
    isLost ||= matchedCount === 0;
  };
  // A renewal that fails is tried again before the hold is over.
  const timer = setInterval(() => void renew().catch(() => undefined), renewMs);
  timer.unref();
  const demandHeld = (): void => {
    if (isLost) throw heldByAnother(_id.processor, "another machine");
  };

  return {
    id: _id,
    load: async () => {
      const found = await collection.findOne({ _id });
      if (found?.phase === undefined) return undefined;
      const { hold: _, ...record } = found;
      return record as RebuildRecord;
    },
    save: async ({ _id: __, ...record }) => {
      const { matchedCount } = await collection.updateOne({ _id, "hold.holder": holder }, { $set: record }, durable);
      isLost ||= matchedCount === 0;
      demandHeld();
    },
    remove: async () => {
      const { deletedCount } = await collection.deleteOne({ _id, "hold.holder": holder }, durable);
      isLost ||= deletedCount === 0;
      demandHeld();
    },
    demandHeld,
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      // Nothing but the hold: there is no rebuild.
      await collection.deleteOne({ _id, "hold.holder": holder, phase: { $exists: false } }).catch(() => undefined);
      await collection.updateOne({ _id, "hold.holder": holder }, { $unset: { hold: "" } }).catch(() => undefined);
    },
  };
}

/** Two made it at once: it is there. */
function ignoreDuplicate(error: unknown): void {
  if (!(error instanceof MongoServerError) || error.code !== duplicateKey) throw error;
}

/** Documented in docs/errors/ASP6120.md. */
function heldByAnother(processor: string, host: string): AspError {
  return new AspError("ASP6120", `\`${processor}\` is being rebuilt by another process, on ${host}`, {
    help: "wait until it has ended; a process that was killed lets go within a minute",
    retryable: true,
  });
}
