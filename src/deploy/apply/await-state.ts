import { mayStart } from "../plan/edit-processor.ts";
import type { ApplyContext } from "./apply-context.ts";
import { staysIn, StepFailed } from "./failures.ts";
import { until } from "../until.ts";

type Waiting = Pick<ApplyContext, "target" | "pace" | "sleep">;

/** Stops a processor, and waits until it does not run. */
export async function stopProcessor(name: string, context: Waiting): Promise<void> {
  await context.target.stop(name);
  await awaitState(name, "STOPPED", (state) => state === undefined || mayStart(state), context);
}

/** Drops a processor, and waits until there is none of that name. */
export async function dropProcessor(name: string, context: Waiting): Promise<void> {
  await context.target.drop(name);
  await awaitState(name, "gone", (state) => state === undefined, context);
}

/** @throws StepFailed ASP6051 where that takes too long; any state that nobody knows passes by itself */
async function awaitState(
  name: string,
  wanted: string,
  isThere: (state: string | undefined) => boolean,
  { target, pace, sleep }: Waiting,
): Promise<void> {
  const { settle } = pace;
  let state: string | undefined;
  const found = await until(
    async () => {
      state = (await target.processor(name))?.state;
      return isThere(state) ? true : undefined;
    },
    settle,
    sleep,
  );
  if (found !== undefined) return;
  const seconds = Math.round(settle.longestMs / 1000);
  throw new StepFailed(staysIn({ processor: name }, { name, state: state ?? "gone", wanted, seconds }));
}
