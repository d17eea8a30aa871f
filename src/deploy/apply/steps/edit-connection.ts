import { mayStart } from "../../plan/edit-processor.ts";
import type { ApplyContext } from "../apply-context.ts";
import { awaitReady, expectConnection } from "../await-connection.ts";
import { stopProcessor } from "../await-state.ts";
import { isMoved, StepFailed, toFailure, withNotes } from "../failures.ts";
import { demand } from "../demand.ts";
import { expectUnchanged } from "../expect-unchanged.ts";
import { settingsOf } from "../settings-of.ts";
import { startProcessor } from "../start-processor.ts";
import type { StepOf } from "../step-of.ts";
import { done, type StepEnd } from "../step-result.ts";
import { watchStart } from "../watch-start.ts";

/**
 * Changes a connection and waits until it is READY. The service changes none that is in use, so the project's processors that run with it
 * are stopped for it, and started again in any case.
 */
export async function editConnection(step: StepOf<"edit-connection">, context: ApplyContext): Promise<StepEnd> {
  return context.slots.run(async () => {
    const stopped: string[] = [];
    const changed = await settled(() => change(step, stopped, context));
    if (context.forced.aborted) return orThrow(changed, []);
    const left: Left[] = [];
    for (const name of stopped) {
      const again = await settled(() => startAgain(name, context));
      if ("error" in again) left.push({ name, error: again.error });
    }
    return orThrow(changed, left);
  });
}

/** Stops what uses it, and adds that to `stopped`; then changes it. */
async function change(
  { connection: name, stops }: StepOf<"edit-connection">,
  stopped: string[],
  context: ApplyContext,
): Promise<StepEnd> {
  const { target, tell } = context;
  await expectConnection(name, context);
  for (const user of stops) {
    const now = await expectUnchanged(user, context);
    if (now === undefined || mayStart(now.state)) continue;
    tell(`${user}: stopping for the connection ${name}`);
    stopped.push(user);
    await demand(() => stopProcessor(user, context), { name: user, action: "stop", fault: "world" });
  }
  tell(`connection ${name}: changing`);
  const update = (): Promise<void> => target.updateConnection(name, settingsOf(name, context));
  await demand(update, { name, action: "change the connection", at: {}, fault: "project" });
  return done(...(await awaitReady(name, context)));
}

async function startAgain(name: string, context: ApplyContext): Promise<void> {
  const now = await context.target.processor(name);
  if (now === undefined || !mayStart(now.state)) return;
  await startProcessor(name, context);
  await watchStart(name, context, { reads: 1, inputBefore: 0 });
}

/** A processor that was stopped for the connection, and why it does not run again. */
interface Left {
  readonly name: string;
  readonly error: Error;
}

type Settled<Value> = { readonly value: Value } | { readonly error: Error };

async function settled<Value>(work: () => Promise<Value>): Promise<Settled<Value>> {
  try {
    return { value: await work() };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { error };
  }
}

/** What came of the change; a failure of it, or the first of what is left, with all that is left beside it. */
function orThrow(changed: Settled<StepEnd>, left: readonly Left[]): StepEnd {
  const errors = [...("error" in changed ? [changed.error] : []), ...left.map(({ error }) => error)];
  const [first] = errors;
  if (first === undefined) return "value" in changed ? changed.value : done();
  // Bugs of ours, and whoever else is at work there, are told as they are.
  const whole = errors.find((error) => isMoved(error) || toFailure(error, undefined) === undefined);
  if (whole !== undefined) throw whole;
  const failure = toFailure(first, undefined);
  const others = left.filter(({ error }) => error !== first);
  if (failure === undefined || others.length === 0) throw first;
  const notes = others.map(({ name, error }) => {
    return `\`${name}\` was stopped for it and does not run: ${toFailure(error, name)?.finding.message}`;
  });
  throw new StepFailed(withNotes(failure.finding, notes), { fault: failure.fault });
}
