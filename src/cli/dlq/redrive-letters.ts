import type { Document, MongoClient } from "mongodb";
import { toEjson } from "../../compiler/emit/json.ts";
import { planRedriving, type Redriving } from "../../deploy/letters/event-pipeline.ts";
import { shownId, type Letter, type StoredEvent } from "../../deploy/letters/letter.ts";
import { compareStamps, versionIn, type Standing } from "../../deploy/letters/stamp.ts";
import { decodeExact, fieldOf } from "../../engine/core/exact-bson.ts";
import { serverReason } from "../../engine/core/server-reason.ts";
import type { Environment } from "../../config/environment.ts";
import { configName } from "../../engine/open-clusters.ts";
import type { Definition } from "../../stages/definition.ts";
import type { QueuedLetter } from "./queues.ts";
import type { FoundCluster, RemoteClusters } from "../../deploy/clusters/open-remote-clusters.ts";

/**
 * What became of a letter. `applied` is written to the sink; `already applied` had been, so that the letter is done; `too late`: events
 * after it were applied, so that the guard lets it not through; `fails`: the stages fail for it still; `gone`: its event is not stored any
 * more; `refused`: asp cannot put it through again.
 */
export type Outcome = "applied" | "already applied" | "too late" | "fails" | "gone" | "refused";

export interface RedrivenLetter {
  readonly id: string;
  readonly processor: string;
  readonly outcome: Outcome;
  readonly reason?: string;
}

export interface RedriveOptions {
  readonly definitions: readonly Definition[];
  readonly environment: Environment;
  readonly clusters: RemoteClusters;
  /** False: nothing is written, and what would become of the letters is said. */
  readonly writes: boolean;
  /** Letters that are done are deleted, in place of being marked. */
  readonly deletes: boolean;
  readonly now: Date;
  readonly signal: AbortSignal;
}

interface Prepared extends QueuedLetter {
  readonly plan: Redriving & { readonly kind: "possible" };
  readonly sink: MongoClient;
  /** What comes out of the stages. */
  readonly outputs: readonly Document[];
  readonly version: number | undefined;
}

/** Puts the stored events of letters through the stages of their processors again: all stages first, then the writes in the order of versions. */
export async function redriveLetters(
  letters: readonly QueuedLetter[],
  options: RedriveOptions,
): Promise<readonly RedrivenLetter[]> {
  const done = new Map<Letter, Early>();
  const plans = new Map(options.definitions.map((each) => [each.name, planRedriving(each)] as const));
  const prepared: Prepared[] = [];
  for (const queued of letters) {
    options.signal.throwIfAborted();
    const result = await prepare(queued, plans.get(queued.letter.processor), options);
    if ("outcome" in result) done.set(queued.letter, result);
    else prepared.push({ ...queued, ...result });
  }
  // The order of letters is that of their failing; where events have versions, those decide.
  const ordered = prepared.toSorted((a, b) => (a.version ?? 0) - (b.version ?? 0));
  const stamps = new Map<string, unknown>();
  for (const each of ordered) {
    options.signal.throwIfAborted();
    done.set(each.letter, await apply(each, stamps, options));
  }
  return letters.map((queued) => ({
    id: shownId(queued.letter.id),
    processor: queued.letter.processor,
    ...(done.get(queued.letter) ?? { outcome: "refused" as const }),
  }));
}

type Early = { readonly outcome: Outcome; readonly reason?: string };

async function prepare(
  { letter }: QueuedLetter,
  plan: Redriving | undefined,
  { environment, clusters }: RedriveOptions,
): Promise<Early | Omit<Prepared, keyof QueuedLetter>> {
  const { event } = letter;
  if (plan === undefined) return { outcome: "refused", reason: `the project has no processor \`${letter.processor}\`` };
  if (plan.kind === "refused") return { outcome: "refused", reason: plan.reason };
  if (event === undefined) return { outcome: "refused", reason: "it does not say where its event is stored" };
  if (event.operationType === "delete")
    return { outcome: "refused", reason: "its event is that something was deleted" };
  const find = (name: string): Promise<FoundCluster> => clusters.find(configName(environment, name));
  const [source, sink] = [await find(plan.from), await find(plan.to)];
  if (source.client === undefined) return { outcome: "refused", reason: source.finding.message };
  if (sink.client === undefined) return { outcome: "refused", reason: sink.finding.message };
  const stored = source.client.db(event.db).collection<Document>(event.coll);
  if ((await stored.countDocuments({ _id: { $eq: event.id } } as Document, { limit: 1 })) === 0)
    return { outcome: "gone" };
  try {
    const outputs = await readOutputs(source.client, event, plan.pipeline(event));
    const version = versionIn(fieldOf(outputs.at(-1), "_asp"));
    return { plan, sink: sink.client, outputs, version };
  } catch (error) {
    return { outcome: "fails", reason: serverReason(error) };
  }
}

async function readOutputs(client: MongoClient, { db, coll }: StoredEvent, pipeline: readonly Document[]) {
  const found = client
    .db(db)
    .collection(coll)
    .aggregate([...pipeline], { raw: true });
  return (await found.toArray()).map((bytes) => decodeExact(bytes as unknown as Uint8Array));
}

async function apply(each: Prepared, stamps: Map<string, unknown>, options: RedriveOptions): Promise<Early> {
  const { plan, sink, outputs, queue, letter } = each;
  const { db, coll } = plan.into;
  const standings: Standing[] = [];
  for (const output of outputs) {
    const incoming = fieldOf(output, "_asp");
    const id = fieldOf(output, "_id");
    const key = `${db}.${coll} ${toEjson(id)}`;
    // Without writing, what was put through before stands only here.
    const stored = stamps.get(key) ?? (await readStamp(sink, plan.into, id));
    const standing = compareStamps(incoming, stored);
    standings.push(standing);
    if (standing === "newer") stamps.set(key, incoming);
  }
  const isDone = standings.length > 0 && standings.every((standing) => standing === "same");
  const isLate = standings.includes("older");
  if (standings.some((standing) => standing === "newer" || standing === "unguarded") && options.writes) {
    try {
      await write(sink, db, outputs, plan.merge);
    } catch (error) {
      return { outcome: "fails", reason: serverReason(error) };
    }
  }
  if (isLate) return { outcome: "too late", reason: `events after it were applied to \`${db}.${coll}\`` };
  if (options.writes) {
    const one = { _id: letter.id } as Document;
    await (options.deletes
      ? queue.collection.deleteOne(one)
      : queue.collection.updateOne(one, { $set: { "_asp.redriven": options.now } }));
  }
  if (outputs.length === 0) return { outcome: "applied", reason: "nothing comes out of its stages" };
  if (isDone) return { outcome: "already applied" };
  // At least once: nothing tells whether it had been applied, by a part of its processor or before.
  return standings.includes("unguarded")
    ? { outcome: "applied", reason: "no guard: once more, if it was before" }
    : { outcome: "applied" };
}

async function readStamp(client: MongoClient, into: { readonly db: string; readonly coll: string }, id: unknown) {
  const query = { _id: { $eq: id } } as Document;
  const stored = await client
    .db(into.db)
    .collection(into.coll)
    .findOne(query, { projection: { _asp: 1 }, promoteValues: false });
  return fieldOf(stored, "_asp");
}

/** The documents are constants, whatever is in them. */
async function write(client: MongoClient, db: string, outputs: readonly Document[], merge: Document): Promise<void> {
  if (outputs.length === 0) return;
  await client
    .db(db)
    .aggregate([{ $documents: { $literal: outputs } }, merge])
    .toArray();
}
