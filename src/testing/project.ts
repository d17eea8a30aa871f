import { checkProject } from "../compiler/check-project.ts";
import { compileProcessor, type Compiled } from "../compiler/compile-processor.ts";
import { checkEventTypes } from "../compiler/project/check-event-types.ts";
import { isProjection } from "../compiler/project/member.ts";
import type { Config } from "../config/config.ts";
import type { Environment } from "../config/environment.ts";
import type { Variables } from "../config/interpolate.ts";
import { loadConfig } from "../config/load-config.ts";
import { resolveEnvironment } from "../config/resolve-environment.ts";
import { adjustedSeverity, byPrecedence } from "../diagnostics/adjustment.ts";
import type { Adjustment } from "../diagnostics/adjustment.ts";
import type { Finding } from "../diagnostics/finding.ts";
import { didYouMean } from "../diagnostics/suggest.ts";
import { uniqueFindings } from "../diagnostics/unique-findings.ts";
import { hasLoop } from "../loader/has-loop.ts";
import type { Guarded } from "../loader/in-guarded-turns.ts";
import type { KeptModules } from "../loader/kept-modules.ts";
import { loadPipelines } from "../loader/load-pipelines.ts";
import type { LoadedProject } from "../loader/load-pipelines.ts";
import { neverEnds } from "../loader/run-findings.ts";
import type { AuthoredValue } from "../projections/processor-value.ts";
import type { Definition } from "../stages/definition.ts";
import type { TierName } from "../stages/tiers.ts";
import { adjustFindings } from "./adjust/adjust-findings.ts";

/** A processor that compiled, and the module it comes from. */
export interface ProjectProcessor {
  readonly definition: Definition;
  /** Relative to the project. */
  readonly file: string;
}

/** A folder with atlas.config.yaml and pipelines/, loaded and compiled for one environment. */
export interface Project {
  readonly cwd: string;
  readonly config?: Config;
  /** Absent where the config is broken or has no such environment; a finding says so. */
  readonly environment?: Environment;
  /** Of all processors that were loaded, those included that did not compile. */
  readonly names: readonly string[];
  /** As their authors wrote them, in the order of their files; what is in them may be wrong. */
  readonly values: readonly AuthoredValue[];
  /** By name, in the order of their files. */
  readonly definitions: ReadonlyMap<string, ProjectProcessor>;
  readonly findings: readonly Finding[];
  /** Absolute paths of all modules that were read. */
  readonly files: readonly string[];
  /** The text of a file that was read, for showing the line of a finding. */
  readonly source: (file: string) => string | undefined;
  /** For `${NAME}` in the settings of connections. */
  readonly variables: Variables;
  /** Where processors were written; loads the modules again where nothing was wrong with them, and so nobody had asked. */
  readonly locate: () => Promise<Located>;
  /** The same modules compiled for an environment, by default the same one, with more variables. */
  readonly inEnvironment: (name?: string, variables?: Variables) => Promise<Project>;
}

/** Processors as their authors wrote them, and where. */
export interface Located extends Pick<Project, "values"> {
  readonly at: LoadedProject["at"];
}

export interface LoadProjectOptions {
  readonly cwd: string;
  /** Default `atlas.config.yaml`. */
  readonly configFile?: string;
  /** Default `local`. */
  readonly environmentName?: string;
  /** For `${NAME}` in the config; default none. */
  readonly variables?: Variables;
  /** Names of the processors to compile; default all. */
  readonly only?: readonly string[];
  /** In place of the tier of the environment. */
  readonly tier?: TierName;
  /** True where asp's own engine is to run them: a stage that it does not run is then an error. Default false. */
  readonly mustRun?: boolean;
  /** What was made of the modules the last time. */
  readonly keptModules?: KeptModules | undefined;
  /** Milliseconds for a module that waits for something, or a handler that does not end; default 5,000. */
  readonly timeLimit?: number;
}

