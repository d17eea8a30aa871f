import { serialize } from "bson";
import { bsonTypes, createFieldFinder, documentIn, spliceField, type BsonField } from "./bson-fields.ts";

/** A value in the bytes that it has in a document. */
export interface BsonValue {
  /** The type byte of the BSON specification. */
  readonly type: number;
  readonly bytes: Uint8Array;
}

/** Puts a value at a path of documents. */
export type PathSetter = (bson: Uint8Array, value: BsonValue) => Uint8Array;

/**
 * A setter for a dotted path, as the `as` of a server's `$lookup` sets it: a field that is there keeps its place, and what stands on
 * the way and is no document becomes one.
 */
export function createPathSetter(path: string): PathSetter {
  const [first = "", ...rest] = path.split(".");
  const find = createFieldFinder(first);
  if (rest.length === 0) return (bson, value) => spliceField(bson, find(bson), elementOf(first, value));
  const setBelow = createPathSetter(rest.join("."));
  return (bson, value) => {
    const field = find(bson);
    const bytes = setBelow(documentIn(bson, field) ?? emptyDocument, value);
    return spliceField(bson, field, elementOf(first, { type: bsonTypes.document, bytes }));
  };
}

/** The value of a field. The bytes are not copied. */
export function valueIn(bson: Uint8Array, { type, offset, end }: BsonField): BsonValue {
  return { type, bytes: bson.subarray(offset, end) };
}

/** A value of JavaScript as BSON; throws a RangeError for what is too large or too deep. */
export function toBsonValue(value: unknown): BsonValue {
  const bson = serialize({ value });
  const field = findValue(bson);
  if (field === undefined) throw new Error("BSON has no such value");
  return valueIn(bson, field);
}

const findValue = createFieldFinder("value");
const emptyDocument = new Uint8Array([5, 0, 0, 0, 0]);

/** A field, as it stands in a document. */
function elementOf(name: string, { type, bytes }: BsonValue): Uint8Array {
  const encoded = new TextEncoder().encode(name);
  const element = new Uint8Array(encoded.length + 2 + bytes.length);
  element[0] = type;
  element.set(encoded, 1);
  element.set(bytes, encoded.length + 2);
  return element;
}
