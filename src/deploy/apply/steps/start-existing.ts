import type { ApplyContext } from "../apply-context.ts";
import { expectUnchanged } from "../expect-unchanged.ts";
import { startProcessor } from "../start-processor.ts";
import type { StepOf } from "../step-of.ts";
import type { StepEnd } from "../step-result.ts";
import { inputBeforeStart, watchStart } from "../watch-start.ts";

/** Starts a processor that is as it is wanted. One that fails again stays FAILED: there is nothing to put back. */
export async function startExisting(step: StepOf<"start">, context: ApplyContext): Promise<StepEnd> {
  const { name, adopts, state } = step;
  const { claims, slots } = context;
  const inputBefore = await slots.run(async () => {
    await expectUnchanged(name, context);
    if (adopts) await claims.take(name);
    const input = await inputBeforeStart({ name, state }, context);
    await startProcessor(name, context);
    return input;
  });
  return watchStart(name, context, { inputBefore, wasFailed: state === "FAILED" });
}
