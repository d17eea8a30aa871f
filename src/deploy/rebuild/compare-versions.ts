import type { Document } from "bson";
import type { Collection, MongoClient } from "mongodb";
import { decodeExact } from "../../engine/core/exact-bson.ts";
import { textOf } from "../plan/normal-form.ts";
import type { FieldChange } from "../plan/step.ts";
import { compareDocuments, isTombstone } from "./compare-documents.ts";

/** A read model that is not the same in both versions. */
export interface DocumentDifference {
  /** Extended JSON. */
  readonly _id: string;
  /** `missing`: only the live collection has it; `extra`: only the new one has it. */
  readonly kind: "missing" | "extra" | "different";
  /** Of `different`. */
  readonly fields: readonly FieldChange[];
}

export interface Comparison {
  /** Documents of the live collection, tombstones left out. */
  readonly live: number;
  readonly next: number;
  /** True where every document was compared. */
  readonly isWhole: boolean;
  readonly compared: number;
  /** Documents that were written again and again meanwhile: nothing can be said of them. */
  readonly unsettled: number;
  /** How many differ. */
  readonly different: number;
  /** The first of those. */
  readonly differences: readonly DocumentDifference[];
}

export interface ComparisonParts {
  readonly client: MongoClient;
  readonly db: string;
  readonly live: string;
  readonly next: string;
  /** Resolves when both versions hold everything that had been written when it was called. */
  readonly settle: () => Promise<void>;
  readonly signal: AbortSignal;
}

/** From each side; collections of no more documents are compared whole. */
const sampleSize = 1000;
const shownDifferences = 20;
const mostRounds = 5;
const visible = { "_asp.deleted": { $ne: true } };

/**
 * Compares two versions while both are written: what differs is looked at again after both have come as far as the stream had, until it
 * agrees, stands still, or is shown to have the same events.
 */
export async function compareVersions(parts: ComparisonParts): Promise<Comparison> {
  const { client, db, signal } = parts;
  const [live, next] = [parts.live, parts.next].map((name) => client.db(db).collection(name)) as [
    Collection,
    Collection,
  ];
  await parts.settle();
  const counts = [
    await live.countDocuments(visible, { signal }),
    await next.countDocuments(visible, { signal }),
  ] as const;
  const isWhole = Math.max(...counts) <= sampleSize;
  const ids = new Map<string, unknown>();
  for (const collection of [live, next]) {
    const chosen = isWhole ? [] : [{ $sample: { size: sampleSize } }];
    const stages = [{ $match: visible }, ...chosen, { $project: { _id: 1 } }];
    for await (const bytes of collection.aggregate<Uint8Array>(stages, { raw: true, signal })) {
      const { _id } = asObject(decodeExact(bytes));
      ids.set(textOf(_id), _id as unknown);
    }
  }
  const compared = ids.size;
  const differences: DocumentDifference[] = [];
  let before = new Map<string, Pair>();
  for (let round = 1; ids.size > 0 && round <= mostRounds; round += 1) {
    if (round > 1) await parts.settle();
    const moving = new Map<string, Pair>();
    for (const [text, pair] of await readPairs(live, next, ids, signal)) {
      const difference = differenceOf(text, pair);
      const isSettled = difference === undefined || hasSamePosition(pair) || before.get(text)?.text === pair.text;
      if (!isSettled) moving.set(text, pair);
      else if (difference !== undefined) differences.push(difference);
      if (isSettled) ids.delete(text);
    }
    before = moving;
  }
  return {
    live: counts[0],
    next: counts[1],
    isWhole,
    compared,
    unsettled: ids.size,
    different: differences.length,
    differences: differences.slice(0, shownDifferences),
  };
}

/** A document of both sides, as it was at one reading. */
interface Pair {
  readonly live: Document | undefined;
  readonly next: Document | undefined;
  /** Of both, `_asp` included: another one where either was written. */
  readonly text: string;
}

/** True where both say that the same event was applied last: then a difference is one, however often they are written. */
function hasSamePosition({ live, next }: Pair): boolean {
  const [old, own] = [live, next].map((document) => {
    const { v, s } = (document?.["_asp"] ?? {}) as Document;
    return v === undefined && s === undefined ? undefined : textOf([v ?? null, s ?? null]);
  });
  return old !== undefined && old === own;
}

const idsPerRead = 500;

async function readPairs(
  live: Collection,
  next: Collection,
  ids: ReadonlyMap<string, unknown>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Pair>> {
  const pairs = new Map<string, Pair>();
  const all = [...ids];
  for (let from = 0; from < all.length; from += idsPerRead) {
    const part = all.slice(from, from + idsPerRead);
    const wanted = part.map(([, id]) => id);
    // At once: the less is written between the two readings.
    const [olds, news] = await Promise.all([live, next].map((each) => readDocuments(each, wanted, signal)));
    for (const [text] of part) {
      const [old, own] = [olds?.get(text), news?.get(text)];
      pairs.set(text, { live: old, next: own, text: textOf([old ?? null, own ?? null]) });
    }
  }
  return pairs;
}

async function readDocuments(
  collection: Collection,
  ids: readonly unknown[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Document>> {
  const found = new Map<string, Document>();
  const stages = [{ $match: { _id: { $in: ids } } }];
  for await (const bytes of collection.aggregate<Uint8Array>(stages, { raw: true, signal })) {
    const document = asObject(decodeExact(bytes));
    if (!isTombstone(document)) found.set(textOf(document["_id"]), document);
  }
  return found;
}

/** The order of fields does not count here. */
function asObject(document: Document): Document {
  return document instanceof Map ? (Object.fromEntries(document) as Document) : document;
}

function differenceOf(_id: string, { live, next }: Pair): DocumentDifference | undefined {
  if (live === undefined && next === undefined) return undefined;
  if (live === undefined || next === undefined) {
    return { _id, kind: next === undefined ? "missing" : "extra", fields: [] };
  }
  const fields = compareDocuments(live, next);
  return fields.length === 0 ? undefined : { _id, kind: "different", fields };
}
