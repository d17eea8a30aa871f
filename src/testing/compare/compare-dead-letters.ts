import type { BSONRegExp } from "bson";
import { compareValues, comparisonKey, isPlainDocument } from "./compare-values.ts";
import type { StoredDocument } from "./compare-collections.ts";
import type { DocumentDifference } from "./compare-collections.ts";
import type { ValueDifference } from "./difference.ts";
import { matchByContent } from "./match-by-content.ts";

/** An expected dead letter: what it says is compared, what it leaves out is not. */
export interface ExpectedDeadLetter {
  readonly doc?: unknown;
  readonly errInfo?: { readonly reason?: unknown };
  readonly processorName?: unknown;
  readonly operatorName?: unknown;
}

/**
 * What differs between the dead letters that were expected and those that there are, in any order. A reason is a text, or
 * `{$regex, $options?}`. What no two runs have in common (the resume token and the clock of a change event) and `_asp` are
 * left out of `doc` unless the expected one has them.
 *
 * `once`: equal repeats count once on both sides, for runs that hand documents over again.
 */
export function compareDeadLetters(
  expected: readonly ExpectedDeadLetter[],
  actual: readonly StoredDocument[],
  options: { readonly once?: boolean } = {},
): readonly DocumentDifference[] {
  const wanted = options.once ? distinct(expected, comparisonKey) : expected;
  const letters = options.once ? distinct(actual, deadLetterKey) : actual;
  const { missing, extra } = matchByContent<ExpectedDeadLetter, StoredDocument>(wanted, letters, {
    key: (letter) => (letter.doc === undefined ? undefined : docKey(letter.doc)),
    equal: (one, letter) => compareDeadLetter(one, letter).length === 0,
  });
  // A letter of the same document for another reason is easier to read as one difference than as two letters.
  const differences: DocumentDifference[] = [];
  const open = [...extra];
  for (const one of missing) {
    const at = open.findIndex((letter) => one.doc !== undefined && docKey(one.doc) === docKey(letter["doc"]));
    const letter = open[at];
    if (letter === undefined) {
      differences.push({ kind: "missing", path: "", ...idOf(one.doc), expected: one });
      continue;
    }
    open.splice(at, 1);
    for (const difference of compareDeadLetter(one, letter)) {
      differences.push({ ...difference, ...idOf(one.doc), ...processorOf(letter) });
    }
  }
  for (const letter of open) {
    const actual = toExpectedDeadLetter(letter);
    differences.push({ kind: "extra", path: "", ...idOf(letter["doc"]), actual, ...processorOf(letter) });
  }
  return differences;
}

/** A dead letter as a fixture would expect it: nothing in it that another run would not give. */
export function toExpectedDeadLetter(letter: StoredDocument): ExpectedDeadLetter & { readonly doc: unknown } {
  const errInfo = letter["errInfo"];
  return {
    doc: stable(letter["doc"]),
    errInfo: { reason: isPlainDocument(errInfo) ? errInfo["reason"] : undefined },
  };
}

/** The same for two letters that are repeats of each other. */
export function deadLetterKey(letter: StoredDocument): string {
  const { processorName, operatorName } = letter;
  return comparisonKey({ ...toExpectedDeadLetter(letter), processorName, operatorName });
}

function compareDeadLetter(wanted: ExpectedDeadLetter, letter: StoredDocument): readonly ValueDifference[] {
  const differences: ValueDifference[] = [];
  if (wanted.doc !== undefined)
    differences.push(...compareValues(wanted.doc, stable(letter["doc"], wanted.doc), "doc"));
  const errInfo = letter["errInfo"];
  const reason = isPlainDocument(errInfo) ? errInfo["reason"] : undefined;
  const expected = wanted.errInfo?.reason;
  if (expected !== undefined && !matchesReason(expected, reason)) {
    differences.push({ kind: "different", path: "errInfo.reason", expected, actual: reason });
  }
  for (const field of ["processorName", "operatorName"] as const) {
    if (wanted[field] !== undefined) differences.push(...compareValues(wanted[field], letter[field], field));
  }
  return differences;
}

function matchesReason(expected: unknown, reason: unknown): boolean {
  const pattern = toRegExp(expected);
  return pattern === undefined ? expected === reason : typeof reason === "string" && pattern.test(reason);
}

function toRegExp(value: unknown): RegExp | undefined {
  if (value instanceof RegExp) return new RegExp(value.source, value.flags.replace(/[gy]/g, ""));
  if (isBsonRegExp(value)) return new RegExp(value.pattern, value.options.replace(/[^ims]/g, ""));
  if (!isPlainDocument(value) || typeof value["$regex"] !== "string") return undefined;
  return new RegExp(value["$regex"], String(value["$options"] ?? "").replace(/[^ims]/g, ""));
}

/** By name and not by class: the value may come from the driver's copy of the library. */
function isBsonRegExp(value: unknown): value is BSONRegExp {
  return typeof value === "object" && value !== null && "_bsontype" in value && value._bsontype === "BSONRegExp";
}

const volatile = [
  "_id",
  "clusterTime",
  "wallTime",
  "collectionUUID",
  "lsid",
  "txnNumber",
  "_ts",
  "_stream_meta",
  "_asp",
];

/** The document without what differs from run to run, but for the fields that `unless` has. */
function stable(doc: unknown, unless?: unknown): unknown {
  if (!isPlainDocument(doc)) return doc;
  const kept = isPlainDocument(unless) ? unless : {};
  const isEvent = isToken(doc["_id"]) && "operationType" in doc;
  const left = Object.entries(doc).filter(([key]) => {
    if (Object.hasOwn(kept, key) || !volatile.includes(key)) return true;
    return !(
      isEvent ||
      key === "_ts" ||
      key === "_asp" ||
      key === "_stream_meta" ||
      (isToken(doc["_id"]) && key === "_id")
    );
  });
  return Object.fromEntries(left);
}

/** Coarser than what is compared, so that a letter that should match is always among the candidates. */
function docKey(doc: unknown): string {
  if (!isPlainDocument(doc)) return comparisonKey(doc);
  const left = Object.entries(doc).filter(
    ([key, value]) => !volatile.includes(key) || (key === "_id" && !isToken(value)),
  );
  return comparisonKey(Object.fromEntries(left));
}

/** A resume token. */
function isToken(value: unknown): boolean {
  return isPlainDocument(value) && typeof value["_data"] === "string";
}

function processorOf({ processorName }: StoredDocument): { readonly processor?: string } {
  return typeof processorName === "string" ? { processor: processorName } : {};
}

function idOf(doc: unknown): { readonly _id?: unknown } {
  if (!isPlainDocument(doc)) return {};
  const document = isPlainDocument(doc["fullDocument"]) ? doc["fullDocument"] : doc;
  return document["_id"] === undefined ? {} : { _id: document["_id"] };
}

function distinct<T>(values: readonly T[], key: (value: T) => string): readonly T[] {
  const seen = new Set<string>();
  return values.filter((value) => {
    const name = key(value);
    return seen.has(name) ? false : seen.add(name) !== undefined;
  });
}
