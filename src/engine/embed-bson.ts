import type { Document } from "bson";
import { BSON, ObjectId } from "mongodb";
import { bsonTypes } from "./core/bson-fields.ts";
import { decodeValue } from "./core/exact-bson.ts";

type BsonType = (typeof bsonTypes)[keyof typeof bsonTypes];

/**
 * A document or an array in a command that is already BSON: the driver writes these very bytes. So what has been read from one
 * command goes into the next without being taken apart and put together.
 */
export function embedBson(bson: Uint8Array, type: BsonType = bsonTypes.document): Document {
  return canEmbed ? (new EmbeddedBson(bson, type) as unknown as Document) : (decodeValue(type, bson) as Document);
}

const anyId = new Uint8Array(12);

/**
 * The library has no word for bytes that are to be written as they are, but it asks an ObjectId to write itself. The type and the
 * name stand before it by then, so the type is put right.
 */
class EmbeddedBson extends ObjectId {
  private readonly bson: Uint8Array;
  private readonly type: BsonType;

  constructor(bson: Uint8Array, type: BsonType) {
    super(anyId);
    this.bson = bson;
    this.type = type;
  }

  serializeInto(buffer: Uint8Array, index: number): number {
    // Before the value stands a zero, before that the name, whose bytes are none of the type.
    let at = index - 2;
    while (buffer[at] !== objectIdType) at -= 1;
    buffer[at] = this.type;
    buffer.set(this.bson, index);
    return this.bson.length;
  }
}

const objectIdType = 7;

/** It is no promise of the library: where it does not hold, documents are decoded and written anew. */
const canEmbed = ((): boolean => {
  const embedded = {
    a: new EmbeddedBson(BSON.serialize({ b: 1 }), bsonTypes.document),
    c: new EmbeddedBson(BSON.serialize({ 0: "d" }), bsonTypes.array),
  };
  try {
    return Buffer.compare(BSON.serialize(embedded), BSON.serialize({ a: { b: 1 }, c: ["d"] })) === 0;
  } catch {
    return false;
  }
})();
