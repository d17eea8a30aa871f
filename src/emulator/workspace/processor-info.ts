import type { TierName } from "../../stages/tiers.ts";
import type { WorkspaceState } from "./life-cycle.ts";
import type { ProcessorRecord } from "./processor-record.ts";
import type { ProcessorInfo } from "./workspace-types.ts";

/** A record as a list shows it. */
export function toInfo(record: ProcessorRecord, state: WorkspaceState, tier: TierName): ProcessorInfo {
  const { _id, name, pipeline, hasStarted, pipelineVersion, lastModified, lastStateChange } = record;
  const { options, autoscaling, error } = record;
  return {
    id: _id.toHexString(),
    name,
    pipeline,
    ...(options && { options }),
    state,
    tier,
    ...(autoscaling && { autoscaling }),
    hasStarted,
    pipelineVersion,
    lastModified,
    lastStateChange,
    ...(error && { error }),
  };
}
