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
 * agrees or stands still.
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
  let before = new Map<string, Pair>();
  for (let round = 1; ; round += 1) {
    const differing = new Map<string, Pair>();
    for (const [text, pair] of await readPairs(live, next, ids, signal)) {
      if (differenceOf(text, pair) !== undefined) differing.set(text, pair);
    }
    const standing = [...differing].filter(([text, pair]) => before.get(text)?.text === pair.text);
    if (standing.length === differing.size || round === mostRounds) {
      const differences = standing.flatMap(([text, pair]) => differenceOf(text, pair) ?? []);
      return {
        live: counts[0],
        next: counts[1],
        isWhole,
        compared,
        unsettled: differing.size - standing.length,
        different: differences.length,
        differences: differences.slice(0, shownDifferences),
      };
    }
    for (const text of ids.keys()) if (!differing.has(text)) ids.delete(text);
    before = differing;
    await parts.settle();
  }
}

/** A document of both sides, as it was at one reading. */
interface Pair {
  readonly live: Document | undefined;
  readonly next: Document | undefined;
  /** Of both, `_asp` included: another one where either was written. */
  readonly text: string;
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
    const [olds, news] = [
      await readDocuments(
        live,
        part.map(([, id]) => id),
        signal,
      ),
      await readDocuments(
        next,
        part.map(([, id]) => id),
        signal,
      ),
    ];
    for (const [text] of part) {
      const [old, own] = [olds.get(text), news.get(text)];
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
