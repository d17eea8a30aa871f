import { mkdir, readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { defineFinding } from "../diagnostics/define-finding.ts";
import type { Finding } from "../diagnostics/finding.ts";
import { replaceFile } from "./replace-file.ts";

/** Where `asp compile --out` writes. */
export interface DefinitionFolder {
  readonly root: string;
  /** As the user named it. */
  readonly shown: string;
  readonly extension: ".json" | ".js" | ".tf";
}

export interface DefinitionFile {
  readonly path: string;
  readonly text: string;
}

/** Documented in docs/errors/ASP4153.md. */
export const notCurrent = defineFinding<{ path: string; state: "differs" | "missing" | "left over" }>("ASP4153", {
  severity: "error",
  message: ({ path, state }) => `\`${path}\` ${states[state]}`,
  help: ({ state }) =>
    state === "left over" ? "remove the file" : "run the same command without --check, and commit what it writes",
});

const states = {
  differs: "is not what its processor compiles to",
  missing: "is not there",
  "left over": "belongs to no processor any more",
} as const;

/** Writes the files that are not current, and says which. */
export async function writeFolder(
  { root }: DefinitionFolder,
  files: readonly DefinitionFile[],
): Promise<readonly string[]> {
  await mkdir(root, { recursive: true });
  const written: string[] = [];
  for (const { path, text } of files) {
    if ((await readIfThere(join(root, path))) === text) continue;
    await replaceFile(join(root, path), text);
    written.push(path);
  }
  return written;
}

export async function checkFolder(
  { root, shown }: DefinitionFolder,
  files: readonly DefinitionFile[],
  leftovers: readonly string[],
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const { path, text } of files) {
    const there = await readIfThere(join(root, path));
    const state = there === undefined ? "missing" : "differs";
    if (there !== text) findings.push(notCurrent({}, { path: `${shown}/${path}`, state }));
  }
  return [...findings, ...leftovers.map((path) => notCurrent({}, { path: `${shown}/${path}`, state: "left over" }))];
}

/** Definitions in the folder that none of `files` replaces. Only JSON tells that a file is ours. */
export async function findLeftovers(
  { root, extension }: DefinitionFolder,
  files: readonly DefinitionFile[],
): Promise<readonly string[]> {
  if (extension !== ".json") return [];
  const names = await readdir(root).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const others = names.filter((name) => name.endsWith(extension) && !files.some(({ path }) => path === name));
  const texts = await Promise.all(others.map((name) => readIfThere(join(root, name))));
  return others.filter((name, index) => isDefinition(texts[index] ?? "")).toSorted();
}

function isDefinition(text: string): boolean {
  try {
    const value = JSON.parse(text) as { name?: unknown; pipeline?: unknown } | null;
    return typeof value?.name === "string" && Array.isArray(value.pipeline);
  } catch {
    return false;
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  return await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
}