/**
 * Loads the config and every module under pipelines/, and compiles them. Never throws for a user's mistake.
 *
 * Most of the time nothing is wrong, and nobody asks where something was written: only when there is a finding are the modules
 * loaded so that it has its place.
 */
export async function loadProject(options: LoadProjectOptions): Promise<Project> {
  const { cwd, configFile, environmentName = "local", timeLimit = usualTimeLimit, keptModules } = options;
  const load = (withoutPlaces: boolean): Promise<LoadedProject> =>
    loadPipelines("pipelines", { cwd, withoutPlaces, timeLimit, keptModules });
  const [{ config, file, text, findings }, first] = await Promise.all([loadConfig(cwd, configFile), load(true)]);
  let loaded = first;
  const locate = async (): Promise<Located> => {
    if (!loaded.hasPlaces) loaded = await load(false);
    return { at: loaded.at, values: valuesOf(loaded) };
  };
  const compile = async (name = environmentName, more: Variables = {}): Promise<Project> => {
    const variables = { ...options.variables, ...more };
    const resolved = config === undefined ? { findings: [] } : resolveEnvironment(config, name, variables);
    const environment = "environment" in resolved ? onTier(resolved.environment, options.tier) : undefined;
    const compileLoaded = async (): Promise<CompiledProject> =>
      environment === undefined ? nothing : await compileAll(loaded, environment, options);
    let compiled = await compileLoaded();
    if (compiled.findings.length > 0 && !loaded.hasPlaces) {
      loaded = await load(false);
      compiled = await compileLoaded();
    }
    const { modules, files } = loaded;
    const adjustments = adjustmentsOf(loaded, environment);
    const isMisspelt = findings.some(misspeltConnections);
    const all = [...findings, ...resolved.findings, ...loaded.findings, ...compiled.findings].filter(
      ({ code }) => !isMisspelt || !missingConnection.has(code),
    );
    const names = modules.flatMap(({ processors }) =>
      processors.map(({ name }: { readonly name: unknown }) => String(name)),
    );
    return {
      cwd,
      ...(config === undefined ? {} : { config }),
      ...(environment === undefined ? {} : { environment }),
      names,
      values: valuesOf(loaded),
      definitions: compiled.definitions,
      findings: adjustFindings(uniqueFindings(all), {
        adjustments,
        elsewhere: (config?.adjustments ?? []).filter((adjustment) => !adjustments.includes(adjustment)),
        processors: names,
        mustRun: options.mustRun ?? false,
        comparedAll: compiled.definitions.size === names.length,
        ...(environment === undefined || (options.only ?? []).length > 0 ? {} : { checkedFor: environment.name }),
      }),
      files,
      variables,
      source: (name) => (name === file ? text : loaded.source(name)),
      locate,
      inEnvironment: compile,
    };
  };
  return await compile();
}

function valuesOf({ modules }: LoadedProject): readonly AuthoredValue[] {
  return modules.flatMap(({ processors }) => processors);
}

function onTier(environment: Environment | undefined, tier: TierName | undefined): Environment | undefined {
  if (environment === undefined || tier === undefined) return environment;
  return { ...environment, settings: { ...environment.settings, tier } };
}

/** Where the key `connections` is misspelt there are none, which is no news at each place that names one. */
function misspeltConnections({ code, file, help }: Finding): boolean {
  return code === "ASP4002" && file !== undefined && help === didYouMean("connection", ["connections"]);
}

/** What says that there is no such connection. */
const missingConnection: ReadonlySet<string> = new Set(["ASP4009", "ASP4010", "ASP4030"]);

const usualTimeLimit = 5000;

interface CompiledProject {
  readonly definitions: ReadonlyMap<string, ProjectProcessor>;
  readonly findings: readonly Finding[];
}

const nothing: CompiledProject = { definitions: new Map(), findings: [] };

