import { deserialize, onDemand } from "bson";
import type { DeserializeOptions, Document } from "bson";

/** Nothing is promoted, so that what is written back has the types that were read: 5.0 stays a double. */
export const exactTypes: DeserializeOptions & { readonly promoteValues: false } = {
  promoteValues: false,
  promoteLongs: false,
  promoteBuffers: false,
  bsonRegExp: true,
  validation: { utf8: false },
};

/**
 * Reads a BSON document so that writing it again gives the same bytes.
 *
 * A JavaScript object moves integer-like keys to the front; documents that have them come as Maps, which the driver writes in
 * order.
 */
export function decodeExact(bytes: Uint8Array): Document {
  const document = deserialize(bytes, exactTypes);
  return hasReorderedKeys(document) ? decodeOrdered(bytes) : document;
}

/** Reads a field of a decoded document, be it an object or a Map. */
export function fieldOf(document: unknown, name: string): unknown {
  if (document instanceof Map) return document.get(name);
  return typeof document === "object" && document !== null ? (document as Record<string, unknown>)[name] : undefined;
}

function hasReorderedKeys(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return value.some(hasReorderedKeys);
  if (value instanceof Date) return false;
  // The library makes a class of `{$ref, $id}`, with an order of its own, and takes a field named `_bsontype` for one of its types.
  if ("_bsontype" in value) return Object.hasOwn(value, "_bsontype") || value._bsontype === "DBRef";
  for (const key in value) {
    // Only the first can tell: JavaScript puts integer-like keys before all others.
    const first = key.charCodeAt(0);
    if (first >= 0x30 && first <= 0x39) return true;
    break;
  }
  for (const key in value) if (hasReorderedKeys((value as Record<string, unknown>)[key])) return true;
  return false;
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
const stringType = 2;
const dateType = 9;
const objectType = 3;
const arrayType = 4;

function decodeOrdered(bytes: Uint8Array): Map<string, unknown> {
  const result = new Map<string, unknown>();
  for (const [type, nameOffset, nameLength, offset, length] of onDemand.parseToElements(bytes)) {
    const name = utf8.decode(bytes.subarray(nameOffset, nameOffset + nameLength));
    const value = bytes.subarray(offset, offset + length);
    result.set(name, decodeValue(type, value));
  }
  return result;
}

/** Reads one value, of the type that the byte before its name says. */
export function decodeValue(type: number, value: Uint8Array): unknown {
  if (type === objectType) return decodeExact(value);
  // Keys, types and times are read of every event, and one by one.
  if (type === stringType) return utf8.decode(value.subarray(4, -1));
  if (type === dateType) return new Date(Number(new DataView(value.buffer, value.byteOffset).getBigInt64(0, true)));
  if (type === arrayType) return [...decodeOrdered(value).values()];
  // One element named "v" in a document of its own: the library reads every other type.
  const single = new Uint8Array(4 + 1 + 2 + value.length + 1);
  new DataView(single.buffer).setInt32(0, single.length, true);
  single[4] = type;
  single[5] = 0x76;
  single.set(value, 7);
  return deserialize(single, exactTypes)["v"];
}
