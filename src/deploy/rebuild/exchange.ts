import { MongoNetworkError, type MongoClient } from "mongodb";
import type { Target } from "../targets/target.ts";
import { hasCollection } from "./prepare-version.ts";
import { sinkOf, writingTo } from "./stored-stages.ts";
import type { Versions } from "../plan/versions.ts";

export interface ExchangeParts {
  readonly client: MongoClient;
  readonly db: string;
  readonly collections: Versions;
  readonly target: Target;
  readonly processors: Versions;
  /** Before each of its steps: for progress, and where it may be interrupted. */
  readonly onStep: (step: string) => Promise<void> | void;
}

/**
 * Has two versions change places: what is live goes `away`, and what is at `from` becomes live. None of the processors may run.
 *
 * A collection and the processor that writes it move together, so each processor's checkpoint is always about its own collection. What
 * is done already is seen from what exists: interrupted anywhere, it may be done again.
 */
export async function exchange(
  parts: ExchangeParts,
  from: "next" | "old",
  /** What there was to be moved when it began: where there was none at `from`, only the live one moves. */
  there: { readonly collection: boolean; readonly processor: boolean } = { collection: true, processor: true },
): Promise<void> {
  const away = from === "next" ? "old" : "next";
  if (there.collection) await exchangeCollections(parts, parts.collections[from], parts.collections[away]);
  await exchangeProcessors(parts, from, away, there.processor);
}

async function exchangeCollections(
  { client, db, collections: { live }, onStep }: ExchangeParts,
  from: string,
  away: string,
): Promise<void> {
  if (!(await hasCollection(client, db, from))) return;
  await onStep(`renaming ${db}.${from} to ${db}.${live}`);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await renameBoth(client, db, { live, from, away });
    } catch (error) {
      // Until the second is done, readers find no collection: a way that fails for a moment must not leave it at that.
      if (!(error instanceof MongoNetworkError) || attempt === mostAttempts) throw error;
    }
  }
}

const mostAttempts = 5;

async function renameBoth(
  client: MongoClient,
  db: string,
  { live, from, away }: { readonly live: string; readonly from: string; readonly away: string },
): Promise<void> {
  const rename = (one: string, other: string) =>
    client.db("admin").command({ renameCollection: `${db}.${one}`, to: `${db}.${other}`, dropTarget: false });
  if (!(await hasCollection(client, db, from))) return;
  const hasLive = await hasCollection(client, db, live);
  if (hasLive) await rename(live, away);
  try {
    await rename(from, live);
  } catch (error) {
    if (hasLive && !(error instanceof MongoNetworkError)) await rename(away, live).catch(() => undefined);
    throw error;
  }
}

async function exchangeProcessors(
  { target, processors, collections, onStep }: ExchangeParts,
  from: "next" | "old",
  away: "next" | "old",
  isExpected: boolean,
): Promise<void> {
  const move = async (one: keyof Versions, other: keyof Versions): Promise<void> => {
    const found = await target.processor(processors[one]);
    if (found === undefined) return;
    await onStep(`renaming the processor ${processors[one]} to ${processors[other]}`);
    const isOwn = sinkOf(found.pipeline)?.coll === collections[one];
    await target.modify(processors[one], {
      name: processors[other],
      ...(isOwn && { pipeline: writingTo(found.pipeline, collections[other]) }),
      resumeFromCheckpoint: true,
    });
  };
  const has = async (version: keyof Versions): Promise<boolean> =>
    (await target.processor(processors[version])) !== undefined;
  if (isExpected ? await has(from) : !(await has(away))) {
    await move("live", away);
    await move(from, "live");
  }
}
