import { fieldOf } from "./exact-bson.ts";

/**
 * What a look-up of a dotted path reads of a decoded document, and nothing else: documents that agree in it find the same.
 *
 * Through an array the path leads into each of its documents; a number in the path may also mean a place in an array, which then
 * stays whole.
 */
export function prunePath(value: unknown, path: readonly string[]): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return value;
  if (Array.isArray(value)) {
    return /^\d+$/.test(name) ? value : value.map((item: unknown) => prunePath(item, path));
  }
  if (!isDocument(value)) return null;
  const field = fieldOf(value, name);
  return field === undefined ? new Map() : new Map([[name, prunePath(field, rest)]]);
}

/** BSON types other than documents are classes with a `_bsontype`; see exact-bson.ts for documents with a field of that name. */
function isDocument(value: unknown): boolean {
  if (value instanceof Map) return true;
  if (typeof value !== "object" || value === null || value instanceof Date || value instanceof Uint8Array) return false;
  return !("_bsontype" in value);
}
