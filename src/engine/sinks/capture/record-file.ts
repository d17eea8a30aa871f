import { open, type FileHandle } from "node:fs/promises";

/** One record of a file that is being collected. */
export interface FileRecord {
  readonly bytes: Uint8Array;
  /** What it counts for where files are cut by bytes. */
  readonly weight: number;
}

/** A record with the place in the file where it ends. */
export interface ReadRecord extends FileRecord {
  readonly end: number;
}

const headBytes = 8;
const blockBytes = 1024 * 1024;

/** Records as bytes, one after the other: each with its length and its weight before it, as little-endian 32-bit numbers. */
export function packRecords(records: readonly FileRecord[]): Uint8Array {
  const length = records.reduce((sum, { bytes }) => sum + headBytes + bytes.length, 0);
  const packed = new Uint8Array(length);
  const view = new DataView(packed.buffer);
  let at = 0;
  for (const { bytes, weight } of records) {
    view.setUint32(at, bytes.length, true);
    view.setUint32(at + 4, weight, true);
    packed.set(bytes, at + headBytes);
    at += headBytes + bytes.length;
  }
  return packed;
}

/** Reads records one after the other. What a crash has cut off, or left as zeros, ends them. */
export async function* readRecords(path: string): AsyncGenerator<ReadRecord> {
  const file = await open(path, "r");
  try {
    let rest = new Uint8Array();
    let end = 0;
    for (let at = 0; ;) {
      const block = await readBlock(file, at);
      if (block.length === 0) return;
      at += block.length;
      rest = concatenate(rest, block);
      let from = 0;
      while (rest.length - from >= headBytes) {
        const view = new DataView(rest.buffer, rest.byteOffset + from);
        const length = view.getUint32(0, true);
        if (length === 0) return;
        if (rest.length - from < headBytes + length) break;
        const bytes = rest.slice(from + headBytes, from + headBytes + length);
        from += headBytes + length;
        end += headBytes + length;
        yield { bytes, weight: view.getUint32(4, true), end };
      }
      rest = rest.slice(from);
    }
  } finally {
    await file.close();
  }
}

async function readBlock(file: FileHandle, at: number): Promise<Uint8Array> {
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(blockBytes), 0, blockBytes, at);
  return buffer.subarray(0, bytesRead);
}

function concatenate(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
