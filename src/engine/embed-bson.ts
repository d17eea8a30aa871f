import type { Document } from "bson";
import { BSON, ObjectId } from "mongodb";
import { bsonTypes } from "./core/bson-fields.ts";
import { decodeExact, decodeValue } from "./core/exact-bson.ts";

/**
 * A document in a command that is BSON already: the driver writes these very bytes. So what has been read by one command goes into
 * the next without being taken apart and put together.
 */
export function embedBson(bson: Uint8Array): Document {
  return canEmbed ? embedded(bsonTypes.document, (buffer, at) => put(bson, buffer, at)) : decodeExact(bson);
}

/** An array that is BSON already. */
export function embedArray(bson: Uint8Array): unknown {
  return canEmbed
    ? embedded(bsonTypes.array, (buffer, at) => put(bson, buffer, at))
    : decodeValue(bsonTypes.array, bson);
}

/** An array of documents, each of which is BSON already. */
export function embedArrayOf(documents: readonly Uint8Array[]): unknown {
  return canEmbed
    ? embedded(bsonTypes.array, (buffer, at) => putArray(documents, buffer, at))
    : documents.map(decodeExact);
}

/** Writes a value into the buffer at an index, and tells the index after it. */
type Put = (buffer: Uint8Array, at: number) => number;

/**
 * The library has no word for bytes that are to be written as they are, but it asks an ObjectId to write itself. The type and the
 * name stand before it by then, so the type is put right.
 */
function embedded(type: number, write: Put): Document {
  const serializeInto = (buffer: Uint8Array, index: number): number => {
    // Before the value stands a zero, before that the name: one of ours, without a byte like the type's.
    const at = buffer.lastIndexOf(objectIdType, index - 2);
    buffer[at] = type;
    return write(buffer, index) - index;
  };
  return Object.assign(Object.create(ObjectId.prototype) as Document, { serializeInto });
}

const objectIdType = 7;

const put = (bson: Uint8Array, buffer: Uint8Array, at: number): number => {
  buffer.set(bson, at);
  return at + bson.length;
};

const putArray = (documents: readonly Uint8Array[], buffer: Uint8Array, start: number): number => {
  let at = start + 4;
  for (const [index, bson] of documents.entries()) {
    buffer[at] = bsonTypes.document;
    at += 1;
    for (const digit of String(index)) {
      buffer[at] = digit.charCodeAt(0);
      at += 1;
    }
    buffer[at] = 0;
    at = put(bson, buffer, at + 1);
  }
  buffer[at] = 0;
  new DataView(buffer.buffer, buffer.byteOffset).setInt32(start, at + 1 - start, true);
  return at + 1;
};

/** It is no promise of the library: where it does not hold, documents are decoded and written anew. */
const canEmbed = ((): boolean => {
  const one = BSON.serialize({ b: 1 });
  const made = {
    document: embedded(bsonTypes.document, (buffer, at) => put(one, buffer, at)),
    array: embedded(bsonTypes.array, (buffer, at) => putArray([one, one], buffer, at)),
  };
  try {
    return (
      Buffer.compare(BSON.serialize(made), BSON.serialize({ document: { b: 1 }, array: [{ b: 1 }, { b: 1 }] })) === 0
    );
  } catch {
    return false;
  }
})();
