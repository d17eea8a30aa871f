import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { uncompress } from "snappyjs";
import { crc32c } from "../../src/engine/core/formats/crc32c.ts";

/** A file that a sink has captured, with its path below the folder, slashes between. */
export interface CapturedFile {
  readonly path: string;
  readonly bytes: Buffer;
}

/** The files that readers see below a folder, by path: hidden ones are the engine's own. */
export function readCaptured(dir: string): readonly CapturedFile[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { recursive: true, withFileTypes: true, encoding: "utf8" })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path: path.slice(dir.length + 1).replaceAll("\\", "/"), bytes: readFileSync(path) }))
    .filter(({ path }) => !path.split("/").some((name) => name.startsWith(".")))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** Reads the framing format of Snappy by its description; its blocks by another implementation. */
export function readSnappyFrames(bytes: Buffer): Buffer {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const type = bytes[at];
    const body = bytes.subarray(at + 4, at + 4 + bytes.readUIntLE(at + 1, 3));
    at += 4 + body.length;
    if (type === 0xff) {
      if (body.toString() !== "sNaPpY") throw new Error("not a stream of Snappy");
      continue;
    }
    if (type !== 0 && type !== 1) throw new Error(`a frame of type ${type}`);
    const block = type === 0 ? uncompress(body.subarray(4)) : body.subarray(4);
    const unmasked = (body.readUInt32LE(0) - 0xa282ead8) >>> 0;
    if (((unmasked >>> 17) | (unmasked << 15)) >>> 0 !== crc32c(block)) throw new Error("the checksum does not fit");
    parts.push(block);
  }
  return Buffer.concat(parts);
}
