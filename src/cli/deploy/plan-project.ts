import type { Environment } from "../../config/environment.ts";
import type { Variables } from "../../config/interpolate.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import type { CommandContext } from "../context.ts";
import { makePlan, type Planned } from "../make-plan.ts";
import { openProject } from "../open-project.ts";
import { countsAsFailure, type Outcome } from "../outcome.ts";
import { UsageError } from "../usage-error.ts";
import { withoutResult } from "../without-result.ts";

/** What `plan` and `deploy` are told of the plan that they make. */
export interface PlanProjectOptions {
  readonly suffix?: string | undefined;
  readonly only?: readonly string[] | undefined;
  readonly prune: boolean;
  readonly noStart: boolean;
  /** Name → former name. */
  readonly rename?: ReadonlyMap<string, string> | undefined;
  readonly strict: boolean;
}

export interface PlannedProject {
  readonly planned: Planned;
  readonly environment: Environment;
  /** Of the project and of the plan. */
  readonly findings: readonly Finding[];
  readonly source: (file: string) => string | undefined;
  /** The variables with what commands of the config have printed. */
  readonly env: Variables;
}

/**
 * Opens the project of the command line and plans for its environment; where there is no plan, what the command comes to.
 *
 * @throws UsageError for options that exclude each other; AspError for what the workspace refuses
 */
export async function planProject(
  { suffix, only = [], prune, noStart, rename: renames = new Map<string, string>(), strict }: PlanProjectOptions,
  ctx: CommandContext,
): Promise<PlannedProject | { readonly outcome: Outcome }> {
  if (only.length > 0 && prune) {
    throw new UsageError("--only and --prune exclude each other", "leave one of the two out");
  }
  const project = await openProject(ctx, only, { suffix });
  const { environment, source } = project;
  if (environment === undefined || countsAsFailure(project.findings, { strict })) {
    return { outcome: withoutResult(project.findings, source, { strict }) };
  }
  const {
    planned,
    findings: made,
    env,
  } = await makePlan({ ...project, environment }, { prune, noStart, renames }, ctx);
  const findings = [...project.findings, ...made];
  if (planned === undefined) return { outcome: withoutResult(findings, source, { strict }) };
  return { planned, environment, findings, source, env };
}
