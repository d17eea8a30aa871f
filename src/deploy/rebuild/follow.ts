import { setTimeout as sleep } from "node:timers/promises";
import type { Timestamp } from "bson";
import { AspError } from "../../diagnostics/asp-error.ts";
import type { Definition } from "../../stages/definition.ts";
import { mayStart } from "../plan/edit-processor.ts";
import type { RemoteProcessor } from "../plan/remote.ts";
import type { Target } from "../targets/target.ts";

export interface FollowParts {
  readonly target: Target;
  readonly signal: AbortSignal;
  /** Between two looks at the workspace, in milliseconds. */
  readonly pollMs: number;
}

/** How long a processor may pass from state to state, or show no position, in milliseconds. */
const patienceMs = 5 * 60_000;

/** Makes a processor and has it run from a time on; what is done already is not done again. */
export async function startFollowing(parts: FollowParts, definition: Definition, startTime: Timestamp): Promise<void> {
  const { target } = parts;
  const { name } = definition;
  if ((await target.processor(name)) === undefined) await target.create(definition);
  const state = (await target.processor(name))?.state;
  // One that was stopped has a checkpoint. The guard makes harmless what is read twice.
  const isFresh = state !== "STOPPED";
  const startAtOperationTime = new Date(startTime.getHighBitsUnsigned() * 1000);
  if (state === undefined || mayStart(state)) {
    await target.start(name, isFresh ? { resumeFromCheckpoint: false, startAtOperationTime } : {});
  }
  await awaitRunning(parts, name);
}

/** @throws AspError ASP6121 for a processor that fails, ASP6122 for one that does not come to run */
export async function awaitRunning(parts: FollowParts, name: string): Promise<void> {
  await poll(parts, name, (processor) => Promise.resolve(processor?.state === "STARTED" || undefined));
}

/** Stops a processor where it runs, and waits until it does not. */
export async function stopProcessor(parts: FollowParts, name: string): Promise<void> {
  const { target } = parts;
  const found = await target.processor(name);
  if (found === undefined || mayStart(found.state)) return;
  await target.stop(name);
  await poll(parts, name, (each) => Promise.resolve(each === undefined || mayStart(each.state) || undefined), {
    mayFail: true,
  });
}

/**
 * Waits until a processor has handled everything that had been written at a time; `onBehind` hears how many seconds it is behind.
 *
 * @throws AspError ASP6121 for a processor that fails or is stopped, ASP6122 where its position is not shown
 */
export async function awaitPosition(
  parts: FollowParts,
  name: string,
  time: Timestamp,
  onBehind: (seconds: number) => void = () => undefined,
): Promise<void> {
  let lastShown: Timestamp | undefined;
  await poll(parts, name, async (processor, stillWaits) => {
    if (processor?.state !== "STARTED") return undefined;
    const position = (await parts.target.stats(name))?.changeStreamTime;
    if (position === undefined) return undefined;
    if (position.greaterThanOrEqual(time)) return true;
    // It may take as long as it likes, as long as it moves.
    if (lastShown === undefined || position.greaterThan(lastShown)) stillWaits();
    lastShown = position;
    onBehind(time.getHighBitsUnsigned() - position.getHighBitsUnsigned());
    return undefined;
  });
}

async function poll(
  { target, signal, pollMs }: FollowParts,
  name: string,
  look: (processor: RemoteProcessor | undefined, stillWaits: () => void) => Promise<true | undefined>,
  { mayFail = false }: { readonly mayFail?: boolean } = {},
): Promise<void> {
  let until = performance.now() + patienceMs;
  const stillWaits = (): void => {
    until = performance.now() + patienceMs;
  };
  for (;;) {
    signal.throwIfAborted();
    const processor = await target.processor(name);
    if ((await look(processor, stillWaits)) !== undefined) return;
    if (!mayFail && (processor === undefined || mayStart(processor.state))) throw processorEnded(name, processor);
    if (performance.now() > until) throw processorStands(name, processor?.state);
    // What has ended it is told by the signal.
    await sleep(pollMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Documented in docs/errors/ASP6121.md. */
function processorEnded(name: string, processor: RemoteProcessor | undefined): AspError {
  const { state, error } = processor ?? {};
  const what = state === undefined ? "is gone" : `is ${state}${error === undefined ? "" : `: ${error}`}`;
  return new AspError("ASP6121", `\`${name}\` is to run for the rebuild, and ${what}`, {
    help: "put right what it says and run the command again, or give the rebuild up with `--abort`",
  });
}

/** Documented in docs/errors/ASP6122.md. */
function processorStands(name: string, state: string | undefined): AspError {
  const minutes = patienceMs / 60_000;
  return new AspError("ASP6122", `\`${name}\` is ${state ?? "gone"} and has not moved on for ${minutes} minutes`, {
    help: "look at its statistics and logs, then run the command again: it goes on where it was",
    retryable: true,
  });
}
