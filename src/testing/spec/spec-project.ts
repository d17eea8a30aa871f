import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { compileProcessor } from "../../compiler/compile-processor.ts";
import type { Connection, Environment } from "../../config/environment.ts";
import type { Variables } from "../../config/interpolate.ts";
import { loadConfig } from "../../config/load-config.ts";
import { resolveEnvironment } from "../../config/resolve-environment.ts";
import { adjustedSeverity, byPrecedence } from "../../diagnostics/adjustment.ts";
import { applyAdjustments } from "../../diagnostics/apply-adjustments.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { renderFindings } from "../../diagnostics/render-finding.ts";
import { connectionsOf } from "../../engine/connections-of.ts";
import type { AuthoredValue, EventSource } from "../../projections/processor-value.ts";
import type { Definition } from "../../stages/definition.ts";
import type { Project, ProjectProcessor } from "../project.ts";
import { ownEnv } from "./own-env.ts";

/** What a specification may be made of: what `define…` returned, a definition, or a module that exports one by default. */
export type Specified =
  | AuthoredValue
  | Definition
  | { readonly default: AuthoredValue | Definition | readonly (AuthoredValue | Definition)[] }
  | readonly (AuthoredValue | Definition)[];

export interface SpecProjectOptions {
  /** The project's config; default `atlas.config.yaml` in the working directory, if there is one. */
  readonly config?: string;
  /** Where projections read their events; default what the config says. */
  readonly events?: EventSource;
  /** The name of an environment of the config, or one of your own; default `local`. */
  readonly environment?: string | Environment;
  /** For `${NAME}` in the config; default those of the process. */
  readonly variables?: Variables;
}

/**
 * Compiles what is specified, as `asp test` would.
 *
 * @throws Error with all findings when something is wrong with it or with the config.
 */
export async function toSpecProject(specified: Specified, options: SpecProjectOptions): Promise<Project> {
  const values = toValues(specified);
  const environment = await toEnvironment(values, options);
  const findings: Finding[] = [];
  const definitions = new Map<string, ProjectProcessor>();
  const adjustments = byPrecedence(environment.adjustments ?? []);
  const severityOf = (finding: Finding) => adjustedSeverity(adjustments, finding, { mustRun: true });
  for (const value of values) {
    // A definition is what a plain processor compiles from, with or without the mark of defineProcessor.
    const context = { environment, at: () => undefined, mustRun: true, severityOf };
    const compiled = compileProcessor(value as AuthoredValue, context);
    findings.push(...compiled.findings);
    if (compiled.definition !== undefined) {
      definitions.set(compiled.definition.name, { definition: compiled.definition, file: "" });
    }
  }
  refuse(applyAdjustments(findings, adjustments, { mustRun: true }).findings);
  const project: Project = {
    cwd: resolve("."),
    environment,
    names: [...definitions.keys()],
    values: values as readonly AuthoredValue[],
    definitions,
    findings: [],
    files: [],
    source: () => undefined,
    locate: async () => ({ at: () => undefined, values: project.values }),
    variables: options.variables ?? ownEnv,
    inEnvironment: () => Promise.resolve(project),
  };
  return project;
}

function toValues(specified: Specified): readonly (AuthoredValue | Definition)[] {
  if (isList(specified)) return specified;
  if (!("default" in specified)) return [specified];
  return isList(specified.default) ? specified.default : [specified.default];
}

function isList<Item>(value: Item | readonly Item[]): value is readonly Item[] {
  return Array.isArray(value);
}

async function toEnvironment(
  values: readonly (AuthoredValue | Definition)[],
  { config: file, events, environment = "local", variables = ownEnv }: SpecProjectOptions,
): Promise<Environment> {
  const own = events === undefined ? {} : { events };
  if (typeof environment !== "string") return { ...environment, ...own };
  if (file === undefined && !existsSync("atlas.config.yaml")) return { ...withoutConfig(values, events), ...own };
  const { config, findings } = await loadConfig(".", file);
  refuse(findings);
  if (config === undefined) return { ...withoutConfig(values, events), ...own };
  const resolved = resolveEnvironment(config, environment, variables);
  refuse(applyAdjustments(resolved.findings, resolved.environment?.adjustments ?? [], { mustRun: true }).findings);
  return { ...(resolved.environment ?? withoutConfig(values, events)), ...own };
}

/** Where there is no config, each connection that a processor names is the embedded mongod. */
function withoutConfig(values: readonly (AuthoredValue | Definition)[], events: EventSource | undefined): Environment {
  const names = values.flatMap((value) => {
    if ("pipeline" in value && Array.isArray(value.pipeline)) return connectionsOf(value);
    const { into, source } = value as { into?: { connectionName?: string }; source?: { connectionName?: string } };
    return [into?.connectionName, source?.connectionName].filter((name) => name !== undefined);
  });
  if (events !== undefined) names.push(events.connectionName);
  const connections = Object.fromEntries(names.map((name): [string, Connection] => [name, { type: "Cluster" }]));
  return { name: "local", target: "emulator", databases: {}, connections, collections: [], checkpoints: { db: "asp" } };
}

function refuse(findings: readonly Finding[]): void {
  if (!findings.some(({ severity }) => severity === "error")) return;
  throw new Error(`the processor cannot be run:\n${renderFindings(findings, { color: false })}`);
}
