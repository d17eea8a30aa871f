import { compareValues, comparisonKey, isPlainDocument } from "./compare-values.ts";
import type { ValueDifference } from "./difference.ts";
import { matchByContent } from "./match-by-content.ts";

/** A document of a collection, values as BSON types. */
export type StoredDocument = Readonly<Record<string, unknown>>;

/** A difference between two states of one collection; whoever knows adds the processor and the collection's name. */
export interface DocumentDifference extends ValueDifference {
  readonly _id?: unknown;
  /** Known for dead letters, which name theirs. */
  readonly processor?: string;
}

/**
 * What differs between the documents that a collection should hold and those it does.
 *
 * Documents are compared by `_id`, and by content where the expected one has none, in any order. `_asp` and tombstones
 * (documents whose `_asp.deleted` is true) are left out unless the expected document has `_asp`.
 */
export function compareCollections(
  expected: readonly StoredDocument[],
  actual: readonly StoredDocument[],
): readonly DocumentDifference[] {
  const differences: DocumentDifference[] = [];
  const byId = groupBy(actual, (document) => comparisonKey(document["_id"]));
  const taken = new Set<StoredDocument>();
  const missing: StoredDocument[] = [];
  const withId = expected.filter((document) => document["_id"] !== undefined);
  // Ids that differ only in the type of a number share a key: whoever is equal is taken first.
  const later: StoredDocument[] = [];
  for (const wanted of withId) {
    const candidates = byId.get(comparisonKey(wanted["_id"])) ?? [];
    const equal = candidates.find((found) => !taken.has(found) && isSame(wanted, found));
    if (equal === undefined) later.push(wanted);
    else taken.add(equal);
  }
  for (const wanted of later) {
    const candidates = byId.get(comparisonKey(wanted["_id"])) ?? [];
    const found = candidates.find((one) => !taken.has(one) && mayMatch(wanted, one));
    if (found === undefined) {
      missing.push(wanted);
      continue;
    }
    taken.add(found);
    for (const difference of compareDocument(wanted, found)) differences.push({ ...difference, _id: wanted["_id"] });
  }
  const withoutId = expected.filter((document) => document["_id"] === undefined);
  const free = actual.filter((document) => !taken.has(document));
  const matched = matchByContent(withoutId, free, {
    key: contentKey,
    equal: isSame,
  });
  missing.push(...matched.missing);
  for (const document of missing) differences.push({ kind: "missing", path: "", ...id(document), expected: document });
  for (const document of matched.extra) {
    if (!isTombstone(document)) {
      differences.push({ kind: "extra", path: "", ...id(document), actual: withoutAsp(document) });
    }
  }
  return differences;
}

/** A document that a guarded projection left behind when it removed its read model. */
export function isTombstone(document: StoredDocument): boolean {
  const asp = document["_asp"];
  return isPlainDocument(asp) && asp["deleted"] === true;
}

/** The document as its readers see it. */
export function withoutAsp(document: StoredDocument): StoredDocument {
  const { _asp, ...rest } = document;
  return _asp === undefined ? document : rest;
}

function isSame(wanted: StoredDocument, found: StoredDocument): boolean {
  return mayMatch(wanted, found) && compareDocument(wanted, found).length === 0;
}

/** A tombstone is a document for those only who expect `_asp`. */
function mayMatch(wanted: StoredDocument, found: StoredDocument): boolean {
  return hasAsp(wanted) || !isTombstone(found);
}

function compareDocument(wanted: StoredDocument, found: StoredDocument): readonly ValueDifference[] {
  const seen = hasAsp(wanted) ? found : withoutAsp(found);
  if (wanted["_id"] !== undefined) return compareValues(wanted, seen);
  const { _id, ...content } = seen;
  return compareValues(wanted, content);
}

function contentKey(document: StoredDocument): string {
  const { _id, _asp, ...content } = document;
  return comparisonKey(content);
}

function hasAsp(document: StoredDocument): boolean {
  return document["_asp"] !== undefined;
}

function id(document: StoredDocument): { readonly _id?: unknown } {
  return document["_id"] === undefined ? {} : { _id: document["_id"] };
}

function groupBy<T>(values: readonly T[], key: (value: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const name = key(value);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [value]);
    else group.push(value);
  }
  return groups;
}
