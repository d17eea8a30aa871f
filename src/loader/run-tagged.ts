import { createModuleProcess } from "./module-process.ts";
import { createOpenModules } from "./open-modules.ts";
import type { Places } from "./places.ts";
import { runBundled } from "./run-bundled.ts";
import { loadOwnEntry } from "./run-untagged.ts";
import type { ModulesRun } from "./run-untagged.ts";
import { runUnbundled } from "./run-unbundled.ts";
import type { SourceModule } from "./read-module.ts";
import type { SourceText } from "./source-text.ts";
import { tagName, waitName } from "./tag-places.ts";

export interface TaggedOptions {
  readonly cwd: string;
  readonly places: Places;
  /** They are known not to run as they are. */
  readonly takesBundler: boolean;
  /** Milliseconds for a module that waits. */
  readonly timeLimit: number;
}

/** What came of modules that were parsed. */
export interface TaggedRun extends ModulesRun {
  /** Those with comments that may silence something. */
  readonly commented: readonly (Pick<SourceText, "file" | "text"> & Pick<SourceModule, "comments">)[];
}

/**
 * Runs modules that tell where their values were written. Where they do not run as they are they are bundled: the bundler
 * takes longer, goes on behind a mistake, and says what is wrong and where.
 */
export async function runTagged(
  entries: readonly string[],
  { cwd, places, takesBundler, timeLimit }: TaggedOptions,
): Promise<TaggedRun> {
  const toolkit = await loadOwnEntry();
  const opened = createOpenModules(cwd, places);
  const read = (path: string): string => {
    const { broken, code } = opened.open(path);
    if (broken !== undefined) throw new Error(broken.message);
    return code;
  };
  const globals = { [tagName]: places.tag, [waitName]: places.waits.wait, process: createModuleProcess() };
  const run = takesBundler ? undefined : await runUnbundled(entries, { read, globals, toolkit, timeLimit });
  const { exports, findings } =
    run === undefined
      ? await runBundled(entries, { cwd, opened, toolkit, places, timeLimit })
      : { exports: run, findings: [] };
  return {
    modules: entries.flatMap((path, index) => {
      const module = opened.modules.get(path);
      const own = exports[index];
      if (module === undefined || own === undefined) return [];
      return [{ file: module.source.file, defaultExport: module.defaultExport, exports: own }];
    }),
    findings,
    texts: new Map([...opened.modules].map(([path, { source }]) => [path, source.text] as const)),
    commented: [...opened.modules.values()].flatMap(({ source: { file, text }, comments }) =>
      comments.length === 0 ? [] : [{ file, text, comments }],
    ),
    source: (file) => [...opened.modules.values()].find(({ source }) => source.file === file)?.source.text,
  };
}
