import { defineFinding } from "../diagnostics/define-finding.ts";
import type { Finding } from "../diagnostics/finding.ts";
import { bundleModules } from "./bundle-modules.ts";
import { Refusal, evaluateModules, openHost, temporaryFolder, thrownAt } from "./evaluate-modules.ts";
import { createOpenModules } from "./open-modules.ts";
import type { OpenModules } from "./open-modules.ts";
import type { Places } from "./places.ts";
import { loadOwnEntry } from "./run-untagged.ts";
import type { ModulesRun } from "./run-untagged.ts";
import { runUnbundled } from "./run-unbundled.ts";
import type { Exports } from "./run-unbundled.ts";
import type { SourceModule } from "./read-module.ts";
import type { SourceText } from "./source-text.ts";
import { tagName } from "./tag-places.ts";

/** Documented in docs/errors/ASP4052.md. */
export const threwOnLoad = defineFinding<{ thrown: string }>("ASP4052", {
  severity: "error",
  message: ({ thrown }) => `this module fails while it is loaded: ${thrown}`,
  help: "correct what throws; a pipeline module is run only to build its pipeline",
});

export interface TaggedOptions {
  readonly cwd: string;
  readonly places: Places;
  /** They are known not to run as they are. */
  readonly takesBundler: boolean;
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
  { cwd, places, takesBundler }: TaggedOptions,
): Promise<TaggedRun> {
  const toolkit = await loadOwnEntry();
  const opened = createOpenModules(cwd, places);
  const read = (path: string): string => {
    const { broken, code } = opened.open(path);
    if (broken !== undefined) throw new Error(broken.message);
    return code;
  };
  const globals = { [tagName]: places.tag };
  const run = takesBundler ? undefined : await runUnbundled(entries, { read, globals, toolkit });
  const { exports, findings } =
    run === undefined
      ? await runBundled(entries, { cwd, opened, toolkit, tag: places.tag })
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

interface Bundling {
  readonly cwd: string;
  readonly opened: OpenModules;
  readonly toolkit: Exports;
  readonly tag: Places["tag"];
}

/** Undefined stands for what a module would export that could not be run. */
async function runBundled(entries: readonly string[], { cwd, opened, toolkit, tag }: Bundling) {
  const host = openHost({ tag, toolkit, refuse: (reason) => new Refusal(reason) });
  const outdir = temporaryFolder();
  try {
    const names = Object.keys(toolkit);
    const bundle = await bundleModules(entries, { cwd, outdir, opened, host: host.expression, exports: names });
    const evaluated = await evaluateModules(bundle, outdir);
    const findings: Finding[] = [...bundle.findings];
    // A helper that throws does so for everyone who imports it, with one and the same error.
    const seen = new Set<unknown>();
    for (const [index, result] of evaluated.entries()) {
      if (result.ok || result.error instanceof Refusal || seen.has(result.error)) continue;
      seen.add(result.error);
      const file = opened.modules.get(entries[index] ?? "")?.source.file ?? "";
      const place = (await thrownAt(result.error, bundle, outdir)) ?? { file, line: 1, column: 1 };
      findings.push(threwOnLoad({ place }, { thrown: thrownText(result.error) }));
    }
    return { exports: evaluated.map((result) => (result.ok ? result.exports : undefined)), findings };
  } finally {
    host.close();
  }
}

function thrownText(error: unknown): string {
  if (!(error instanceof Error)) {
    return `it throws ${typeof error === "string" ? `"${error}"` : typeof error === "object" ? "an object" : String(error)}`;
  }
  // V8 quotes the expression that failed, tags included.
  const message = error.message.replaceAll(`${tagName}(...)`, "{…}");
  return error.name === "Error" ? message : `${error.name}: ${message}`;
}
