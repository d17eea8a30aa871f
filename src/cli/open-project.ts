import { defineFinding } from "../diagnostics/define-finding.ts";
import type { Finding } from "../diagnostics/finding.ts";
import { didYouMean } from "../diagnostics/suggest.ts";
import type { Definition } from "../stages/definition.ts";
import type { TierName } from "../stages/tiers.ts";
import { loadProject } from "../testing/project.ts";
import type { Project } from "../testing/project.ts";
import type { CommandContext } from "./context.ts";

/** What `validate`, `compile`, `run` and `doctor` work on: the processors that were asked for, and all that is wrong. */
export interface OpenProject extends Pick<
  Project,
  "config" | "environment" | "files" | "locate" | "names" | "source" | "values"
> {
  /** Of those that compiled. */
  readonly definitions: readonly Definition[];
  /** How many processors were asked for and are there, whether they compiled or not. */
  readonly count: number;
  readonly findings: readonly Finding[];
  /** Of a preview: names of processors, and of what they write, end with it. */
  readonly suffix?: string;
}

/** Documented in docs/errors/ASP4150.md. */
export const unknownProcessor = defineFinding<{ name: string; known: readonly string[] }>("ASP4150", {
  severity: "error",
  message: ({ name }) => `no processor is named \`${name}\``,
  notes: ({ known }) => (known.length === 0 ? [] : [`there are: ${known.join(", ")}`]),
  help: ({ name, known }) => didYouMean(name, known),
});

/** What a command is about to do with the processors. */
export interface ProjectUse {
  /** Run them here: a stage that asp's own engine does not run is then an error. */
  readonly mustRun?: boolean;
  /** On this tier, in place of the environment's. */
  readonly tier?: TierName;
  /** As a preview beside the environment's own processors; names are given without it. */
  readonly suffix?: string | undefined;
  /** With `suffix`: of what the preview consists, none for all; default what was asked for. */
  readonly members?: readonly string[];
}

/** The project of the command line's options, the processors of these names compiled, or all. */
export async function loadOwnProject(
  ctx: CommandContext,
  only: readonly string[],
  { mustRun = false, tier }: ProjectUse = {},
): Promise<Project> {
  const { config: configFile, env: environmentName } = ctx.globals;
  return await loadProject({
    cwd: ctx.cwd,
    ...(configFile === undefined ? {} : { configFile }),
    ...(environmentName === undefined ? {} : { environmentName }),
    variables: ctx.env,
    keptModules: ctx.keptModules,
    only,
    mustRun,
    ...(tier === undefined ? {} : { tier }),
  });
}

/** Loads and compiles; needs no network and no secret, and throws for nothing that a user wrote. */
export async function openProject(
  ctx: CommandContext,
  only: readonly string[],
  use: ProjectUse = {},
): Promise<OpenProject> {
  const { suffix, members = only } = use;
  const project = await loadOwnProject(ctx, suffix === undefined ? only : members, use);
  const known = [...new Set(project.names)];
  const missing = only.filter((name) => !known.includes(name)).map((name) => unknownProcessor({}, { name, known }));
  const isAsked = (name: string | undefined): boolean => only.length === 0 || name === undefined || only.includes(name);
  // What another member of a preview writes has to be known.
  const isTold = ({ processor, severity }: Finding): boolean =>
    isAsked(processor) || (suffix !== undefined && severity === "error");
  const definitions = [...project.definitions.values()].map(({ definition }) => definition);
  const preview = await previewOf({ ...project, definitions }, suffix);
  return {
    ...project,
    definitions,
    ...preview.changes,
    count: project.names.filter(isAsked).length,
    // A module that cannot be loaded may hold what was asked for: it is told whatever the names are.
    findings: [...project.findings.filter(isTold), ...missing, ...preview.findings],
  };
}

/** What a suffix changes; nothing without one. */
async function previewOf(
  { definitions, names, environment }: Pick<OpenProject, "definitions" | "names" | "environment">,
  suffix: string | undefined,
): Promise<{ readonly changes: Partial<OpenProject>; readonly findings: readonly Finding[] }> {
  if (suffix === undefined || environment === undefined) return { changes: {}, findings: [] };
  const { toPreview } = await import("../deploy/plan/to-preview.ts");
  const { findings, ...changes } = toPreview({ definitions, names, environment }, suffix);
  return { changes: { ...changes, suffix }, findings };
}
