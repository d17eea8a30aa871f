import { existsSync } from "node:fs";
import { appendFile, readdir, rm, truncate } from "node:fs/promises";
import { join } from "node:path";
import { toSegment } from "../../core/capture-path.ts";
import { fileNameOf, isDue, isFull } from "../../core/file-policy.ts";
import type { WriteOptions } from "../../core/plan-capture.ts";
import { packRecords, readRecords, type FileRecord } from "./record-file.ts";
import { keepFolder, syncFile, syncFolder, writeRecords, type FileFormat } from "./write-file.ts";

/**
 * The files of one processor's captured output.
 *
 * Documents are collected in a hidden file for each folder, which is on the disk before a checkpoint and outlives a crash; once it
 * is full or its time is up, it is written as it is to be seen, under its own name. So a checkpoint need not wait for a file, and no file
 * is cut short by one.
 */
export interface CaptureStore {
  /** Makes the folders, and goes on with what a crash has left. */
  resume(): Promise<void>;
  /** Collects records for a folder, in order; writes each file that becomes full. */
  append(folder: string, records: readonly FileRecord[]): Promise<void>;
  /** Writes the files whose time is up. */
  writeDue(): Promise<void>;
  /** Writes all of them. */
  writeAll(): Promise<void>;
  /** Resolves once everything collected is on the disk. */
  sync(): Promise<void>;
}

export interface CaptureStoreOptions {
  /** Of the connection. */
  readonly dir: string;
  readonly processor: string;
  readonly format: FileFormat;
  readonly writeOptions: WriteOptions;
  /** Engine time, in milliseconds since the epoch. */
  readonly now: () => number;
}

/** What a hidden file says of itself, as its first record. */
interface Head {
  readonly folder: string;
  /** Of the file that it will be, without the extension. */
  readonly name: string;
  readonly openedAtMs: number;
}

interface Part extends Head {
  readonly path: string;
  count: number;
  bytes: number;
  isSynced: boolean;
}

const utf8 = { encode: new TextEncoder(), decode: new TextDecoder() };

export function createCaptureStore(options: CaptureStoreOptions): CaptureStore {
  const { dir, format, writeOptions, now } = options;
  const processor = toSegment(options.processor);
  const partsDir = join(dir, ".parts", processor);
  const parts = new Map<string, Part>();
  /** Of the last file of each folder. */
  const last = new Map<string, { readonly openedAtMs: number; readonly counter: number }>();
  let nextPart = 0;

  const pathOf = ({ folder, name }: Head): string => join(dir, folder, `${name}${format.extension}`);

  const createHead = (folder: string): Head => {
    const openedAtMs = now();
    const before = last.get(folder);
    let counter = before?.openedAtMs === openedAtMs ? before.counter + 1 : 1;
    const head = (): Head => ({ folder, name: fileNameOf(processor, openedAtMs, counter), openedAtMs });
    while (existsSync(pathOf(head()))) counter += 1;
    last.set(folder, { openedAtMs, counter });
    return head();
  };

  const openPart = async (folder: string): Promise<Part> => {
    const head = createHead(folder);
    nextPart += 1;
    const part: Part = { ...head, path: join(partsDir, `${nextPart}.part`), count: 0, bytes: 0, isSynced: false };
    await appendFile(part.path, packRecords([{ bytes: utf8.encode.encode(JSON.stringify(head)), weight: 0 }]));
    parts.set(folder, part);
    return part;
  };

  const write = async (part: Part): Promise<void> => {
    const temporary = `${part.path}.out`;
    await writeRecords(pathOf(part), bodyOf(part.path), { format, temporary });
    await rm(part.path);
    parts.delete(part.folder);
  };

  const append = async (folder: string, records: readonly FileRecord[]): Promise<void> => {
    for (let from = 0; from < records.length;) {
      const part = parts.get(folder) ?? (await openPart(folder));
      let to = from;
      while (to < records.length && !isFull(part, writeOptions)) {
        part.count += 1;
        part.bytes += records[to]?.weight ?? 0;
        to += 1;
      }
      part.isSynced = false;
      await appendFile(part.path, packRecords(records.slice(from, to)));
      from = to;
      if (isFull(part, writeOptions)) await write(part);
    }
  };

  const resumePart = async (path: string): Promise<void> => {
    let head: Head | undefined;
    let [count, bytes, end] = [0, 0, 0];
    for await (const record of readRecords(path)) {
      ({ end } = record);
      if (head === undefined) {
        head = JSON.parse(utf8.decode.decode(record.bytes)) as Head;
        continue;
      }
      count += 1;
      bytes += record.weight;
    }
    // A crash before its first document, or after it was written.
    if (head === undefined || count === 0 || existsSync(pathOf(head))) return rm(path);
    await truncate(path, end);
    const part: Part = { ...head, path, count, bytes, isSynced: false };
    parts.set(head.folder, part);
    if (isFull(part, writeOptions)) await write(part);
  };

  return {
    resume: async () => {
      await keepFolder(partsDir);
      const names = await readdir(partsDir);
      const isPart = (name: string): boolean => name.endsWith(".part");
      // Half-written files first: a part that is full is written again, under the same temporary name.
      for (const name of names) if (!isPart(name)) await rm(join(partsDir, name));
      for (const name of names.filter(isPart)) {
        nextPart = Math.max(nextPart, Number.parseInt(name, 10));
        await resumePart(join(partsDir, name));
      }
    },
    append,
    writeDue: async () => {
      const nowMs = now();
      await forEachAtOnce(
        [...parts.values()].filter((part) => isDue(part, writeOptions, nowMs)),
        write,
      );
    },
    writeAll: async () => {
      await forEachAtOnce([...parts.values()], write);
    },
    sync: async () => {
      const open = [...parts.values()].filter(({ isSynced }) => !isSynced);
      await forEachAtOnce(open, async (part) => {
        await syncFile(part.path);
        part.isSynced = true;
      });
      if (open.length > 0) await syncFolder(partsDir);
    },
  };
}

async function* bodyOf(path: string): AsyncGenerator<Uint8Array> {
  let isHead = true;
  for await (const { bytes } of readRecords(path)) {
    if (!isHead) yield bytes;
    isHead = false;
  }
}

/** A disk that is waited for has time for others. */
const atOnce = 16;

async function forEachAtOnce<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  // All come to their end before one's failure is told: nobody must write beside what is still on its way.
  const workers = await Promise.allSettled(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  const failed = workers.find(({ status }) => status === "rejected");
  if (failed?.status === "rejected") throw failed.reason;
}
