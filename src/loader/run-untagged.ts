import { readFileSync } from "node:fs";
import type { Finding } from "../diagnostics/finding.ts";
import { ignoreWord } from "../diagnostics/ignore-comments.ts";
import type { KeptModules } from "./kept-modules.ts";
import { createModuleProcess } from "./module-process.ts";
import { projectFile } from "./project-file.ts";
import type { SourceModule } from "./read-module.ts";
import { runUnbundled } from "./run-unbundled.ts";
import type { Exports } from "./run-unbundled.ts";

/** What came of running the modules of a project. */
export interface ModulesRun {
  /** Those that could be run. */
  readonly modules: readonly ModuleRun[];
  /** What is wrong with the others. */
  readonly findings: readonly Finding[];
  /** By the name that findings use. */
  readonly source: (file: string) => string | undefined;
  /** All modules that were read, by absolute path. */
  readonly texts: ReadonlyMap<string, string>;
}

export interface ModuleRun extends Pick<SourceModule, "defaultExport"> {
  /** As findings name it. */
  readonly file: string;
  readonly exports: Exports;
}

/** What came of modules that nobody has parsed here. */
export interface UntaggedRun extends ModulesRun {
  /** True where one of them may hold a comment that silences a finding. */
  readonly silences: boolean;
}

export interface UntaggedOptions {
  readonly cwd: string;
  /** Milliseconds for a module that waits. */
  readonly timeLimit: number;
  readonly kept?: KeptModules | undefined;
}

/** Runs modules as they are, without parsing them here; undefined where that cannot be done, or one of them fails. */
export async function runUntagged(
  entries: readonly string[],
  { cwd, timeLimit, kept }: UntaggedOptions,
): Promise<UntaggedRun | undefined> {
  const texts = new Map<string, string>();
  let silences = false;
  const read = (path: string): string => {
    const text = readFileSync(path, "utf8");
    texts.set(path, text);
    silences ||= text.includes(ignoreWord);
    return text;
  };
  const globals = { process: createModuleProcess() };
  const run = await runUnbundled(entries, { read, globals, toolkit: await loadOwnEntry(), timeLimit, kept });
  return (
    run && {
      modules: run.map((exports, index) => {
        return { file: projectFile(cwd, entries[index] ?? ""), defaultExport: undefined, exports };
      }),
      findings: [],
      source: () => undefined,
      texts,
      silences,
    }
  );
}

/** The public surface of this copy, from its source or as built: a pipeline's `asp-toolkit` is always the one that runs. */
export async function loadOwnEntry(): Promise<Exports> {
  return await import("../index.ts");
}
