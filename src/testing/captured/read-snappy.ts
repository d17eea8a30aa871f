import { crc32c } from "../../engine/core/formats/crc32c.ts";

/** Bytes of the framing format of Snappy, as they were before. @throws Error where they are not of it */
export function readSnappy(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const blocks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const type = view.getUint8(at);
    const end = at + 4 + (view.getUint16(at + 1, true) | (view.getUint8(at + 3) << 16));
    if (end > bytes.length) throw new Error("a frame of Snappy is cut off");
    if (type === frames.compressed || type === frames.plain) {
      const body = bytes.subarray(at + 8, end);
      const block = type === frames.compressed ? readBlock(body) : body;
      if (maskOf(crc32c(block)) !== view.getUint32(at + 4, true)) throw new Error("a frame of Snappy is damaged");
      blocks.push(block);
    } else if (type < frames.firstToSkip) throw new Error(`no frame of Snappy has type ${type}`);
    at = end;
  }
  return Buffer.concat(blocks);
}

const frames = { compressed: 0x00, plain: 0x01, firstToSkip: 0x80 };

function maskOf(checksum: number): number {
  return (((checksum >>> 15) | (checksum << 17)) + 0xa282ead8) >>> 0;
}

/** One block: its length, then literals and copies of what came before. */
function readBlock(input: Uint8Array): Uint8Array {
  let at = 0;
  const number = (bytes: number): number => {
    let value = 0;
    for (let index = 0; index < bytes; index += 1) value |= (input[at + index] ?? 0) << (8 * index);
    at += bytes;
    return value >>> 0;
  };
  let length = 0;
  for (let shift = 0, more = true; more; shift += 7) {
    const byte = number(1);
    length |= (byte & 0x7f) << shift;
    more = byte >= 0x80;
  }
  const output = new Uint8Array(length);
  let filled = 0;
  while (at < input.length) {
    const tag = number(1);
    const kind = tag & 3;
    if (kind === 0) {
      const short = tag >>> 2;
      const size = 1 + (short < 60 ? short : number(short - 59));
      output.set(input.subarray(at, at + size), filled);
      at += size;
      filled += size;
      continue;
    }
    const size = kind === 1 ? 4 + ((tag >>> 2) & 7) : 1 + (tag >>> 2);
    const offset = kind === 1 ? ((tag >>> 5) << 8) | number(1) : number(kind === 2 ? 2 : 4);
    // Byte by byte: a copy may reach into itself.
    for (let index = 0; index < size; index += 1, filled += 1) output[filled] = output[filled - offset] ?? 0;
  }
  return output;
}
