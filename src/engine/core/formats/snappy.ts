import { crc32c } from "./crc32c.ts";

/**
 * Compresses in the framing format of Snappy: a stream of blocks, each with its checksum, that readers of `.sz` files take.
 *
 * Written here, since it is short, and packages for it are binaries or write single blocks only.
 *
 * Source: the descriptions of the format and of its framing, github.com/google/snappy.
 */
export const snappyHeader: Uint8Array = new Uint8Array([0xff, 6, 0, 0, 0x73, 0x4e, 0x61, 0x50, 0x70, 0x59]);

/** A frame holds at most so many bytes of input. */
export const snappyBlockBytes = 65_536;

/** One frame of at most {@link snappyBlockBytes} of input, compressed where that makes it smaller. */
export function snappyFrame(block: Uint8Array): Uint8Array {
  const compressed = compressSnappy(block);
  const isSmaller = compressed.length < block.length;
  const body = isSmaller ? compressed : block;
  const frame = new Uint8Array(8 + body.length);
  const view = new DataView(frame.buffer);
  const length = body.length + 4;
  frame[0] = isSmaller ? 0x00 : 0x01;
  view.setUint16(1, length & 0xffff, true);
  view.setUint8(3, length >>> 16);
  view.setUint32(4, maskedChecksum(block), true);
  frame.set(body, 8);
  return frame;
}

/** A checksum beside the bytes that it is of would be a poor one of both together; so the format turns it. */
function maskedChecksum(block: Uint8Array): number {
  const checksum = crc32c(block);
  return (((checksum >>> 15) | (checksum << 17)) + 0xa282ead8) >>> 0;
}

const hashBits = 14;
const shortestCopy = 4;

/** Compresses one block by itself, of at most {@link snappyBlockBytes}. */
export function compressSnappy(input: Uint8Array): Uint8Array {
  const output = createOutput(input.length);
  output.length(input.length);
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  // Where four bytes with this hash were seen last; 0 is as good as nowhere, as they are compared.
  const seen = new Uint16Array(1 << hashBits);
  let literalFrom = 0;
  let at = 1;
  while (at + shortestCopy <= input.length) {
    const four = view.getUint32(at, true);
    const hash = Math.imul(four, 0x1e35a7bd) >>> (32 - hashBits);
    const from = seen[hash] ?? 0;
    seen[hash] = at;
    if (from >= at || view.getUint32(from, true) !== four) {
      at += 1;
      continue;
    }
    let length = shortestCopy;
    while (at + length < input.length && input[from + length] === input[at + length]) length += 1;
    output.literal(input.subarray(literalFrom, at));
    output.copy(at - from, length);
    at += length;
    literalFrom = at;
  }
  output.literal(input.subarray(literalFrom));
  return output.bytes();
}

interface Output {
  length(value: number): void;
  literal(bytes: Uint8Array): void;
  copy(offset: number, length: number): void;
  bytes(): Uint8Array;
}

function createOutput(inputBytes: number): Output {
  // The worst case of the format: a byte more for each sixty, and the length.
  const buffer = new Uint8Array(32 + inputBytes + Math.ceil(inputBytes / 6));
  let at = 0;
  const byte = (value: number): void => {
    buffer[at] = value;
    at += 1;
  };
  return {
    length: (value) => {
      let rest = value;
      for (; rest >= 0x80; rest >>>= 7) byte((rest & 0x7f) | 0x80);
      byte(rest);
    },
    literal: (bytes) => {
      if (bytes.length === 0) return;
      const length = bytes.length - 1;
      if (length < 60) byte(length << 2);
      else if (length < 0x100) {
        byte(60 << 2);
        byte(length);
      } else {
        byte(61 << 2);
        byte(length & 0xff);
        byte(length >>> 8);
      }
      buffer.set(bytes, at);
      at += bytes.length;
    },
    copy: (offset, length) => {
      for (let left = length; left > 0;) {
        const part = Math.min(left, 64);
        byte(((part - 1) << 2) | 2);
        byte(offset & 0xff);
        byte(offset >>> 8);
        left -= part;
      }
    },
    bytes: () => buffer.subarray(0, at),
  };
}
