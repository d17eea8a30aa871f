import { isDocument } from "./kinds.ts";
import { quote } from "./quote.ts";

/** What a value is, for the end of "must be …, not …". */
export function describeValue(value: unknown): string {
  if (value === undefined) return "undefined";
  if (value === null) return "null";
  if (typeof value === "string") return value === "" ? "an empty text" : `the text ${quote(value)}`;
  if (typeof value === "number" || typeof value === "boolean") return `\`${String(value)}\``;
  if (typeof value === "function") return "a function";
  if (typeof value !== "object") return `a ${typeof value}`;
  if (Array.isArray(value)) return value.length === 0 ? "an empty array" : "an array";
  if (value instanceof Date) return "a date";
  if ("_bsontype" in value) return `a BSON ${String(value._bsontype)}`;
  if (!isDocument(value)) return "a value of another kind";
  const keys = Object.keys(value);
  const [key] = keys;
  if (key === undefined) return "an empty document";
  if (keys.length > 1) return `a document with ${keys.length} keys`;
  return `a document with the key ${quote(key)}`;
}