/** What changes severities: comments of the modules, and what the environment says. */
function adjustmentsOf(loaded: LoadedProject, environment: Environment | undefined): readonly Adjustment[] {
  return [...loaded.adjustments, ...(environment?.adjustments ?? [])];
}

/** Rules for several processors at once, those that compiled; which events nobody handles is only known of all of them. */
async function checkTogether(
  loaded: LoadedProject,
  definitions: ReadonlyMap<string, ProjectProcessor>,
  environment: Environment,
): Promise<readonly Finding[]> {
  const { at, eventTypes, findings: loading } = loaded;
  const values = valuesOf(loaded);
  const members = values.flatMap((value) => {
    const definition = definitions.get(value.name)?.definition;
    return definition === undefined ? [] : [{ definition, value }];
  });
  const types = new Map((await eventTypes()).map((each) => [each.name, each.types]));
  const projections = values.filter(isProjection).map((value) => ({ value, types: types.get(value.name) }));
  const isWhole = members.length === values.length && loading.every(({ severity }) => severity !== "error");
  return [...checkProject(members, { environment, at }), ...(isWhole ? checkEventTypes(projections, at) : [])];
}

async function compileAll(
  loaded: LoadedProject,
  environment: Environment,
  { only = [], mustRun = false, timeLimit = usualTimeLimit }: LoadProjectOptions,
): Promise<CompiledProject> {
  const { modules, at } = loaded;
  const definitions = new Map<string, ProjectProcessor>();
  const findings: Finding[] = [];
  const ordered = byPrecedence(adjustmentsOf(loaded, environment));
  const severityOf = (finding: Finding) => adjustedSeverity(ordered, finding, { mustRun });
  const wanted = modules.flatMap(({ file, processors }) =>
    processors.filter(({ name }) => only.length === 0 || only.includes(name)).map((processor) => ({ file, processor })),
  );
  const compiling = wanted.map(({ processor }) => (): Compiled => {
    return compileProcessor(processor, { environment, at, mustRun, severityOf });
  });
  for (const [index, compiled] of (await settle(compiling, { mayLoop: loaded.mayLoop, timeLimit })).entries()) {
    const { file, processor } = wanted[index] ?? {};
    if (file === undefined || processor === undefined) continue;
    if ("ended" in compiled) {
      findings.push(handlerNeverEnds(processor, { at, timeLimit }));
      continue;
    }
    const { definition } = compiled.value;
    findings.push(...compiled.value.findings);
    // Two of one name are a finding of the loader's; the first is the one that is run.
    if (definition === undefined || definitions.has(definition.name)) continue;
    definitions.set(definition.name, { definition, file });
  }
  const together = only.length > 0 ? [] : await checkTogether(loaded, definitions, environment);
  return { definitions, findings: [...findings, ...together] };
}

/** Handlers are the author's code, and run when their processor is compiled. */
async function settle<Value>(
  works: readonly (() => Value)[],
  { mayLoop, timeLimit }: { readonly mayLoop: boolean; readonly timeLimit: number },
): Promise<readonly Guarded<Value>[]> {
  if (!mayLoop) return works.map((work) => ({ value: work() }));
  const { inGuardedTurns } = await import("../loader/in-guarded-turns.ts");
  return inGuardedTurns(works, timeLimit);
}

/** At the first handler that has a loop, or at the processor where that is in what a handler calls. */
function handlerNeverEnds(
  processor: AuthoredValue,
  { at, timeLimit }: Pick<LoadedProject, "at"> & { readonly timeLimit: number },
): Finding {
  const handlers = isProjection(processor) ? Object.entries({ ...processor.on, key: processor.key }) : [];
  const [name, handler] = handlers.find(([, each]) => typeof each === "function" && hasLoop(String(each))) ?? [];
  const place = at(handler ?? processor);
  const what = name === undefined ? `a handler of \`${processor.name}\`` : `the handler \`${name}\``;
  return neverEnds({ processor: processor.name, ...(place && { place }) }, { timeLimit, what });
}
