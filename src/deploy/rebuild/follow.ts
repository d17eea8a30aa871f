import { setTimeout as sleep } from "node:timers/promises";
import type { Timestamp } from "bson";
import { AspError } from "../../diagnostics/asp-error.ts";
import type { Definition } from "../../stages/definition.ts";
import { mayStart } from "../plan/edit-processor.ts";
import type { RemoteProcessor } from "../plan/remote.ts";
import type { Target } from "../targets/target.ts";
import { until } from "../until.ts";

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
  await poll(parts, name, (processor) => Promise.resolve(orEnded(name, processor).state === "STARTED" || undefined));
}

/** Stops a processor where it runs, and waits until it does not. */
export async function stopProcessor(parts: FollowParts, name: string): Promise<void> {
  const { target } = parts;
  const isStopped = (found: RemoteProcessor | undefined): boolean => found === undefined || mayStart(found.state);
  if (isStopped(await target.processor(name))) return;
  await target.stop(name);
  await poll(parts, name, (processor) => Promise.resolve(isStopped(processor) || undefined));
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
  const look = async (processor: RemoteProcessor | undefined): Promise<"there" | "moved" | undefined> => {
    if (orEnded(name, processor).state !== "STARTED") return undefined;
    const position = (await parts.target.stats(name))?.changeStreamTime;
    if (position === undefined) return undefined;
    if (position.greaterThanOrEqual(time)) return "there";
    const hasMoved = lastShown === undefined || position.greaterThan(lastShown);
    lastShown = position;
    onBehind(time.getHighBitsUnsigned() - position.getHighBitsUnsigned());
    return hasMoved ? "moved" : undefined;
  };
  // It may take as long as it likes, as long as it moves.
  while ((await poll(parts, name, look)) === "moved") await pause(parts);
}

/** @throws AspError ASP6122 where nothing is seen for too long */
async function poll<Value>(
  parts: FollowParts,
  name: string,
  see: (processor: RemoteProcessor | undefined) => Promise<Value | undefined>,
): Promise<Value> {
  const { target, signal, pollMs } = parts;
  let state: string | undefined;
  const look = async (): Promise<Value | undefined> => {
    signal.throwIfAborted();
    const processor = await target.processor(name);
    state = processor?.state;
    return see(processor);
  };
  const seen = await until(look, { pauseMs: pollMs, longestMs: patienceMs }, () => pause(parts));
  if (seen === undefined) throw processorStands(name, state);
  return seen;
}

async function pause({ signal, pollMs }: FollowParts): Promise<void> {
  await sleep(pollMs, undefined, { signal }).catch(() => signal.throwIfAborted());
}

/** @throws AspError ASP6121 for one that does not run, and will not by itself */
function orEnded(name: string, processor: RemoteProcessor | undefined): RemoteProcessor {
  if (processor === undefined || mayStart(processor.state)) throw processorEnded(name, processor);
  return processor;
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
