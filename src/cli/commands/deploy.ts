import { defineCommand } from "../define-command.ts";
import { planOptions } from "../deploy/plan-options.ts";
import { strictOption } from "../global-options.ts";
import type { Outcome } from "../outcome.ts";
import { UsageError } from "../usage-error.ts";
import { withoutResult } from "../without-result.ts";

export const deploy = defineCommand({
  name: "deploy",
  summary: "Change a workspace to what the project wants, after a question",
  about:
    "Makes a plan, shows it as `asp plan` does, asks, and does it: connections first, then processors, who reads before who writes, and\n" +
    "what is deleted last. Only what has to is stopped. Each processor is watched until it has run for ten seconds; where a change fails,\n" +
    "the processor is put back to what it was. With a file of `asp plan --out` it does that plan, if the workspace has not moved since.\n" +
    "Ctrl-C finishes what is under way; run again, it goes on.\n\n" +
    "Exit code: 0 where all is as wanted; 1 where the project or the plan has errors, the service refuses a definition, or the answer was\n" +
    "no; 3 where the workspace fails otherwise; 130 after Ctrl-C.",
  examples: [
    "asp deploy -e production",
    "asp deploy -e staging --yes --only orders,payments",
    "asp deploy -e staging --suffix pr-42 --yes",
    "asp plan -e production --out production.plan && asp deploy production.plan",
  ],
  operands: { spec: "[plan]", about: "a file of `asp plan --out`; otherwise a plan is made" },
  options: {
    yes: { flag: "-y, --yes", about: "do it without a question" },
    ...planOptions,
    allowCheckpointLoss: {
      flag: "--allow-checkpoint-loss",
      about: "do what discards a checkpoint, too; otherwise that is refused",
    },
    strict: strictOption,
  },
  async run({ operands: [path], options }, ctx): Promise<Outcome> {
    const { yes, only = [], prune, noStart, suffix, rename, allowCheckpointLoss, strict } = options;
    if (path !== undefined && (only.length > 0 || prune || noStart || suffix !== undefined || rename !== undefined)) {
      throw new UsageError("a plan says already what is done", "give these options to `asp plan`");
    }
    if (path === undefined && ctx.globals.env === undefined) {
      throw new UsageError("deploy needs an environment", "name it: `-e production`");
    }
    const { applyPlanned } = await import("../deploy/apply-planned.ts");
    const common = { command: "deploy", yes, allowCheckpointLoss, strict } as const;
    if (path !== undefined) {
      const { readPlan } = await import("../deploy/read-plan.ts");
      const { planned, environment, findings, source, env } = await readPlan(path, ctx);
      if (planned === undefined || environment === undefined) {
        return withoutResult(findings, source, { strict });
      }
      return applyPlanned({ ...common, planned, environment, findings, source }, { ...ctx, env });
    }
    const { planProject } = await import("../deploy/plan-project.ts");
    const made = await planProject(options, ctx);
    if ("outcome" in made) return made.outcome;
    // What commands have printed is used again.
    const { env, ...project } = made;
    return applyPlanned({ ...common, ...project }, { ...ctx, env });
  },
});
