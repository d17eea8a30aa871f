import { EJSON } from "bson";
import type { DBRef } from "bson";
import { isNumber, numberKey, numberType, sameNumber } from "./compare-numbers.ts";
import type { ValueDifference } from "./difference.ts";
import { PlainNumber } from "./plain-number.ts";

/**
 * What differs between two BSON values, field by field: fields in any order, arrays in order. A number without a type
 * matches any number of equal value, a number with a type asks for the type too.
 */
export function compareValues(expected: unknown, actual: unknown, path = ""): readonly ValueDifference[] {
  if (isReference(expected) || isReference(actual)) return compareValues(asStored(expected), asStored(actual), path);
  if (isPlainDocument(expected) && isPlainDocument(actual)) return compareDocuments(expected, actual, path);
  if (Array.isArray(expected) && Array.isArray(actual)) return compareArrays(expected, actual, path);
  return sameScalar(expected, actual) ? [] : [{ kind: "different", path, expected, actual }];
}

/** A key that all values share which {@link compareValues} could find equal. */
export function comparisonKey(value: unknown): string {
  if (isNumber(value)) return `n${numberKey(value)}`;
  if (Array.isArray(value)) return `[${value.map(comparisonKey).join()}]`;
  if (isReference(value)) return comparisonKey(asStored(value));
  if (!isPlainDocument(value)) return scalarKey(value);
  const keys = Object.keys(value).filter((key) => value[key] !== undefined);
  return `{${keys
    .toSorted()
    .map((key) => `${JSON.stringify(key)}:${comparisonKey(value[key])}`)
    .join()}}`;
}

/** A document as opposed to a BSON value that JavaScript shows as an object. */
export function isPlainDocument(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  if (value instanceof PlainNumber || "_bsontype" in value) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || isForeignObject(prototype);
}

/** The driver's class for what is stored as a document like any other. */
function isReference(value: unknown): value is DBRef {
  return typeof value === "object" && value !== null && "_bsontype" in value && value._bsontype === "DBRef";
}

function asStored(value: unknown): unknown {
  if (!isReference(value)) return value;
  const { collection, oid, db, fields } = value;
  return { $ref: collection, $id: oid, ...(db === undefined ? {} : { $db: db }), ...fields };
}

/** Documents made in another realm (a test runner's) have that realm's Object. */
function isForeignObject(prototype: unknown): boolean {
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, "isPrototypeOf");
}

function compareDocuments(
  expected: Record<string, unknown>,
  actual: Record<string, unknown>,
  path: string,
): readonly ValueDifference[] {
  const differences: ValueDifference[] = [];
  for (const key of Object.keys(expected)) {
    const wanted = expected[key];
    if (wanted === undefined) continue;
    const at = join(path, key);
    if (!has(actual, key)) differences.push({ kind: "missing", path: at, expected: wanted });
    else differences.push(...compareValues(wanted, actual[key], at));
  }
  for (const key of Object.keys(actual)) {
    if (has(actual, key) && !has(expected, key)) {
      differences.push({ kind: "extra", path: join(path, key), actual: actual[key] });
    }
  }
  return differences;
}

function compareArrays(expected: readonly unknown[], actual: readonly unknown[], path: string): ValueDifference[] {
  const differences: ValueDifference[] = [];
  for (let index = 0; index < Math.max(expected.length, actual.length); index++) {
    const at = join(path, String(index));
    if (index >= actual.length) differences.push({ kind: "missing", path: at, expected: expected[index] });
    else if (index >= expected.length) differences.push({ kind: "extra", path: at, actual: actual[index] });
    else differences.push(...compareValues(expected[index], actual[index], at));
  }
  return differences;
}

function sameScalar(expected: unknown, actual: unknown): boolean {
  if (isNumber(expected) && isNumber(actual)) {
    const type = numberType(expected);
    return (type === undefined || type === numberType(actual)) && sameNumber(expected, actual);
  }
  if (isContainer(expected) || isContainer(actual)) return false;
  return scalarKey(expected) === scalarKey(actual);
}

function isContainer(value: unknown): boolean {
  return Array.isArray(value) || isPlainDocument(value);
}

/** The canonical EJSON of what is neither a number nor a container, after its type where EJSON could be mistaken. */
function scalarKey(value: unknown): string {
  if (value === undefined) return "missing";
  if (isNumber(value)) return `n${numberKey(value)}`;
  return EJSON.stringify({ value }, { relaxed: false });
}

function has(document: Record<string, unknown>, key: string): boolean {
  return Object.hasOwn(document, key) && document[key] !== undefined;
}

function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}
