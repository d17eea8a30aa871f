import { defineCommand } from "../define-command.ts";
import { onlyOption } from "../deploy/plan-options.ts";
import { countsAsFailure, type Outcome } from "../outcome.ts";
import { suffixOption } from "../parse-suffix.ts";
import { UsageError } from "../usage-error.ts";
import { withoutResult } from "../without-result.ts";

export const destroy = defineCommand({
  name: "destroy",
  summary: "Take the project's processors out of a workspace, after a question",
  about:
    "Stops and deletes the processors that are recorded as this project's, or, where nothing is recorded, those that have the names of its\n" +
    "processors: writers first. Then the connections with `manage: true` that nothing else uses. Collections and their data stay.\n\n" +
    "Exit code: 0 where all is gone; 1 where the answer was no or a name is wrong; 3 where the workspace refuses; 130 after Ctrl-C.",
  examples: ["asp destroy -e staging --suffix pr-42 --yes", "asp destroy -e staging --only orders"],
  options: {
    yes: { flag: "-y, --yes", about: "do it without a question" },
    suffix: suffixOption,
    only: onlyOption,
  },
  async run({ options: { yes, suffix, only = [] } }, ctx): Promise<Outcome> {
    if (ctx.globals.env === undefined) throw new UsageError("destroy needs an environment", "name it: `-e preview`");
    const [{ loadOwnProject }, { makeDestroy }, { applyPlanned }] = await Promise.all([
      import("../open-project.ts"),
      import("../deploy/make-destroy.ts"),
      import("../deploy/apply-planned.ts"),
    ]);
    const project = await loadOwnProject(ctx, []);
    const { environment, names, source } = project;
    // A module that cannot be read may have a name that nothing else tells.
    const needsNames = environment?.settings?.record === undefined;
    if (environment === undefined || (needsNames && countsAsFailure(project.findings, { strict: false }))) {
      return withoutResult(project.findings, source);
    }
    const { suffixed, toPreviewNames } = await import("../../deploy/plan/preview-names.ts");
    const wanted = toPreviewNames({ environment, names }, suffix);
    const inWorkspace = only.map(suffixed(suffix));
    const { planned, findings, env } = await makeDestroy({ ...wanted, only: inWorkspace, suffix }, ctx);
    if (planned === undefined) return withoutResult(findings, source);
    const common = { command: "destroy", allowCheckpointLoss: true, strict: false } as const;
    return applyPlanned(
      { ...common, planned, environment: wanted.environment, findings, source, yes },
      { ...ctx, env },
    );
  },
});
