import type { RemoteConnection } from "../plan/remote.ts";
import type { ApplyContext } from "./apply-context.ts";
import { connectionStays, movedMeanwhile, StepFailed } from "./failures.ts";
import { until } from "../until.ts";

type Waiting = Pick<ApplyContext, "target" | "pace" | "sleep" | "pause" | "stopping" | "tell">;

/**
 * Waits until a connection can be used. One whose state is not shown counts as ready.
 *
 * @throws StepFailed ASP6047 where it fails, or that takes too long
 */
export async function awaitReady(name: string, context: Waiting): Promise<readonly string[]> {
  const { pace, pause, stopping, tell } = context;
  let last: string | undefined;
  const look = async (): Promise<"ready" | "unwatched" | undefined> => {
    const found = await findConnection(name, context);
    if (found === undefined) return undefined;
    const { state = "READY" } = found;
    if (state === "FAILED") throw new StepFailed(connectionStays({}, { name, state, wanted: "READY", seconds: 0 }));
    if (state !== last && state !== "READY") tell(`connection ${name}: ${state}`);
    last = state;
    if (state === "READY") return "ready";
    return stopping.aborted ? "unwatched" : undefined;
  };
  const seen = await until(look, pace.connection, pause);
  if (seen === "unwatched") return [`it was ${last} when it was last looked at`];
  if (seen === undefined) throw tooLong(name, last ?? "missing", "READY", context);
  return [];
}

/** @throws StepFailed ASP6047 where that takes too long */
export async function awaitGone(name: string, context: Waiting): Promise<void> {
  const { pace, sleep } = context;
  let last: string | undefined;
  const look = async (): Promise<true | undefined> => {
    const found = await findConnection(name, context);
    last = found?.state ?? "there";
    return found === undefined ? true : undefined;
  };
  const seen = await until(look, pace.connection, sleep);
  if (seen === undefined) throw tooLong(name, last ?? "there", "gone", context);
}

/**
 * Reads a connection right before it is changed.
 *
 * @throws AspError ASP6042 where it was made or deleted meanwhile
 */
export async function expectConnection(
  name: string,
  context: Pick<ApplyContext, "target" | "expected">,
): Promise<RemoteConnection | undefined> {
  const now = await findConnection(name, context);
  const before = context.expected.connections.find((each) => each.name === name);
  if (now === undefined && before !== undefined) throw movedMeanwhile(`the connection \`${name}\``, "it is gone");
  if (now !== undefined && before === undefined) throw movedMeanwhile(`the connection \`${name}\``, "it was made");
  return now;
}

async function findConnection(
  name: string,
  { target }: Pick<ApplyContext, "target">,
): Promise<RemoteConnection | undefined> {
  return (await target.connections()).find((each) => each.name === name);
}

function tooLong(name: string, state: string, wanted: string, { pace }: Pick<ApplyContext, "pace">): StepFailed {
  const seconds = Math.max(1, Math.round(pace.connection.longestMs / 1000));
  return new StepFailed(connectionStays({}, { name, state, wanted, seconds }));
}
