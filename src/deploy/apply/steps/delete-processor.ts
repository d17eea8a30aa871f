import { mayStart } from "../../plan/edit-processor.ts";
import type { ApplyContext } from "../apply-context.ts";
import { dropProcessor, stopProcessor } from "../await-state.ts";
import { demand } from "../demand.ts";
import { expectUnchanged } from "../expect-unchanged.ts";
import { isMoved, StepFailed, toFailure, withNotes } from "../failures.ts";
import { putBack } from "../put-back.ts";
import type { StepOf } from "../step-of.ts";
import { done, type StepEnd } from "../step-result.ts";

/** Stops a processor and drops it. One that the service does not drop runs again where it ran. */
export async function deleteProcessor({ name }: StepOf<"delete">, context: ApplyContext): Promise<StepEnd> {
  const { claims, slots, tell } = context;
  return slots.run(async () => {
    const before = await expectUnchanged(name, context);
    if (before !== undefined) {
      try {
        if (!mayStart(before.state)) {
          tell(`${name}: stopping`);
          const stop = (): Promise<void> => stopProcessor(name, context);
          const lookAgain = (): Promise<unknown> => expectUnchanged(name, context);
          await demand(stop, { name, action: "stop", fault: "world", lookAgain });
        }
        tell(`${name}: deleting`);
        await demand(() => dropProcessor(name, context), { name, action: "delete", fault: "world" });
      } catch (error) {
        const failure = toFailure(error, name);
        if (failure === undefined || isMoved(error) || context.forced.aborted) throw error;
        if ((await context.target.processor(name)) !== undefined) {
          const notes = await putBack({ name, before, discards: false }, context);
          throw new StepFailed(withNotes(failure.finding, notes), { isRolledBack: true });
        }
      }
    }
    // After it is gone: a crash in between leaves a claim on nothing, which the next deployment takes back.
    await claims.release(name);
    return done();
  });
}
