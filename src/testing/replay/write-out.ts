import { createWriteStream } from "node:fs";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join, relative, resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { MongoClient } from "mongodb";
import { toEjson } from "../../compiler/emit/json.ts";
import { AspError } from "../../diagnostics/asp-error.ts";
import { toExpectedDeadLetter } from "../compare/compare-dead-letters.ts";
import type { StoredDocument } from "../compare/compare-collections.ts";
import { isTombstone, withoutAsp } from "../compare/compare-collections.ts";
import type { WrittenCollection } from "../run/end-state.ts";
import { readCollection } from "../run/end-state.ts";

/** Files that say that a folder is somebody's work, and not an output. */
const marks: ReadonlySet<string> = new Set([".git", "package.json", "atlas.config.yaml", "pipelines"]);

/**
 * Empties a folder, which is made where there is none. One that holds a project, or the home folder, is not emptied.
 *
 * @throws AspError ASP4134
 */
export async function emptyOut(cwd: string, out: string): Promise<string> {
  const dir = resolve(cwd, out);
  const contains = (path: string): boolean => !relative(dir, path).startsWith("..");
  try {
    await mkdir(dir, { recursive: true });
    const names = await readdir(dir);
    const mark = names.find((name) => marks.has(name));
    if (contains(cwd) || contains(homedir())) throw refusal(out, "it holds your project or your home folder");
    if (mark !== undefined) throw refusal(out, `it holds \`${mark}\`, and looks like a project`);
    for (const name of names) await rm(join(dir, name), { recursive: true });
    return dir;
  } catch (error) {
    if (error instanceof AspError) throw error;
    throw refusal(out, error instanceof Error ? error.message : String(error), error);
  }
}

/** Writes an end state into files named as under then/, document by document. */
export async function writeOut(
  client: MongoClient,
  dir: string,
  state: { readonly written: readonly WrittenCollection[]; readonly deadLetters: AsyncIterable<StoredDocument> },
): Promise<void> {
  try {
    for (const collection of state.written) {
      await writeLines(join(dir, `${collection.label}.ndjson`), readerView(readCollection(client, collection)));
    }
    const path = join(dir, "_dlq.ndjson");
    await writeLines(path, expectable(state.deadLetters));
    if ((await stat(path)).size === 0) await rm(path);
  } catch (error) {
    if (error instanceof Error && "syscall" in error) throw refusal(dir, error.message, error);
    throw error;
  }
}

async function* readerView(documents: AsyncIterable<StoredDocument>): AsyncGenerator<StoredDocument> {
  for await (const document of documents) {
    if (!isTombstone(document)) yield withoutAsp(document);
  }
}

async function* expectable(letters: AsyncIterable<StoredDocument>): AsyncGenerator<unknown> {
  for await (const letter of letters) yield toExpectedDeadLetter(letter);
}

async function writeLines(path: string, documents: AsyncIterable<unknown>): Promise<void> {
  const lines = async function* (): AsyncGenerator<string> {
    for await (const document of documents) yield `${toEjson(document)}\n`;
  };
  await pipeline(Readable.from(lines()), createWriteStream(path));
}

function refusal(out: string, reason: string, cause?: unknown): AspError {
  return new AspError("ASP4134", `cannot write the end state to ${out}: ${reason}`, {
    help: "name a folder of its own with `--out`",
    cause,
  });
}
