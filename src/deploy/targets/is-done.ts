import type { Definition } from "../../stages/definition.ts";
import type { Change } from "../plan/change.ts";
import { isSame } from "../plan/normal-form.ts";
import type { RemoteProcessor } from "../plan/remote.ts";

/** True for a processor that is what a create was to make. */
export function isCreated(found: RemoteProcessor | undefined, { pipeline, options }: Definition): boolean {
  return found !== undefined && isSame(found.pipeline, pipeline) && isSame(found.dlq ?? null, options?.dlq ?? null);
}

/** True for a processor that has everything that a change was to make of it. */
export function isAsWanted(found: RemoteProcessor | undefined, change: Change): boolean {
  const { pipeline, dlq, tier, autoscaling, failoverEnabled } = change;
  return (
    found !== undefined &&
    (pipeline === undefined || isSame(found.pipeline, pipeline)) &&
    (dlq === undefined || isSame(found.dlq ?? null, dlq)) &&
    (tier === undefined || found.tier === tier) &&
    (autoscaling === undefined || isSame({ ...found.autoscaling, ...autoscaling }, found.autoscaling)) &&
    (failoverEnabled === undefined || found.failoverEnabled === failoverEnabled)
  );
}
