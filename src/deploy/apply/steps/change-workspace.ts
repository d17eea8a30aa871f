import { isSame } from "../../plan/normal-form.ts";
import type { ApplyContext } from "../apply-context.ts";
import { movedMeanwhile } from "../failures.ts";
import type { StepOf } from "../step-of.ts";
import { done, type StepEnd } from "../step-result.ts";
import { createWorkspace } from "./create-workspace.ts";
import { editWorkspace } from "./edit-workspace.ts";

/**
 * Makes the workspace, or changes its tiers.
 *
 * @throws AspError ASP6042 where somebody else has done so meanwhile
 */
export async function changeWorkspace(
  step: StepOf<"create-workspace"> | StepOf<"edit-workspace">,
  { target, expected, slots, pace, forced, tell }: ApplyContext,
): Promise<StepEnd> {
  const what = `the workspace \`${step.workspace}\``;
  await slots.run(async () => {
    const now = await target.workspace();
    if (step.kind === "create-workspace") {
      if (now !== undefined) throw movedMeanwhile(what, "it was made");
      tell(`workspace ${step.workspace}: creating`);
      await createWorkspace(step, { target, signal: forced, ...pace.settle });
      return;
    }
    if (now === undefined) throw movedMeanwhile(what, "it is gone");
    if (!isSame(now, expected.defaults)) throw movedMeanwhile(what, "it was modified");
    await editWorkspace(step, { target });
  });
  return done();
}
