import type { EditWorkspaceStep } from "../../plan/step.ts";
import type { Target } from "../../targets/target.ts";

/** Gives the workspace the tiers of the config; done again it changes nothing. */
export async function editWorkspace(
  { change }: EditWorkspaceStep,
  { target }: { readonly target: Target },
): Promise<void> {
  await target.updateWorkspace(change);
}
