import { mayStart } from "../../plan/edit-processor.ts";
import type { RemoteProcessor } from "../../plan/remote.ts";
import type { EditStep } from "../../plan/step.ts";
import type { ApplyContext } from "../apply-context.ts";
import { stopProcessor } from "../await-state.ts";
import { demand } from "../demand.ts";
import { describeMove, expectUnchanged } from "../expect-unchanged.ts";
import { isMoved, movedMeanwhile, notPutBack, StepFailed, toFailure, withNotes } from "../failures.ts";
import { putBack, type Changed } from "../put-back.ts";
import { startProcessor } from "../start-processor.ts";
import { done, type StepEnd } from "../step-result.ts";
import { untilConnectionsKnown } from "../until-connections-known.ts";
import { inputBeforeStart, watchStart } from "../watch-start.ts";

/**
 * Changes a processor: stops it where it runs, modifies it, starts it. Where that fails it is put back to what it was, and runs again where
 * it ran.
 */
export async function editProcessor(step: EditStep, context: ApplyContext): Promise<StepEnd> {
  const { name, formerName = name } = step;
  const discards = step.verdict.checkpoint === "discards";
  const { slots, claims } = context;
  const { before, inputBefore } = await slots.run(async () => {
    const before = await expectUnchanged(formerName, context);
    if (before === undefined) throw movedMeanwhile(`\`${formerName}\``, "it is gone");
    if (name !== formerName) await expectUnchanged(name, context);
    // A crash from here on leaves nothing that nobody owns.
    if (step.adopts || name !== formerName) await claims.take(name);
    const inputBefore = await inputBeforeStart(before, context);
    await orPutBack(() => change(step, before, context), { name, before, discards }, context);
    return { before, inputBefore };
  });
  const end = step.starts
    ? await orPutBack(
        () => watchStart(name, context, { inputBefore, wasFailed: before.state === "FAILED" }),
        { name, before, discards },
        context,
        slots.finish,
      )
    : done();
  if (name !== formerName) await claims.release(formerName);
  return end;
}

async function change(step: EditStep, before: RemoteProcessor, context: ApplyContext): Promise<void> {
  const { name, verdict } = step;
  const { target, tell } = context;
  const lookAgain = async (): Promise<void> => {
    const now = await target.processor(before.name);
    const how = describeMove({ ...before, state: mayStart(before.state) ? before.state : "STOPPED" }, now);
    if (how !== undefined) throw movedMeanwhile(`\`${before.name}\``, how);
  };
  if (!mayStart(before.state)) {
    tell(`${before.name}: stopping`);
    const isStopped = async (): Promise<void> => void (await expectUnchanged(before.name, context));
    const stop = (): Promise<void> => stopProcessor(before.name, context);
    await demand(stop, { name, action: "stop", fault: "world", lookAgain: isStopped });
  }
  tell(`${before.name}: modifying`);
  const modify = (): Promise<void> => untilConnectionsKnown(() => target.modify(before.name, step.change), context);
  await demand(modify, { name, action: "modify", fault: "project", lookAgain });
  if (step.starts) {
    await startProcessor(name, context, verdict.checkpoint === "discards" ? { resumeFromCheckpoint: false } : {});
  }
}

/** Runs part of a change; where it fails, undoes all of it and says so. */
async function orPutBack<Value>(
  work: () => Promise<Value>,
  changed: Changed,
  context: ApplyContext,
  inTurn: (work: () => Promise<readonly string[]>) => Promise<readonly string[]> = (undo) => undo(),
): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    const failure = toFailure(error, changed.name);
    // Whoever else is at work there is not to be disturbed.
    if (failure === undefined || isMoved(error) || context.forced.aborted) throw error;
    const notes = await undo({ ...changed, failed: failure.finding.message }, context, inTurn);
    throw new StepFailed(withNotes(failure.finding, notes), { fault: failure.fault, isRolledBack: true });
  }
}

async function undo(
  { failed, ...changed }: Changed & { readonly failed: string },
  context: ApplyContext,
  inTurn: (work: () => Promise<readonly string[]>) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const { name, before } = changed;
  try {
    const notes = await inTurn(() => putBack(changed, context));
    if (name !== before.name) await context.claims.release(name);
    return notes;
  } catch (error) {
    const failure = toFailure(error, name);
    if (failure === undefined || isMoved(error)) throw error;
    const state = await context.target.processor(name).then(
      (now) => now?.state ?? "gone",
      () => "in a state that cannot be read",
    );
    const said = failure.finding.message;
    throw new StepFailed(notPutBack({ processor: name }, { name, state, said, failed }));
  }
}
