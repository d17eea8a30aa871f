import { createWriteStream } from "node:fs";
import { open, rename } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { Compression } from "../../core/plan-capture.ts";
import { snappyBlockBytes, snappyFrame, snappyHeader } from "../../core/formats/snappy.ts";
import { makeFolder } from "../../../mongod/make-folder.ts";

/** How the records of a file are written. */
export interface FileFormat {
  /** With its dot. */
  readonly extension: string;
  /** Between two records, and after the last where {@link isTerminated}. */
  readonly delimiter: string;
  readonly isTerminated: boolean;
  readonly compression: Compression;
  readonly compressionLevel: number;
}

export interface WriteFileOptions {
  readonly format: FileFormat;
  /** Written first, and renamed when all is on the disk: a reader never sees half a file. */
  readonly temporary: string;
}

/** Writes records into a file, which is on the disk when this resolves. */
export async function writeRecords(
  path: string,
  records: AsyncIterable<Uint8Array>,
  { format, temporary }: WriteFileOptions,
): Promise<void> {
  const source = Readable.from(joined(records, format), { objectMode: true, highWaterMark: 16 });
  const file = createWriteStream(temporary);
  switch (format.compression) {
    case "none":
      await pipeline(source, file);
      break;
    case "gzip":
      await pipeline(source, createGzip({ level: format.compressionLevel }), file);
      break;
    case "snappy":
      await pipeline(source, snappyFrames, file);
      break;
  }
  await syncFile(temporary);
  await keepFolder(dirname(path));
  await rename(temporary, path);
  await syncFolder(dirname(path));
}

async function* joined(
  records: AsyncIterable<Uint8Array>,
  { delimiter, isTerminated }: FileFormat,
): AsyncGenerator<Uint8Array> {
  const between = new TextEncoder().encode(delimiter);
  let isFirst = true;
  for await (const record of records) {
    if (!isFirst && between.length > 0) yield between;
    isFirst = false;
    yield record;
  }
  if (isTerminated && !isFirst) yield between;
}

async function* snappyFrames(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield snappyHeader;
  const block = new Uint8Array(snappyBlockBytes);
  let filled = 0;
  for await (const bytes of source) {
    for (let at = 0; at < bytes.length;) {
      const part = bytes.subarray(at, at + snappyBlockBytes - filled);
      block.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled === snappyBlockBytes) {
        yield snappyFrame(block);
        filled = 0;
      }
    }
  }
  if (filled > 0) yield snappyFrame(block.subarray(0, filled));
}

/** A folder with those above it, on the disk. */
export async function keepFolder(path: string): Promise<void> {
  const first = makeFolder(path);
  if (first === undefined) return;
  for (let at = resolve(path); at.length >= first.length; at = dirname(at)) await syncFolder(dirname(at));
}

/** Waits until what a file holds is on the disk. */
export async function syncFile(path: string): Promise<void> {
  const file = await open(path, "r+");
  try {
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** Waits until the names in a folder are on the disk, where the system can tell. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r").catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}
