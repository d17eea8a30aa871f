import type { Double, Int32 } from "bson";

/**
 * What was read with every type of its own, with plain JavaScript numbers where they are written as the same type again: 5.0 stays a
 * `Double`, since 5 would become an integer.
 */
export function plainNumbers(value: unknown): unknown {
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  if (Array.isArray(value)) return value.map(plainNumbers);
  if ("_bsontype" in value) return plainNumber(value);
  if (value instanceof Map) return new Map([...value].map(([key, one]) => [key, plainNumbers(one)]));
  if (ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plainNumbers(one)]));
}

function plainNumber(value: { readonly _bsontype: unknown }): unknown {
  if (value._bsontype === "Int32") return (value as Int32).value;
  if (value._bsontype !== "Double") return value;
  const number = (value as Double).value;
  const isWrittenAsInt = (number | 0) === number && !Object.is(number, -0);
  return isWrittenAsInt ? value : number;
}
