import type { Document } from "bson";
import { serialize } from "bson";
import { decodeValue } from "./exact-bson.ts";

/** Where a field stands in the bytes of a document. */
export interface BsonField {
  /** The type byte of the BSON specification. */
  readonly type: number;
  /** Of the element with its type and name. */
  readonly start: number;
  /** Of the value, which reaches to `end`. */
  readonly offset: number;
  readonly end: number;
}

/** Finds a field of documents, or of the document within one that begins at `offset`, without reading the others. */
export type FieldFinder = (bson: Uint8Array, offset?: number) => BsonField | undefined;

/** A finder for the top-level field `name`; the name is encoded once. */
export function createFieldFinder(name: string): FieldFinder {
  const wanted = utf8.encode(name);
  return (bson, from = 0) => {
    let start = from + lengthBytes;
    for (;;) {
      const type = bson[start] ?? 0;
      if (type === 0) return undefined;
      let at = start + 1;
      let same = 0;
      while (same < wanted.length && bson[at] === wanted[same]) {
        at += 1;
        same += 1;
      }
      const isWanted = same === wanted.length && bson[at] === 0;
      const offset = bson.indexOf(0, at) + 1;
      const end = offset + valueLength(bson, type, offset);
      if (isWanted) return { type, start, offset, end };
      start = end;
    }
  };
}

/** The value of a field, with the type that it has; `undefined` where there is none. */
export function decodeField(bson: Uint8Array, field: BsonField | undefined): unknown {
  return field === undefined ? undefined : decodeValue(field.type, bson.subarray(field.offset, field.end));
}

/** Milliseconds since the epoch of a field that is a date within JavaScript's reach; `undefined` for any other. */
export function dateMsIn(bson: Uint8Array, field: BsonField | undefined): number | undefined {
  if (field?.type !== bsonTypes.date) return undefined;
  // Exact as far as a JavaScript date reaches, and beyond that in any case.
  const timeMs = int32(bson, field.offset + 4) * 2 ** 32 + (int32(bson, field.offset) >>> 0);
  return Math.abs(timeMs) <= mostMs ? timeMs : undefined;
}

/** JavaScript has no dates further from 1970. */
const mostMs = 8.64e15;

/** A field that is a document, as a document of its own; `undefined` for any other field. The bytes are not copied. */
export function documentIn(bson: Uint8Array, field: BsonField | undefined): Uint8Array | undefined {
  return field?.type === bsonTypes.document ? bson.subarray(field.offset, field.end) : undefined;
}

/** The documents of an array, in order; empty for any other field. The bytes are not copied. */
export function documentsIn(bson: Uint8Array, field: BsonField | undefined): readonly Uint8Array[] {
  if (field?.type !== bsonTypes.array) return [];
  const documents: Uint8Array[] = [];
  for (let at = field.offset + lengthBytes; bson[at] === bsonTypes.document;) {
    const offset = bson.indexOf(0, at) + 1;
    at = offset + int32(bson, offset);
    documents.push(bson.subarray(offset, at));
  }
  return documents;
}

/** A copy without the field. */
export function withoutField(bson: Uint8Array, field: BsonField | undefined): Uint8Array {
  return field === undefined
    ? bson
    : assembleDocument(bson.subarray(lengthBytes, field.start), bson.subarray(field.end, -1));
}

/** A copy with other elements in a field's place; without the field, at the end. */
export function spliceField(bson: Uint8Array, field: BsonField | undefined, elements: Uint8Array): Uint8Array {
  const [start, end] = field === undefined ? [bson.length - 1, bson.length - 1] : [field.start, field.end];
  return assembleDocument(bson.subarray(lengthBytes, start), elements, bson.subarray(end, -1));
}

/** A copy with more fields before its own, or after them. */
export function withFields(bson: Uint8Array, fields: Document, place: "before" | "after"): Uint8Array {
  const [own, more] = [bson, serialize(fields)].map((document) => document.subarray(lengthBytes, -1)) as [
    Uint8Array,
    Uint8Array,
  ];
  return place === "before" ? assembleDocument(more, own) : assembleDocument(own, more);
}

/** The bytes of all elements but some. */
export function elementsIn(bson: Uint8Array, without: readonly (BsonField | undefined)[]): readonly Uint8Array[] {
  const parts: Uint8Array[] = [];
  let from = lengthBytes;
  const gaps = without.filter((field) => field !== undefined).toSorted((one, other) => one.start - other.start);
  for (const { start, end } of gaps) {
    parts.push(bson.subarray(from, start));
    from = end;
  }
  return [...parts, bson.subarray(from, -1)];
}

/** The type bytes that are of use here. Source: the BSON specification. */
export const bsonTypes = { document: 3, array: 4, date: 9 } as const;

const utf8 = new TextEncoder();
const lengthBytes = 4;

/** A document of elements, each or several of them as bytes. */
export function assembleDocument(...elements: readonly Uint8Array[]): Uint8Array {
  const length = elements.reduce((sum, part) => sum + part.length, lengthBytes + 1);
  const bson = new Uint8Array(length);
  new DataView(bson.buffer).setInt32(0, length, true);
  let at = lengthBytes;
  for (const part of elements) {
    bson.set(part, at);
    at += part.length;
  }
  return bson;
}

function int32(bson: Uint8Array, at: number): number {
  return (bson[at] ?? 0) | ((bson[at + 1] ?? 0) << 8) | ((bson[at + 2] ?? 0) << 16) | ((bson[at + 3] ?? 0) << 24);
}

/** Source: the BSON specification, bsonspec.org. */
function valueLength(bson: Uint8Array, type: number, offset: number): number {
  switch (type) {
    case 0x01: // double
    case 0x09: // date
    case 0x11: // timestamp
    case 0x12: // long
      return 8;
    case 0x02: // string
    case 0x0d: // code
    case 0x0e: // symbol
      return 4 + int32(bson, offset);
    case 0x03: // document
    case 0x04: // array
    case 0x0f: // code with scope
      return int32(bson, offset);
    case 0x05: // binary
      return 5 + int32(bson, offset);
    case 0x07: // object id
      return 12;
    case 0x08: // boolean
      return 1;
    case 0x0b: // regular expression
      return bson.indexOf(0, bson.indexOf(0, offset) + 1) + 1 - offset;
    case 0x0c: // pointer
      return 16 + int32(bson, offset);
    case 0x10: // int
      return 4;
    case 0x13: // decimal
      return 16;
    default: // null, undefined, the smallest and the largest key
      return 0;
  }
}
