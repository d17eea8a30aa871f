import { serialize } from "bson";
import type { Document } from "bson";
import { bsonTypes } from "../core/bson-fields.ts";

/** A document that waits in a window, without its place. */
export interface KeptElement {
  readonly timeMs: number;
  readonly document: Uint8Array;
  readonly stream: Uint8Array | undefined;
}

/** The bytes of what `{$meta: "stream"}` gives; of nothing where nobody asks for it. */
export function streamBytes(stream: Document | undefined): Uint8Array | undefined {
  return stream === undefined ? undefined : serialize(stream);
}

/** So many bytes an element takes in an array, but for its number there. */
export function sizeOf({ document, stream }: Omit<KeptElement, "timeMs">): number {
  return ofElement + document.length + (stream === undefined ? 0 : ofField + stream.length);
}

/**
 * An array of documents `{t, d, m}` as BSON: thousands of them a second are not made into objects, to be taken apart by the driver.
 *
 * @returns the bytes of the array, without a type and a name before them
 */
export function writeElements(elements: readonly KeptElement[]): Uint8Array {
  let length = 4 + 1;
  let index = 0;
  for (const element of elements) {
    length += 2 + digitsOf(index) + sizeOf(element);
    index += 1;
  }
  const bson = Buffer.allocUnsafe(length);
  bson.writeInt32LE(length, 0);
  let at = 4;
  index = 0;
  for (const element of elements) {
    bson[at] = bsonTypes.document;
    at += 1 + bson.write(String(index), at + 1, "latin1");
    bson[at] = 0;
    at = writeElement(bson, at + 1, element);
    index += 1;
  }
  bson[at] = 0;
  return bson;
}

function writeElement(bson: Buffer, start: number, element: KeptElement): number {
  const end = start + sizeOf(element);
  bson.writeInt32LE(end - start, start);
  let at = writeName(bson, start + 4, bsonTypes.date, name.t);
  const timeMs = Math.trunc(element.timeMs);
  bson.writeInt32LE(timeMs | 0, at);
  bson.writeInt32LE(Math.floor(timeMs / 2 ** 32), at + 4);
  at = writeName(bson, at + 8, bsonTypes.document, name.d);
  bson.set(element.document, at);
  at += element.document.length;
  if (element.stream !== undefined) {
    at = writeName(bson, at, bsonTypes.document, name.m);
    bson.set(element.stream, at);
  }
  bson[end - 1] = 0;
  return end;
}

function writeName(bson: Buffer, at: number, type: number, letter: number): number {
  bson[at] = type;
  bson[at + 1] = letter;
  bson[at + 2] = 0;
  return at + ofField;
}

const name = { t: 0x74, d: 0x64, m: 0x6d } as const;
/** Type, letter and zero. */
const ofField = 3;
/** The length and the zero at the end, the time, and what stands before the document. */
const ofElement = 4 + 1 + (ofField + 8) + ofField;

function digitsOf(index: number): number {
  return String(index).length;
}
