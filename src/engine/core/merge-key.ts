import { Decimal128, EJSON } from "bson";

/**
 * A text that is equal for values that `$merge` would match with one another: 1, 1.0 and NumberLong(1) are one key.
 *
 * Two equal texts may still be different keys to the server only where it would tell apart what we cannot (no known case);
 * different texts are never the same key under the simple collation.
 */
export function mergeKey(value: unknown): string {
  if (typeof value === "string") return `s${value}`;
  if (typeof value === "number" || typeof value === "bigint") return `n${value}`;
  if (value instanceof Date) return `d${value.getTime()}`;
  if (Array.isArray(value)) return `[${value.map(mergeKey).join("\u0000,")}]`;
  if (value instanceof Map)
    return `{${[...value].map(([key, item]) => `${key}\u0000:${mergeKey(item)}`).join("\u0000,")}}`;
  if (typeof value !== "object" || value === null) return `e${String(value)}`;
  if (!("_bsontype" in value)) return mergeKey(new Map(Object.entries(value)));
  return bsonKey(value as BsonValue);
}

/** Told apart by name and not by class: the driver and this package may each have a copy of the library. */
function bsonKey(value: BsonValue): string {
  switch (value._bsontype) {
    case "ObjectId":
      return `o${String(value)}`;
    case "Int32":
    case "Double":
      return `n${Number(value)}`;
    case "Long":
      return `n${String(value)}`;
    case "Decimal128":
      return `n${plainDecimal(String(value))}`;
    default:
      return `e${EJSON.stringify({ v: value }, { relaxed: false })}`;
  }
}

interface BsonValue {
  readonly _bsontype: string;
}

/** 1E+2 and 100 and 100.0 are one number; what a double cannot hold keeps its digits. */
function plainDecimal(text: string): string {
  const number = Number(text);
  return Number.isSafeInteger(number) || Decimal128.fromString(String(number)).toString() === text
    ? String(number)
    : text;
}
