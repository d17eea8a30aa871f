/** Bytes of a BSON binary, and what they are. */
export interface BsonBinary {
  readonly bytes: Uint8Array;
  readonly subType: number;
}

/** Reads the values of BSON one after the other, whatever their order: each call goes on where the last one ended. */
export interface BsonReader {
  byte(): number;
  int32(): number;
  uint32(): number;
  int64(): bigint;
  double(): number;
  bytes(count: number): Uint8Array;
  /** A text that ends at a zero. */
  cstring(): string;
  /** A text with its length before it. */
  string(): string;
  binary(): BsonBinary;
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Of this old kind the length stands in front of the bytes a second time. Source: the BSON specification. */
const oldBinary = 2;

/** A reader at the beginning of a document. */
export function createBsonReader(bson: Uint8Array): BsonReader {
  const view = new DataView(bson.buffer, bson.byteOffset, bson.byteLength);
  let at = 0;
  const pass = (count: number): number => {
    const from = at;
    at += count;
    return from;
  };
  const bytes = (count: number): Uint8Array => bson.subarray(at, pass(count) + count);
  const int32 = (): number => view.getInt32(pass(4), true);
  return {
    byte: () => view.getUint8(pass(1)),
    int32,
    uint32: () => view.getUint32(pass(4), true),
    int64: () => view.getBigInt64(pass(8), true),
    double: () => view.getFloat64(pass(8), true),
    bytes,
    cstring: () => {
      const text = utf8.decode(bson.subarray(at, bson.indexOf(0, at)));
      at = bson.indexOf(0, at) + 1;
      return text;
    },
    string: () => utf8.decode(bytes(int32()).subarray(0, -1)),
    binary: () => {
      const length = int32();
      const subType = view.getUint8(pass(1));
      const all = bytes(length);
      return { bytes: subType === oldBinary ? all.subarray(4) : all, subType };
    },
  };
}
