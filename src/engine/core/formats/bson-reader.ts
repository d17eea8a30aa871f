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

const shortText = 24;

/** Names and many values are short and plain, and asking the decoder costs more than reading them. */
function textIn(bson: Uint8Array, from: number, end: number): string {
  if (end - from > shortText) return utf8.decode(bson.subarray(from, end));
  let text = "";
  for (let at = from; at < end; at += 1) {
    const byte = bson[at] ?? 0;
    if (byte >= 0x80) return utf8.decode(bson.subarray(from, end));
    text += String.fromCharCode(byte);
  }
  return text;
}

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
      const from = at;
      const end = bson.indexOf(0, at);
      at = end + 1;
      return textIn(bson, from, end);
    },
    string: () => {
      const from = at + 4;
      const end = from + view.getInt32(at, true) - 1;
      at = end + 1;
      return textIn(bson, from, end);
    },
    binary: () => {
      const length = int32();
      const subType = view.getUint8(pass(1));
      const all = bytes(length);
      return { bytes: subType === oldBinary ? all.subarray(4) : all, subType };
    },
  };
}
