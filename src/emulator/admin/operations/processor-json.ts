import type { Document } from "bson";
import type { Static } from "@sinclair/typebox";
import type { Definition } from "../../../stages/definition.ts";
import type { Tenant } from "../../project-types.ts";
import type { WorkspaceState } from "../../workspace/life-cycle.ts";
import type { ModifyOptions, ProcessorInfo } from "../../workspace/workspace-types.ts";
import type { StartOptions } from "../../workspace/start-options.ts";
import type { processorChange, processorRequest, startRequest } from "../schemas/processor.ts";
import { whyNoFailover } from "./why-no-failover.ts";

/** What a client sends, as the workspace takes it: the service keeps a tier and failover beside the options, a definition in them. */
export function toDefinition({
  name,
  pipeline,
  options,
  tier,
  failoverEnabled,
}: Static<typeof processorRequest>): Definition {
  const { dlq, autoscaling, streamMetaFieldName } = options ?? {};
  const own = {
    ...(dlq && "coll" in dlq ? { dlq } : {}),
    ...(streamMetaFieldName !== undefined && { streamMetaFieldName }),
    ...(autoscaling && { autoscaling }),
    ...(tier && { tier }),
    ...(failoverEnabled !== undefined && { failoverEnabled }),
  };
  return { name, pipeline, ...(Object.keys(own).length > 0 && { options: own }) };
}

export function toChange({
  name,
  pipeline,
  options,
  tier,
  failoverEnabled,
}: Static<typeof processorChange>): ModifyOptions {
  const { dlq, autoscaling, resumeFromCheckpoint } = options ?? {};
  return {
    ...(name !== undefined && { name }),
    ...(pipeline && { pipeline }),
    ...(dlq && { dlq: "coll" in dlq ? dlq : {} }),
    ...(tier && { tier }),
    ...(autoscaling !== undefined && { autoscaling }),
    ...(failoverEnabled !== undefined && { failoverEnabled }),
    ...(resumeFromCheckpoint !== undefined && { resumeFromCheckpoint }),
  };
}

export function toStartOptions(body: Static<typeof startRequest> | undefined): StartOptions {
  const { tier, autoscaling, resumeFromCheckpoint, startAtOperationTime } = body ?? {};
  return {
    ...(tier && { tier }),
    ...(autoscaling && { autoscaling }),
    ...(resumeFromCheckpoint !== undefined && { resumeFromCheckpoint }),
    ...(startAtOperationTime !== undefined && { startAtOperationTime }),
  };
}

/** What POST answers: `StreamsProcessor`. Source: asp-control-plane 1.4. */
export function toProcessor({ id, name, pipeline, options, autoscaling, tier }: ProcessorInfo): Document {
  const { tier: _, failoverEnabled, resumeFromCheckpoint: __, autoscaling: first, ...rest } = options ?? {};
  const scaling = autoscaling ?? first;
  const shown = { ...(scaling && { autoscaling: scaling }), ...rest };
  return {
    _id: id,
    ...(failoverEnabled === undefined ? {} : { failoverEnabled }),
    name,
    ...(Object.keys(shown).length > 0 && { options: shown }),
    pipeline,
    tier,
  };
}

/** `StreamsProcessorWithStats`. */
export async function toProcessorWithStats({ record, workspace }: Tenant, info: ProcessorInfo): Promise<Document> {
  const { stats } = await workspace.stats(info.name, { verbose: true });
  return {
    ...toProcessor(info),
    effectiveTier: info.tier,
    eligibleForFailover: whyNoFailover(record, info) === undefined,
    ...(info.error && { errorMsg: info.error.message }),
    state: shownState(info.state),
    stats: stats as Document,
  };
}

/** The API shows no state that passes by itself. Source: asp-control-plane 1.5, inferred from clients that know no other. */
export function shownState(state: WorkspaceState): "CREATED" | "STARTED" | "STOPPED" | "FAILED" {
  switch (state) {
    case "STARTING":
    case "STOPPING":
      return "STARTED";
    case "DROPPING":
      return "STOPPED";
    case "CREATED":
    case "STARTED":
    case "STOPPED":
    case "FAILED":
      return state;
  }
}
