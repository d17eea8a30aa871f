import type { Double, Int32 } from "bson";

/**
 * What was read with every type of its own, with plain JavaScript numbers where they are written as the same type again: 5.0 stays a
 * `Double`, since 5 would become an integer.
 */
export function plainNumbers(value: unknown): unknown {
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  if (Array.isArray(value)) return value.map(plainNumbers);
  if ("_bsontype" in value) return plainNumber(value);
  if (value instanceof Map) return plainMap(value as ReadonlyMap<string, unknown>);
  if (ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plainNumbers(one)]));
}

/** It stays one only where an object would have its keys in another order, or be taken for a value of BSON. */
function plainMap(map: ReadonlyMap<string, unknown>): unknown {
  const entries = [...map].map(([key, one]) => [key, plainNumbers(one)] as const);
  const isNeeded = entries.some(([key]) => /^\d/u.test(key) || key === "_bsontype");
  return isNeeded ? new Map(entries) : Object.fromEntries(entries);
}

function plainNumber(value: { readonly _bsontype: unknown }): unknown {
  if (value._bsontype === "Int32") return (value as Int32).value;
  if (value._bsontype !== "Double") return value;
  const number = (value as Double).value;
  const isWrittenAsInt = (number | 0) === number && !Object.is(number, -0);
  // As a plain number it would be taken for a slip of JavaScript, and refused.
  return isWrittenAsInt || Number.isNaN(number) ? value : number;
}
