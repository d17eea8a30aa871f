import { realpath } from "node:fs/promises";
import { relative, resolve } from "node:path";
import { defineFinding } from "../diagnostics/define-finding.ts";
import type { Finding, Place } from "../diagnostics/finding.ts";
import type { AuthoredValue } from "../projections/processor-value.ts";
import { bundleModules } from "./bundle-modules.ts";
import type { Bundle } from "./bundle-modules.ts";
import { checkExports } from "./check-exports.ts";
import type { ExportedProcessor } from "./check-exports.ts";
import { checkNames } from "./check-names.ts";
import { Refusal, evaluateModules, openHost, temporaryFolder, thrownAt } from "./evaluate-modules.ts";
import type { Evaluated } from "./evaluate-modules.ts";
import { readEventTypes } from "./event-types.ts";
import type { ProjectionEvents } from "./event-types.ts";
import { findModules } from "./find-modules.ts";
import { createPlaces } from "./places.ts";
import type { Places } from "./places.ts";
import { tagName } from "./tag-places.ts";

/** Documented in docs/errors/ASP4050.md. */
export const noPipelines = defineFinding<{ dir: string; problem: "missing" | "empty" | "only helpers" }>("ASP4050", {
  severity: "error",
  message: ({ dir, problem }) => {
    if (problem === "missing") return `there is no folder ${dir}`;
    return problem === "empty" ? `there is no module in ${dir}` : `no module in ${dir} exports a processor`;
  },
  help: ({ problem }) =>
    problem === "only helpers"
      ? "export a processor by default: `export default defineProcessor({ … })`"
      : "run `asp init` for a first pipeline, or change to the folder of your project",
});

/** Documented in docs/errors/ASP4052.md. */
export const threwOnLoad = defineFinding<{ thrown: string }>("ASP4052", {
  severity: "error",
  message: ({ thrown }) => `this module fails while it is loaded: ${thrown}`,
  help: "correct what throws; a pipeline module is run once, to build its pipeline",
});

/** One module that could be loaded; a helper has no processors. */
export interface LoadedModule {
  /** Relative to the project, with forward slashes. */
  readonly file: string;
  readonly processors: readonly AuthoredValue[];
}

export interface LoadedProject {
  readonly modules: readonly LoadedModule[];
  /** Where a value that a module made (a stage, a handler, a processor), or one of its keys, was written. */
  readonly at: (value: object, key?: string) => Place | undefined;
  /** The text of a file that was read, by the name that findings use. */
  readonly source: (file: string) => string | undefined;
  readonly findings: readonly Finding[];
  /** What projections say of their events; read when it is asked for. */
  readonly eventTypes: () => readonly ProjectionEvents[];
}

/**
 * Loads every module below `dir`, TypeScript as it stands. What is wrong with one is a finding, and the others are there.
 *
 * Loading the same folder again sees its files as they are then.
 */
export async function loadPipelines(dir: string, options: { readonly cwd: string }): Promise<LoadedProject> {
  const cwd = await realpath(options.cwd);
  const folder = resolve(cwd, dir);
  const shownDir = relative(cwd, folder).replaceAll("\\", "/") || ".";
  const entries = await findModules(folder);
  if (entries === undefined || entries.length === 0) {
    const problem = entries === undefined ? "missing" : "empty";
    return {
      modules: [],
      at: () => undefined,
      source: () => undefined,
      eventTypes: () => [],
      findings: [noPipelines({}, { dir: shownDir, problem })],
    };
  }
  const places = createPlaces();
  const { bundle, evaluated, outdir } = await runModules(entries, cwd, places);
  const checked = await checkModules(entries, evaluated, { bundle, outdir, places });
  const sources = new Map([...bundle.modules.values()].map(({ source }) => [source.file, source.text] as const));
  const processors = checked.modules.flatMap((module) => module.exported);
  const findings = [...bundle.findings, ...checked.findings, ...checkNames(processors, places.at)];
  const isEmpty = processors.length === 0 && findings.length === 0;
  return {
    modules: checked.modules.map(({ file, exported }) => ({ file, processors: exported.map(({ value }) => value) })),
    at: places.at,
    source: (file) => sources.get(file) ?? sources.get(relative(cwd, resolve(cwd, file)).replaceAll("\\", "/")),
    eventTypes: () => readEventTypes(bundle.modules, cwd),
    findings: isEmpty ? [noPipelines({}, { dir: shownDir, problem: "only helpers" })] : findings,
  };
}

async function runModules(entries: readonly string[], cwd: string, places: Places) {
  // The public surface of this copy, from its source or as built: a pipeline's `asp-toolkit` is always the one that runs.
  const toolkit: Readonly<Record<string, unknown>> = await import("../index.ts");
  const host = openHost({ tag: places.tag, toolkit, refuse: (reason) => new Refusal(reason) });
  const outdir = temporaryFolder();
  try {
    const exports = Object.keys(toolkit);
    const bundle = await bundleModules(entries, { cwd, outdir, places, host: host.expression, exports });
    return { bundle, outdir, evaluated: await evaluateModules(bundle, outdir) };
  } finally {
    host.close();
  }
}

interface CheckedModule {
  readonly file: string;
  readonly exported: readonly ExportedProcessor[];
}

async function checkModules(
  entries: readonly string[],
  evaluated: readonly Evaluated[],
  { bundle, outdir, places }: { readonly bundle: Bundle; readonly outdir: string; readonly places: Places },
): Promise<{ readonly modules: readonly CheckedModule[]; readonly findings: readonly Finding[] }> {
  const modules: CheckedModule[] = [];
  const findings: Finding[] = [];
  // A helper that throws does so for everyone who imports it, with one and the same error.
  const seen = new Set<unknown>();
  for (const [index, path] of entries.entries()) {
    const module = bundle.modules.get(path);
    const result = evaluated[index];
    if (module === undefined || result === undefined) continue;
    const { file } = module.source;
    if (result.ok) {
      const { processors, findings: wrong } = checkExports(result.exports, module, places.at);
      modules.push({ file, exported: processors });
      findings.push(...wrong);
    } else if (!(result.error instanceof Refusal) && !seen.has(result.error)) {
      seen.add(result.error);
      const place = (await thrownAt(result.error, bundle, outdir)) ?? { file, line: 1, column: 1 };
      findings.push(threwOnLoad({ place }, { thrown: thrownText(result.error) }));
    }
  }
  return { modules, findings };
}

function thrownText(error: unknown): string {
  if (!(error instanceof Error)) {
    return `it throws ${typeof error === "string" ? `"${error}"` : typeof error === "object" ? "an object" : String(error)}`;
  }
  // V8 quotes the expression that failed, tags included.
  const message = error.message.replaceAll(`${tagName}(...)`, "{…}");
  return error.name === "Error" ? message : `${error.name}: ${message}`;
}
