import type { ApplyContext } from "../apply-context.ts";
import { demand } from "../demand.ts";
import { expectUnchanged } from "../expect-unchanged.ts";
import { isMoved, StepFailed, withNotes } from "../failures.ts";
import { startProcessor } from "../start-processor.ts";
import { done, type StepEnd } from "../step-result.ts";
import type { StepOf } from "../step-of.ts";
import { untilConnectionsKnown } from "../until-connections-known.ts";
import { watchStart } from "../watch-start.ts";

/**
 * Makes a processor and starts it. One that then does not run stays as it is: nothing ran in its place before, and the next deployment
 * changes or starts it.
 */
export async function createProcessor(step: StepOf<"create">, context: ApplyContext): Promise<StepEnd> {
  const { name, definition, starts } = step;
  const { target, claims, slots, tell } = context;
  await slots.run(async () => {
    await expectUnchanged(name, context);
    // Before it is made: a crash leaves nothing that nobody owns.
    await claims.take(name);
    tell(`${name}: creating`);
    const create = (): Promise<void> => untilConnectionsKnown(() => target.create(definition), context);
    const lookAgain = (): Promise<unknown> => expectUnchanged(name, context);
    try {
      await demand(create, { name, action: "create", fault: "project", lookAgain });
    } catch (error) {
      if (error instanceof StepFailed || isMoved(error)) await claims.release(name);
      throw error;
    }
    if (starts) await startProcessor(name, context);
  });
  if (!starts) return done();
  try {
    return await watchStart(name, context, { inputBefore: 0 });
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    const notes = ["it stays in the workspace: the next deployment changes it, or starts it again"];
    throw new StepFailed(withNotes(error.failure.finding, notes));
  }
}
