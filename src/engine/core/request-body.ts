import { EJSON, Long } from "bson";

/**
 * A decoded document as relaxed Extended JSON. Longs that a reader of JSON would round are written as `{"$numberLong": …}`.
 */
export function toRequestBody(document: unknown): string {
  return EJSON.stringify(withExactLongs(document), { relaxed: true });
}

function withExactLongs(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withExactLongs);
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key as unknown, withExactLongs(item)]));
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  if (isLong(value))
    return Number.isSafeInteger(value.toNumber()) ? value : new Map([["$numberLong", value.toString()]]);
  if ("_bsontype" in value) return value;
  return new Map(Object.entries(value).map(([key, item]) => [key, withExactLongs(item)]));
}

/** By name and not by class: the driver and this package may each have a copy of the BSON library. */
function isLong(value: object): value is Long {
  return "_bsontype" in value && value._bsontype === "Long";
}
