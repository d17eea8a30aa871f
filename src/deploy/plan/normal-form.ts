import { Long } from "bson";
import { toEjson } from "../../compiler/emit/json.ts";

/**
 * A value as it is compared and shown: numbers of one value are the same whatever type they came in (1, 1.0, `Int32`, `Long`), since the
 * service gives them back in a type of its choice. Everything else keeps its type, and keys keep their order.
 */
export function normalForm(value: unknown): unknown {
  if (typeof value === "number") return normalNumber(value);
  if (typeof value === "bigint") return normalInteger(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(normalForm);
  if (value instanceof Date || value instanceof RegExp || ArrayBuffer.isView(value)) return value;
  if ("_bsontype" in value) return normalBson(value);
  if (value instanceof Map) return normalMap(value as ReadonlyMap<string, unknown>);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, normalForm(each)]));
}

/** Two values are the same where this is. */
export function textOf(value: unknown, indent = 0): string {
  return toEjson(normalForm(value), indent);
}

export function isSame(one: unknown, other: unknown): boolean {
  return textOf(one) === textOf(other);
}

function normalBson(value: object & { readonly _bsontype?: unknown }): unknown {
  switch (value._bsontype) {
    case "Int32":
    case "Double":
      return normalNumber((value as { readonly value?: unknown }).value as number);
    case "Long":
      return normalInteger(BigInt(String(value)));
    default:
      return value;
  }
}

/** Above it, not every integer is a JavaScript number. */
const largest = BigInt(Number.MAX_SAFE_INTEGER);

function normalInteger(value: bigint): unknown {
  return value <= largest && value >= -largest ? Number(value) : Long.fromBigInt(value);
}

const int64 = 2 ** 63;

function normalNumber(value: number): unknown {
  if (!Number.isInteger(value)) return value;
  if (value === 0) return 0;
  return Number.isSafeInteger(value) || value < -int64 || value >= int64 ? value : normalInteger(BigInt(value));
}

/** A Map is needed only where an object would have its keys in another order. */
function normalMap(map: ReadonlyMap<string, unknown>): unknown {
  const entries = [...map].map(([key, each]) => [key, normalForm(each)] as const);
  return entries.some(([key]) => /^\d/u.test(key)) ? new Map(entries) : Object.fromEntries(entries);
}
