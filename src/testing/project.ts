import { checkProject } from "../compiler/check-project.ts";
import { compileProcessor } from "../compiler/compile-processor.ts";
import { checkEventTypes } from "../compiler/project/check-event-types.ts";
import { isProjection } from "../compiler/project/member.ts";
import type { Config } from "../config/config.ts";
import type { Environment } from "../config/environment.ts";
import type { Variables } from "../config/interpolate.ts";
import { loadConfig } from "../config/load-config.ts";
import { resolveEnvironment } from "../config/resolve-environment.ts";
import type { Finding } from "../diagnostics/finding.ts";
import { loadPipelines } from "../loader/load-pipelines.ts";
import type { LoadedProject } from "../loader/load-pipelines.ts";
import type { Definition } from "../stages/definition.ts";

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
  /** By name, in the order of their files. */
  readonly definitions: ReadonlyMap<string, ProjectProcessor>;
  readonly findings: readonly Finding[];
  /** The text of a file that was read, for showing the line of a finding. */
  readonly source: (file: string) => string | undefined;
  /** The same modules compiled for an environment, by default the same one, with more variables. */
  readonly inEnvironment: (name?: string, variables?: Variables) => Project;
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
}

/** Loads the config and every module under pipelines/, and compiles them. Never throws for a user's mistake. */
export async function loadProject(options: LoadProjectOptions): Promise<Project> {
  const { cwd, configFile, environmentName = "local" } = options;
  const [{ config, file, text, findings }, loaded] = await Promise.all([
    loadConfig(cwd, configFile),
    loadPipelines("pipelines", { cwd }),
  ]);
  const source = (name: string): string | undefined => (name === file ? text : loaded.source(name));
  const compile = (name = environmentName, more: Variables = {}): Project => {
    const variables = { ...options.variables, ...more };
    const resolved = config === undefined ? { findings: [] } : resolveEnvironment(config, name, variables);
    const environment = "environment" in resolved ? resolved.environment : undefined;
    const compiled = environment === undefined ? nothing : compileAll(loaded, environment, options.only);
    return {
      cwd,
      ...(config === undefined ? {} : { config }),
      ...(environment === undefined ? {} : { environment }),
      names: loaded.modules.flatMap(({ processors }) =>
        processors.map(({ name }: { readonly name: unknown }) => String(name)),
      ),
      definitions: compiled.definitions,
      findings: [...findings, ...resolved.findings, ...loaded.findings, ...compiled.findings],
      source,
      inEnvironment: compile,
    };
  };
  return compile();
}

/** Rules for several processors at once; they need all of them. */
function checkTogether(
  { modules, at, eventTypes, findings: loading }: LoadedProject,
  definitions: ReadonlyMap<string, ProjectProcessor>,
  environment: Environment,
): readonly Finding[] {
  const values = modules.flatMap(({ processors }) => processors);
  const members = values.flatMap((value) => {
    const definition = definitions.get(value.name)?.definition;
    return definition === undefined ? [] : [{ definition, value }];
  });
  if (members.length < values.length || loading.some(({ severity }) => severity === "error")) return [];
  const types = new Map(eventTypes().map((each) => [each.name, each.types]));
  const projections = values.filter(isProjection).map((value) => ({ value, types: types.get(value.name) }));
  return [...checkProject(members, { environment, at }), ...checkEventTypes(projections, at)];
}

const nothing = { definitions: new Map<string, ProjectProcessor>(), findings: [] };

function compileAll(
  loaded: LoadedProject,
  environment: Environment,
  only: readonly string[] | undefined,
): { readonly definitions: Map<string, ProjectProcessor>; readonly findings: readonly Finding[] } {
  const definitions = new Map<string, ProjectProcessor>();
  const findings: Finding[] = [];
  for (const { file, processors } of loaded.modules) {
    for (const processor of processors) {
      if (only !== undefined && only.length > 0 && !only.includes(processor.name)) continue;
      const compiled = compileProcessor(processor, { environment, at: loaded.at });
      findings.push(...compiled.findings);
      // Two of one name are a finding of the loader's; the first is the one that is run.
      if (compiled.definition === undefined || definitions.has(compiled.definition.name)) continue;
      definitions.set(compiled.definition.name, { definition: compiled.definition, file });
    }
  }
  return { definitions, findings: [...findings, ...checkTogether(loaded, definitions, environment)] };
}
