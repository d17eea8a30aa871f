import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { isEmitted } from "../compiler/emit/emit-definitions.ts";
import type { EmitFormat, EmittedFile } from "../compiler/emit/emit-definitions.ts";
import { extensions } from "../compiler/emit/to-file-name.ts";
import { defineFinding } from "../diagnostics/define-finding.ts";
import type { Finding } from "../diagnostics/finding.ts";
import { firstDifference } from "./first-difference.ts";
import { replaceFile } from "./replace-file.ts";
import { makeFolder } from "../mongod/make-folder.ts";

/** Where `asp compile --out` writes. */
export interface DefinitionFolder {
  readonly root: string;
  /** As the user named it. */
  readonly shown: string;
  readonly format: EmitFormat;
}

/** Documented in docs/errors/ASP4153.md. */
export const notCurrent = defineFinding<{
  path: string;
  state: "differs" | "missing" | "left over";
  notes?: readonly string[];
}>("ASP4153", {
  severity: "error",
  message: ({ path, state }) => `\`${path}\` ${states[state]}`,
  notes: ({ notes = [] }) => notes,
  help: ({ state }) =>
    state === "left over" ? "remove the file" : "run the same command without --check, and commit what it writes",
});

const states = {
  differs: "is not what its processor compiles to",
  missing: "is not there",
  "left over": "belongs to no processor any more",
} as const;

/** Which of the files are not in the folder. */
export async function findMissing(
  { root }: DefinitionFolder,
  files: readonly EmittedFile[],
): Promise<readonly string[]> {
  const texts = await Promise.all(files.map(({ path }) => readIfThere(join(root, path))));
  return files.flatMap(({ path }, index) => (texts[index] === undefined ? [path] : []));
}

/** Writes the files that are not current, and says which. */
export async function writeFolder(
  { root }: DefinitionFolder,
  files: readonly EmittedFile[],
): Promise<readonly string[]> {
  makeFolder(root);
  const written: string[] = [];
  for (const { path, text } of files) {
    if ((await readIfThere(join(root, path))) === text) continue;
    await replaceFile(join(root, path), text);
    written.push(path);
  }
  return written;
}

/** A finding for each file that is missing, left over or another, with the first line that differs. */
export async function checkFolder(
  { root, shown }: DefinitionFolder,
  files: readonly EmittedFile[],
  leftovers: readonly string[],
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const { path, text } of files) {
    const file = `${shown}/${path}`;
    const there = await readIfThere(join(root, path));
    if (there === text) continue;
    if (there === undefined) {
      findings.push(notCurrent({}, { path: file, state: "missing" }));
      continue;
    }
    const { line, column, notes } = firstDifference({ there, compiled: text });
    findings.push(notCurrent({ place: { file, line, column } }, { path: file, state: "differs", notes }));
  }
  return [...findings, ...leftovers.map((path) => notCurrent({}, { path: `${shown}/${path}`, state: "left over" }))];
}

/** Files of ours in the folder that none of `files` replaces. */
export async function findLeftovers(
  { root, format }: DefinitionFolder,
  files: readonly EmittedFile[],
): Promise<readonly string[]> {
  const names = await readdir(root).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const others = names.filter((name) => name.endsWith(extensions[format]) && !files.some(({ path }) => path === name));
  const texts = await Promise.all(others.map((name) => readIfThere(join(root, name))));
  return others.filter((name, index) => isEmitted(texts[index] ?? "", format)).toSorted();
}

async function readIfThere(path: string): Promise<string | undefined> {
  return await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
}
