import { mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { makeFolder } from "../mongod/make-folder.ts";

/** So many files stay, those that were written last; who still needs another one writes it once more. */
const most = 20;

/** Behind the bytes: a file may be there and hold nothing that was written to it, as after a power failure. */
const sumBytes = 4;

/** What was kept under a name, if it is there and whole. */
export function readKept(folder: string, name: string): Buffer | undefined {
  try {
    const file = readFileSync(join(folder, name));
    const bytes = file.subarray(0, -sumBytes);
    return file.readUInt32LE(bytes.length) === crc32(bytes) ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps bytes under a name, whole or not at all, and drops what is old. A folder that cannot be written to is no failure. */
export function keepFile(folder: string, name: string, bytes: Buffer): void {
  try {
    makeFolder(folder);
    // Another process may be writing the same.
    const beside = mkdtempSync(join(folder, "new-"));
    try {
      const sum = Buffer.alloc(sumBytes);
      sum.writeUInt32LE(crc32(bytes));
      writeFileSync(join(beside, name), Buffer.concat([bytes, sum]));
      renameSync(join(beside, name), join(folder, name));
    } finally {
      rmSync(beside, { recursive: true, force: true });
    }
    const files = readdirSync(folder).map((other) => join(folder, other));
    const byAge = files.map((path) => ({ path, at: statSync(path).mtimeMs })).toSorted((a, b) => b.at - a.at);
    for (const { path } of byAge.slice(most)) rmSync(path, { recursive: true, force: true });
  } catch {
    // The next start is as slow as this one was.
  }
}
