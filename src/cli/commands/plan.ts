import { resolve } from "node:path";
import { defineCommand } from "../define-command.ts";
import { Exit } from "../exit.ts";
import { strictOption } from "../global-options.ts";
import { countsAsFailure, type Outcome } from "../outcome.ts";
import { UsageError } from "../usage-error.ts";
import { planOptions } from "../deploy/plan-options.ts";

export const plan = defineCommand({
  name: "plan",
  summary: "Show what a deployment would change, and what becomes of each checkpoint",
  about:
    "Compares the project with the environment's workspace and changes nothing. For each processor it says whether it is made, started,\n" +
    "changed, renamed or left alone, shows the difference stage by stage, and whether the checkpoint is kept.\n\n" +
    "Exit code: 0 whether or not there are changes; with --detailed-exitcode 2 where there are; 1 where the project or the plan has\n" +
    "errors; 3 where the workspace cannot be read.",
  examples: [
    "asp plan -e production",
    "asp plan -e production --only orders,payments --detailed-exitcode",
    "asp plan -e production --out production.plan",
    "asp plan -e staging --format markdown > plan.md",
    "asp plan -e staging --suffix pr-42",
  ],
  options: {
    ...planOptions,
    out: { flag: "--out <file>", about: "keep the plan, with a digest of what it was made from" },
    detailedExitcode: { flag: "--detailed-exitcode", about: "end with 2 where there are changes" },
    format: { flag: "--format <kind>", about: "text where it is not given", choices: ["text", "markdown"] },
    strict: strictOption,
  },
  async run({ options }, ctx): Promise<Outcome> {
    const { out, strict } = options;
    if (ctx.globals.env === undefined) throw new UsageError("plan needs an environment", "name it: `-e production`");
    if (ctx.globals.json && options.format !== undefined) {
      throw new UsageError("--json and --format exclude each other", "use one of the two");
    }
    const { planProject } = await import("../deploy/plan-project.ts");
    const made = await planProject(options, ctx);
    if ("outcome" in made) return made.outcome;
    const { planned, environment, source } = made;
    const { checkSecrets } = await import("../deploy/check-secrets.ts");
    const findings = [...made.findings, ...(out === undefined ? [] : checkSecrets(planned.file.steps, environment))];
    const isFailure = countsAsFailure(findings, { strict });
    if (out !== undefined && !isFailure) {
      const [{ replaceFile }, { toPlanFile }] = await Promise.all([
        import("../replace-file.ts"),
        import("../../deploy/plan/plan-file.ts"),
      ]);
      await replaceFile(resolve(ctx.cwd, out), toPlanFile(planned.file));
      ctx.progress(`the plan is in ${out}`);
    }
    const { toPlanReport } = await import("../render/plan-report.ts");
    const json = toPlanReport(planned, findings);
    const isMarkdown = options.format === "markdown";
    const text = isMarkdown
      ? (await import("../render/plan-markdown.ts")).renderPlanAsMarkdown(planned, findings)
      : (await import("../render/plan-text.ts")).renderPlan(planned, { color: ctx.color.stdout, isFailure });
    const exit = isFailure ? Exit.invalid : options.detailedExitcode && json.changes ? Exit.changes : Exit.ok;
    return { text, json, findings, findingsOnStdout: isMarkdown, source, strict, exit };
  },
});
