import { tierNames } from "../../stages/tiers.ts";
import type { Definition } from "../../stages/definition.ts";
import type { Change } from "../plan/change.ts";
import { isSame } from "../plan/normal-form.ts";
import type { RemoteProcessor, WorkspaceDefaults } from "../plan/remote.ts";
import type { WorkspaceChange } from "../plan/workspace-settings.ts";

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

/** True for a workspace that has the tiers of a change; a largest tier that is no limit is not shown. */
export function hasTiers(found: WorkspaceDefaults | undefined, { tier, maxTier }: WorkspaceChange): boolean {
  return (
    found !== undefined &&
    (tier === undefined || found.tier === tier) &&
    (maxTier === undefined || (found.maxTier ?? tierNames.at(-1)) === maxTier)
  );
}
