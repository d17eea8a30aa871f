import { mayStart } from "../plan/edit-processor.ts";
import type { StartOptions } from "../targets/target.ts";
import type { ApplyContext } from "./apply-context.ts";
import { demand } from "./demand.ts";
import { movedMeanwhile } from "./failures.ts";

/**
 * Starts a processor that does not run.
 *
 * @throws StepFailed ASP6048 where the service refuses; AspError ASP6042 where somebody else started it
 */
export async function startProcessor(
  name: string,
  { target, tell }: Pick<ApplyContext, "target" | "tell">,
  options: StartOptions = {},
): Promise<void> {
  tell(`${name}: starting`);
  const lookAgain = async (): Promise<void> => {
    const now = await target.processor(name);
    if (now === undefined) throw movedMeanwhile(`\`${name}\``, "it is gone");
    if (!mayStart(now.state)) throw movedMeanwhile(`\`${name}\``, "it was started");
  };
  await demand(() => target.start(name, options), { name, action: "start", fault: "project", lookAgain });
}
