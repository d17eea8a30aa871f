import type { Environment } from "../../config/environment.ts";
import { loadConfig } from "../../config/load-config.ts";
import { resolveEnvironment } from "../../config/resolve-environment.ts";
import { toPreviewNames } from "../../deploy/plan/preview-names.ts";
import { openTarget } from "../../deploy/targets/open-target.ts";
import type { Target } from "../../deploy/targets/target.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import type { CommandContext } from "../context.ts";
import type { Outcome } from "../outcome.ts";
import { withoutResult } from "../without-result.ts";

/** A workspace that is to be operated. Its pipelines are not loaded: an error in one stops nobody who looks after the others. */
export interface Workspace {
  readonly environment: Environment;
  readonly target: Target;
  /** Of a preview: its processors' names end with it, and are typed without it. */
  readonly suffix?: string;
}

/** Which door a command needs: what only one of them has is asked for there, where the environment has what it takes. */
export type Door = "any" | "samples" | "logs";

export interface WorkspaceUse {
  readonly door: Door;
  /** Of processors, as they were typed. */
  readonly names: readonly string[];
  readonly suffix: string | undefined;
}

const defaultEnvironment = "local";

/**
 * Opens the workspace of the command line's environment, and closes it afterwards; what the config lacks is what comes of it. `work` is given
 * the names of processors as the workspace has them.
 */
export async function withWorkspace(
  ctx: CommandContext,
  { door, names: typed, suffix }: WorkspaceUse,
  work: (workspace: Workspace, names: readonly string[]) => Promise<Outcome>,
): Promise<Outcome> {
  const { environment: shared, others, findings, source } = await loadEnvironment(ctx);
  if (shared === undefined) return withoutResult(findings, source);
  const { environment, names } = toPreviewNames({ environment: shared, names: typed }, suffix);
  const { env, signal, cwd } = ctx;
  const opened = await openTarget(throughDoor(environment, door), { env, signal, cwd });
  const { target } = opened;
  if (target === undefined) return withoutResult(noteOthers(opened.findings, others), source);
  try {
    return await work({ environment, target, ...(suffix !== undefined && { suffix }) }, names);
  } finally {
    await target.close();
  }
}

/** Findings about the environment that is taken where none is named: it may not be the one that was meant. */
export function noteOthers(findings: readonly Finding[], others: readonly string[]): readonly Finding[] {
  if (others.length === 0) return findings;
  const note = `no \`-e\` was given; there are also: ${others.join(", ")}`;
  return findings.map((finding) => ({ ...finding, notes: [...(finding.notes ?? []), note] }));
}

/** The environment of the command line, without the pipelines; absent where the config is broken or has none of that name. */
export async function loadEnvironment({ cwd, env, globals }: CommandContext): Promise<{
  readonly environment?: Environment;
  /** Names that could have been given, where none was. */
  readonly others: readonly string[];
  readonly findings: readonly Finding[];
  readonly source: (file: string) => string | undefined;
}> {
  const { config, file, text, findings } = await loadConfig(cwd, globals.config);
  const source = (name: string): string | undefined => (name === file ? text : undefined);
  if (config === undefined) return { others: [], findings, source };
  const others =
    globals.env === undefined ? Object.keys(config.environments).filter((name) => name !== defaultEnvironment) : [];
  const resolved = resolveEnvironment(config, globals.env ?? defaultEnvironment, env);
  const { environment } = resolved;
  return { ...(environment && { environment }), others, findings: [...findings, ...resolved.findings], source };
}

/** Samples come by wire, logs by the Admin API, whatever the target is otherwise. */
function throughDoor(environment: Environment, door: Door): Environment {
  const { settings = {} } = environment;
  if (door === "samples" && settings.uri !== undefined) return { ...environment, target: "wire" };
  if (door === "logs" && settings.auth !== undefined && settings.projectId !== undefined) {
    return { ...environment, target: "admin-api" };
  }
  return environment;
}
