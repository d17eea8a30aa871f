import { mayStart } from "../plan/edit-processor.ts";
import type { Remote, RemoteProcessor } from "../plan/remote.ts";
import { remoteText } from "../plan/remote-text.ts";
import type { ApplyContext } from "./apply-context.ts";
import { movedMeanwhile } from "./failures.ts";

/**
 * Reads a processor right before it is changed.
 *
 * @returns it as it is now; undefined where there is none, as expected
 * @throws AspError ASP6042 where it is not what the plan was made from
 */
export async function expectUnchanged(
  name: string,
  { target, expected, ownTier }: Pick<ApplyContext, "target" | "expected" | "ownTier">,
): Promise<RemoteProcessor | undefined> {
  const now = await target.processor(name);
  const before = expected.processors.find((each) => each.name === name);
  const how = describeMove(before, withTierOf(before, now, ownTier));
  if (how !== undefined) throw movedMeanwhile(`\`${name}\``, how);
  return now;
}

/** Without the change of tier that this deployment itself has brought about. */
function withTierOf(
  before: RemoteProcessor | undefined,
  now: RemoteProcessor | undefined,
  ownTier: ApplyContext["ownTier"],
): RemoteProcessor | undefined {
  if (now === undefined || ownTier === undefined || before?.tier === undefined) return now;
  return before.tier === ownTier.before && now.tier === ownTier.after ? { ...now, tier: before.tier } : now;
}

/** Undefined where nothing moved but what moves by itself. */
export function describeMove(
  before: RemoteProcessor | undefined,
  now: RemoteProcessor | undefined,
): string | undefined {
  if (before === undefined && now === undefined) return undefined;
  if (now === undefined) return "it is gone";
  if (before === undefined) return "it was made";
  if (textOf(now) !== textOf(before)) return "it was modified";
  const hasStopped = now.state !== before.state && (now.state === "STOPPED" || now.state === "CREATED");
  const hasStarted = mayStart(before.state) && !mayStart(now.state);
  return hasStopped || hasStarted ? `it was ${before.state} and is ${now.state}` : undefined;
}

/** All but its state, which a failure changes too. */
function textOf(processor: RemoteProcessor): string {
  const remote: Remote = { processors: [{ ...processor, state: "" }], connections: [], defaults: {} };
  return remoteText(remote, { processors: [processor.name], connections: [] });
}
