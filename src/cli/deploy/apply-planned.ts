import type { Environment } from "../../config/environment.ts";
import type { Deployed } from "../../deploy/apply/deploy.ts";
import { isChange } from "../../deploy/plan/step.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { Interruption, type CommandContext } from "../context.ts";
import { Exit, exitOf, type ExitCode } from "../exit.ts";
import { finishing } from "../hold-off.ts";
import type { Planned } from "../make-plan.ts";
import { countsAsFailure, type Outcome } from "../outcome.ts";
import type { DeployReport } from "../render/deploy-report-schema.ts";
import { confirm } from "./confirm.ts";
import { losesCheckpoint } from "./refusals.ts";

export interface ApplyPlannedOptions {
  readonly command: "deploy" | "destroy";
  readonly planned: Planned;
  readonly environment: Environment;
  /** All so far. */
  readonly findings: readonly Finding[];
  readonly source: (file: string) => string | undefined;
  readonly yes: boolean;
  readonly allowCheckpointLoss: boolean;
  readonly strict: boolean;
}

/** Shows a plan, asks, does it, and tells what became of it. */
export async function applyPlanned(options: ApplyPlannedOptions, ctx: CommandContext): Promise<Outcome> {
  const { command, planned, source, yes, strict } = options;
  const { steps } = planned.plan;
  const findings = [...options.findings, ...(options.allowCheckpointLoss ? [] : checkCheckpoints(planned))];
  const [{ renderPlan }, { toDeployReport }] = await Promise.all([
    import("../render/plan-text.ts"),
    import("../render/deploy-report.ts"),
  ]);
  const end = (outcome: DeployReport["outcome"], more: Partial<Outcome> = {}): Outcome => ({
    text: "",
    json: toDeployReport({ command, planned, outcome, results: [], findings }),
    findings,
    source,
    strict,
    ...more,
  });
  const isFailure = countsAsFailure(findings, { strict });
  const show = (color: boolean): string => renderPlan(planned, { color, isFailure });
  if (isFailure) return end("refused", { text: show(ctx.color.stdout), exit: Exit.invalid });
  if (!steps.some(isChange)) {
    // Whoever makes a processor of that name later is not to lose it.
    if (planned.isOwnMissing === true) await tidy(options, ctx);
    return end("nothing", { text: show(ctx.color.stdout) });
  }

  ctx.stderr.write(`${show(ctx.color.stderr)}\n\n`);
  await ctx.report(findings, source);
  const question = command === "deploy" ? "Deploy this" : "Destroy this";
  if (!(await confirm(`${question} in ${planned.label}?`, yes, ctx))) {
    return end("declined", { text: "Nothing was changed", findings: [], exit: Exit.invalid });
  }
  const { deployed, findings: unset } = await runDeploy(options, ctx);
  if (deployed === undefined) {
    const json = toDeployReport({ command, planned, outcome: "refused", results: [], findings: unset });
    return end("refused", { json, findings: unset, exit: Exit.invalid });
  }
  const failed = deployed.results.flatMap(({ failure, notes }) =>
    failure === undefined ? [] : [notes.length === 0 ? failure.finding : { ...failure.finding, notes }],
  );
  const failures = [...failed, ...deployed.findings];
  const { outcome, results } = deployed;
  const { renderDeployed } = await import("../render/deploy-text.ts");
  return end(outcome, {
    text: renderDeployed(deployed, {
      command,
      color: ctx.color.stdout,
      wasTold: ctx.stdout.isTTY && ctx.stderr.isTTY && !ctx.globals.quiet,
    }),
    json: toDeployReport({ command, planned, outcome, results, findings: [...findings, ...failures] }),
    // The others were told before the question.
    findings: failures,
    exit: toExit(deployed, ctx),
  });
}

async function runDeploy({ command, planned, environment }: ApplyPlannedOptions, ctx: CommandContext) {
  const [{ deploy }, { openTarget }, { readAuthor }, { renderResult }, { toPaint }] = await Promise.all([
    import("../../deploy/apply/deploy.ts"),
    import("../../deploy/targets/open-target.ts"),
    import("../../deploy/record/author.ts"),
    import("../render/deploy-text.ts"),
    import("../render/paint.ts"),
  ]);
  const { env, cwd, signal: stopping, forced, version } = ctx;
  // What is under way when Ctrl-C comes is finished: only the second one ends requests.
  const { target, findings } = await openTarget(environment, { env, cwd, signal: forced });
  if (target === undefined) return { findings };
  await using _ = target;
  const onStop = (): void => ctx.progress(finishing);
  stopping.addEventListener("abort", onStop, { once: true });
  try {
    return await deploy({
      command,
      file: planned.file,
      environment,
      env,
      target,
      author: await readAuthor(cwd, env),
      version,
      stopping,
      forced,
      tell: ctx.progress,
      onEnd: (result) => {
        if (result.outcome !== "unchanged") ctx.progress(renderResult(result, toPaint({ color: ctx.color.stderr })));
      },
    });
  } finally {
    stopping.removeEventListener("abort", onStop);
  }
}

async function tidy({ environment }: ApplyPlannedOptions, ctx: CommandContext): Promise<void> {
  const [{ takeBackClaims }, { openTarget }, { readAuthor }] = await Promise.all([
    import("../../deploy/apply/deploy.ts"),
    import("../../deploy/targets/open-target.ts"),
    import("../../deploy/record/author.ts"),
  ]);
  const { env, cwd, signal: stopping, forced, progress: tell } = ctx;
  const { target } = await openTarget(environment, { env, cwd, signal: forced });
  if (target === undefined) return;
  await using _ = target;
  const author = await readAuthor(cwd, env);
  await takeBackClaims({ environment, env, target, author, stopping, forced, tell });
}

function checkCheckpoints({ plan: { steps } }: Planned): readonly Finding[] {
  return steps.flatMap((step) => {
    if ((step.kind !== "edit" && step.kind !== "rename") || step.verdict.checkpoint === "keeps") return [];
    const { name, verdict, formerName = name } = step;
    return [losesCheckpoint({ processor: name }, { name: formerName, reason: verdict.reason, lost: verdict.lost })];
  });
}

function toExit({ outcome, results, findings }: Deployed, { signal }: CommandContext): ExitCode {
  if (outcome === "done") return Exit.ok;
  if (outcome === "interrupted") {
    return exitOf(signal.reason instanceof Interruption ? signal.reason.signal : "SIGINT");
  }
  const faults = results.flatMap(({ failure }) => (failure === undefined ? [] : [failure.fault]));
  const isProjects = faults.length > 0 && findings.length === 0;
  return isProjects && faults.every((fault) => fault === "project") ? Exit.invalid : Exit.refused;
}
