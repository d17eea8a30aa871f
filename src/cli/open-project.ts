import { dirname, join, resolve } from "node:path";
import { defineFinding } from "../diagnostics/define-finding.ts";
import type { Finding } from "../diagnostics/finding.ts";
import { didYouMean } from "../diagnostics/suggest.ts";
import { checkProject } from "../compiler/check-project.ts";
import { compileProcessor } from "../compiler/compile-processor.ts";
import { loadConfig } from "../config/load-config.ts";
import { resolveEnvironment } from "../config/resolve-environment.ts";
import type { Environment } from "../config/resolve-environment.ts";
import { loadPipelines } from "../loader/load-pipelines.ts";
import type { Definition } from "../stages/definition.ts";
import type { CommandContext } from "./context.ts";

/** What `validate`, `compile`, `run` and `doctor` work on: the processors that were asked for, and all that is wrong. */
export interface OpenProject {
  /** The folder that the config is in. */
  readonly root: string;
  readonly config: { readonly file: string; readonly found: boolean };
  readonly environment?: Environment;
  readonly processors: readonly OpenProcessor[];
  readonly findings: readonly Finding[];
  readonly source: (file: string) => string | undefined;
}

export interface OpenProcessor {
  readonly name: string;
  /** Absent where a finding says why. */
  readonly definition?: Definition;
}

/** Documented in docs/errors/ASP4150.md. */
export const unknownProcessor = defineFinding<{ name: string; known: readonly string[] }>("ASP4150", {
  severity: "error",
  message: ({ name }) => `no processor is named \`${name}\``,
  notes: ({ known }) => (known.length === 0 ? [] : [`there are: ${known.join(", ")}`]),
  help: ({ name, known }) => didYouMean(name, known),
});

/** Reads config and pipelines and compiles them; reads no network, needs no secret, and throws for nothing a user wrote. */
export async function openProject(ctx: CommandContext, names: readonly string[]): Promise<OpenProject> {
  const loaded = await loadConfig(ctx.cwd, ctx.globals.config);
  const root = dirname(resolve(ctx.cwd, loaded.file));
  const sourceOfConfig = (file: string): string | undefined => (file === loaded.file ? loaded.text : undefined);
  const config = { file: loaded.file, found: loaded.text !== undefined };
  const failed = { root, config, processors: [], source: sourceOfConfig };
  if (loaded.config === undefined) return { ...failed, findings: loaded.findings };
  const resolved = resolveEnvironment(loaded.config, ctx.globals.env ?? "local", ctx.env);
  const { environment } = resolved;
  const early = [...loaded.findings, ...resolved.findings];
  if (environment === undefined) return { ...failed, findings: early };

  const project = await loadPipelines(join(root, "pipelines"), { cwd: ctx.cwd });
  const { at } = project;
  const source = (file: string): string | undefined => sourceOfConfig(file) ?? project.source(file);
  const values = project.modules.flatMap(({ processors }) => processors);
  const compiled = values.map((value) => ({
    name: typeof value.name === "string" ? value.name : "",
    ...compileProcessor(value, { environment, at }),
  }));
  const known = [...new Set(compiled.map(({ name }) => name))].filter((name) => name !== "");
  const missing = names.filter((name) => !known.includes(name)).map((name) => unknownProcessor({}, { name, known }));
  const isAsked = (name: string): boolean => names.length === 0 || names.includes(name);
  const asked = compiled.filter(({ name }) => isAsked(name));
  // A module that fails may hold what was asked for: its findings are told whatever the names are.
  const ofModules = project.findings.filter(({ processor }) => processor === undefined || isAsked(processor));
  const together = checkProject(compiled, { at });
  return {
    ...{ root, config, environment, source },
    processors: asked,
    findings: [...early, ...ofModules, ...missing, ...together, ...asked.flatMap(({ findings }) => findings)],
  };
}
