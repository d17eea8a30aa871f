import { realpath } from "node:fs/promises";
import { relative, resolve } from "node:path";
import type { Adjustment } from "../diagnostics/adjustment.ts";
import { defineFinding } from "../diagnostics/define-finding.ts";
import type { Finding, Place } from "../diagnostics/finding.ts";
import { readIgnoreComments } from "../diagnostics/ignore-comments.ts";
import type { AuthoredValue } from "../projections/processor-value.ts";
import { checkExports } from "./check-exports.ts";
import type { ExportedProcessor } from "./check-exports.ts";
import { checkNames } from "./check-names.ts";
import type { ProjectionEvents } from "./event-types.ts";
import { findModules } from "./find-modules.ts";
import { findUnexported } from "./find-unexported.ts";
import type { KeptModules } from "./kept-modules.ts";
import { hasLoop } from "./has-loop.ts";
import { createPlaces } from "./places.ts";
import { runUntagged } from "./run-untagged.ts";
import type { ModulesRun } from "./run-untagged.ts";

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
  /** Whether `at` knows places. */
  readonly hasPlaces: boolean;
  /** The text of a file that was read, by the name that findings use. */
  readonly source: (file: string) => string | undefined;
  /** Absolute paths of all modules that were read, wherever they are. */
  readonly files: readonly string[];
  /** Whether some module has a loop, so that its handlers may run for ever. */
  readonly mayLoop: boolean;
  /** What its comments silence. */
  readonly adjustments: readonly Adjustment[];
  readonly findings: readonly Finding[];
  /** What projections say of their events; read when it is asked for. */
  readonly eventTypes: () => Promise<readonly ProjectionEvents[]>;
}

export interface LoadOptions {
  readonly cwd: string;
  /** Do without places where there is no finding that needs one, which is much faster; default false. */
  readonly withoutPlaces?: boolean;
  /** Milliseconds for a module that waits for something; default 5,000. */
  readonly timeLimit?: number;
  /** What was made of the modules the last time; default: it is made anew. */
  readonly keptModules?: KeptModules | undefined;
}

/**
 * Loads every module below `dir`, TypeScript as it stands. What is wrong with one is a finding, and the others are there.
 *
 * Loading the same folder again sees its files as they are then.
 */
export async function loadPipelines(
  dir: string,
  { cwd, withoutPlaces = false, timeLimit = 5_000, keptModules: kept }: LoadOptions,
): Promise<LoadedProject> {
  const root = await realpath(cwd);
  const folder = resolve(root, dir);
  const shownDir = relative(root, folder).replaceAll("\\", "/") || ".";
  const entries = await findModules(folder);
  const nothing = {
    modules: [],
    at: () => undefined,
    hasPlaces: true,
    source: () => undefined,
    files: [],
    mayLoop: false,
    adjustments: [],
    eventTypes: async () => [],
  };
  if (entries === undefined || entries.length === 0) {
    const problem = entries === undefined ? "missing" : "empty";
    return { ...nothing, findings: [noPipelines({}, { dir: shownDir, problem })] };
  }
  const quick = withoutPlaces ? await runUntagged(entries, { cwd: root, timeLimit, kept }) : undefined;
  const checkedQuick = quick && checkModules(quick, () => undefined);
  const hasProcessors = checkedQuick?.modules.some(({ processors }) => processors.length > 0) ?? false;
  // A comment that silences something is judged by its place.
  if (checkedQuick?.findings.length === 0 && hasProcessors && quick?.silences === false) {
    const { texts } = quick;
    return {
      ...nothing,
      modules: toLoaded(checkedQuick.modules),
      hasPlaces: false,
      files: [...texts.keys()],
      mayLoop: mayLoop(texts),
      eventTypes: () => eventTypesOf(texts, root),
      findings: [],
    };
  }
  // With the parser, and what else a finding takes.
  const { runTagged } = await import("./run-tagged.ts");
  const places = createPlaces();
  const takesBundler = withoutPlaces && quick === undefined;
  const run = await runTagged(entries, { cwd: root, places, takesBundler, timeLimit });
  const checked = checkModules(run, places.at);
  const ignored = run.commented.map(({ file, text, comments }) => readIgnoreComments(file, text, comments));
  const findings = [...checked.findings, ...ignored.flatMap((comments) => comments.findings)];
  const isEmpty = findings.length === 0 && checked.modules.every(({ processors }) => processors.length === 0);
  return {
    modules: toLoaded(checked.modules),
    at: places.at,
    hasPlaces: true,
    source: (file) => run.source(file) ?? run.source(relative(root, resolve(root, file)).replaceAll("\\", "/")),
    files: [...run.texts.keys()],
    mayLoop: mayLoop(run.texts),
    adjustments: ignored.flatMap(({ adjustments }) => adjustments),
    eventTypes: () => eventTypesOf(run.texts, root),
    findings: isEmpty ? [noPipelines({}, { dir: shownDir, problem: "only helpers" })] : findings,
  };
}

function mayLoop(texts: ReadonlyMap<string, string>): boolean {
  return [...texts.values()].some(hasLoop);
}

/** Takes the parser, and so only where some module may name the events of a projection. */
async function eventTypesOf(texts: ReadonlyMap<string, string>, root: string): Promise<readonly ProjectionEvents[]> {
  if (![...texts.values()].some((text) => text.includes("defineProjection<"))) return [];
  const { readEventTypes } = await import("./event-types.ts");
  return readEventTypes(texts, root);
}

interface CheckedModule {
  readonly file: string;
  readonly processors: readonly ExportedProcessor[];
}

function toLoaded(modules: readonly CheckedModule[]): readonly LoadedModule[] {
  return modules.map(({ file, processors }) => ({ file, processors: processors.map(({ value }) => value) }));
}

function checkModules(
  { modules, findings }: ModulesRun,
  at: LoadedProject["at"],
): { readonly modules: readonly CheckedModule[]; readonly findings: readonly Finding[] } {
  const checked = modules.map((module) => ({ file: module.file, ...checkExports(module, at) }));
  const processors = checked.flatMap((module) => module.processors);
  return {
    modules: checked,
    findings: [
      ...findings,
      ...checked.flatMap((module) => module.findings),
      ...checkNames(processors, at),
      ...findUnexported(modules, processors, at),
    ],
  };
}
