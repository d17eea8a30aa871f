import { mayStart } from "../../plan/edit-processor.ts";
import type { ApplyContext } from "../apply-context.ts";
import { awaitReady, expectConnection } from "../await-connection.ts";
import { stopProcessor } from "../await-state.ts";
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
  const { connection: name, stops } = step;
  const { target, slots, tell } = context;
  return slots.run(async () => {
    await expectConnection(name, context);
    const stopped: string[] = [];
    try {
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
    } finally {
      if (!context.forced.aborted) await startAgain(stopped, context);
    }
  });
}

async function startAgain(names: readonly string[], context: ApplyContext): Promise<void> {
  for (const name of names) {
    const now = await context.target.processor(name);
    if (now === undefined || !mayStart(now.state)) continue;
    await startProcessor(name, context);
    await watchStart(name, context, { reads: 1, inputBefore: 0 });
  }
}
