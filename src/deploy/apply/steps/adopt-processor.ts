import type { ApplyContext } from "../apply-context.ts";
import { expectUnchanged } from "../expect-unchanged.ts";
import type { StepOf } from "../step-of.ts";
import { done, type StepEnd } from "../step-result.ts";

/** Writes down that a processor is the project's; in the workspace nothing changes. */
export async function adoptProcessor({ name }: StepOf<"adopt">, context: ApplyContext): Promise<StepEnd> {
  await context.slots.run(async () => {
    await expectUnchanged(name, context);
    await context.claims.take(name);
  });
  return done();
}
