import { existsSync } from "node:fs";
import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { toEjson } from "../../compiler/emit/json.ts";
import type { FixtureCase } from "../case/fixture-case.ts";
import { compareDeadLetters, toExpectedDeadLetter } from "../compare/compare-dead-letters.ts";
import { visible } from "./compare-state.ts";
import type { EndState, WrittenCollection } from "./end-state.ts";
import { makeFolder } from "../../mongod/make-folder.ts";

/**
 * Rewrites then/ to what a case ends with: one document a line, sorted by `_id`, or
 * one message a line, as they were emitted. Files of collections that nobody writes any
 * more are removed, and dead letters that match already are left as they are, with their patterns.
 */
export async function updateThen(
  fixture: FixtureCase,
  state: EndState,
  written: readonly WrittenCollection[],
): Promise<void> {
  const dir = join(fixture.dir, "then");
  const files = new Map<string, string>();
  for (const { label } of written) {
    const documents = visible(state.collections.get(label) ?? []);
    const name = `${label}.ndjson`;
    if (documents.length > 0 || existsSync(join(dir, name))) files.set(name, documents.map(toLine).join(""));
  }
  const isAsExpected = compareDeadLetters(fixture.deadLetters ?? [], state.deadLetters).length === 0;
  if (!isAsExpected) {
    files.set("_dlq.ndjson", state.deadLetters.map((letter) => toLine(toExpectedDeadLetter(letter))).join(""));
  }
  makeFolder(dir);
  for (const name of await readdir(dir)) {
    if (!/\.(ndjson|json|ya?ml)$/.test(name)) continue;
    const isLetters = name === "_dlq.ndjson";
    const stays = isLetters ? isAsExpected || state.deadLetters.length > 0 : files.has(name);
    if (!stays) await rm(join(dir, name));
  }
  for (const [name, text] of files) {
    if (name !== "_dlq.ndjson" || text !== "") await writeFile(join(dir, name), text);
  }
}

function toLine(document: unknown): string {
  return `${toEjson(document)}\n`;
}
