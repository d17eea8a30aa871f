import { createWriteStream } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join, relative, resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { MongoClient } from "mongodb";
import { toEjson } from "../../compiler/emit/json.ts";
import { AspError } from "../../diagnostics/asp-error.ts";
import { fixturesFolder } from "../case/find-cases.ts";
import { toExpectedDeadLetter } from "../compare/compare-dead-letters.ts";
import type { StoredDocument } from "../compare/compare-collections.ts";
import { isTombstone, withoutAsp } from "../compare/compare-collections.ts";
import type { WrittenCollection } from "../run/end-state.ts";
import { readCollection } from "../run/end-state.ts";
import { makeFolder } from "../../mongod/make-folder.ts";

/** Files that say that a folder is somebody's work, and not an output. */
const marks: ReadonlySet<string> = new Set([".git", "package.json", "atlas.config.yaml", "pipelines"]);

/** Files that a person writes; an end state has none of them. */
const byHand = /\.([cm]?[jt]sx?|md|ya?ml)$/;

/** What emptying a folder must not take along. */
export interface Kept {
  readonly cwd: string;
  /** Files that this replay reads, relative to the project. */
  readonly reads: readonly string[];
}

/**
 * Empties a folder, which is made where there is none. One that holds a project or the home folder, that is part of the project's
 * modules or cases (but for the `then/` of a case), or that holds what no replay has written, is not emptied.
 *
 * @throws AspError ASP4134
 */
export async function emptyOut(out: string, { cwd, reads }: Kept): Promise<string> {
  const dir = resolve(cwd, out);
  try {
    const names = await readdir(dir).catch((error: unknown) => {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
      throw error;
    });
    const reason = whyKept(dir, names, { cwd, reads });
    if (reason !== undefined) throw refusal(out, reason);
    makeFolder(dir);
    for (const name of names) await rm(join(dir, name), { recursive: true });
    return dir;
  } catch (error) {
    if (error instanceof AspError) throw error;
    throw refusal(out, error instanceof Error ? error.message : String(error), error);
  }
}

function whyKept(dir: string, names: readonly string[], { cwd, reads }: Kept): string | undefined {
  if (contains(dir, cwd) || contains(dir, homedir())) return "it holds your project or your home folder";
  const mark = names.find((name) => marks.has(name));
  if (mark !== undefined) return `it holds \`${mark}\`, and looks like a project`;
  for (const folder of ["pipelines", fixturesFolder]) {
    const own = join(cwd, folder);
    if (!contains(dir, own) && !contains(own, dir)) continue;
    // A case's then/ is what `asp test --update` would write, too.
    const isThen = folder === fixturesFolder && /^[^/\\]+[/\\]then$/.test(relative(own, dir));
    if (!isThen) return `it is part of your project's \`${folder.replaceAll("\\", "/")}\``;
  }
  const read = reads.find((file) => contains(dir, resolve(cwd, file)));
  if (read !== undefined) return `this replay reads \`${read}\``;
  const written = names.find((name) => byHand.test(name));
  return written === undefined ? undefined : `it holds \`${written}\`, which no replay has written`;
}

function contains(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return !isAbsolute(way) && way.split(/[/\\]/)[0] !== "..";
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
