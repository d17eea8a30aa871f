import type { Definition } from "../../../stages/definition.ts";
import { tierNames } from "../../../stages/tiers.ts";
import type { TenantRecord } from "../../project-types.ts";
import type { ProcessorInfo } from "../../workspace/workspace-types.ts";

/**
 * Why a processor cannot fail over, to any region or to the one that is named; undefined where it could on the service. Source:
 * asp-control-plane 1.4: SP10 or more, from Atlas to Atlas or Kafka, within one cloud.
 */
export function whyNoFailover(
  { failoverRegions, dataProcessRegion }: TenantRecord,
  { tier, pipeline }: Pick<ProcessorInfo, "tier" | "pipeline">,
  region?: string,
): string | undefined {
  if (tierNames.indexOf(tier) < tierNames.indexOf("SP10")) return `failover needs a tier of SP10 or more, not ${tier}`;
  if (!readsAtlas(pipeline)) return "failover needs a source that reads a change stream";
  if (!writesAtlasOrKafka(pipeline)) return "failover needs a sink that writes to a cluster or to Kafka";
  const others = failoverRegions.filter(
    ({ cloudProvider = dataProcessRegion.cloudProvider }) => cloudProvider === dataProcessRegion.cloudProvider,
  );
  if (others.length === 0) return "the workspace has no failover region in its cloud";
  if (region === undefined || others.some((each) => each["region"] === region)) return undefined;
  return `${region} is no failover region of the workspace`;
}

function readsAtlas([first]: Definition["pipeline"]): boolean {
  const source: unknown = first?.["$source"];
  if (typeof source !== "object" || source === null) return false;
  return ["topic", "stream", "documents", "schedule"].every((field) => !(field in source));
}

function writesAtlasOrKafka(pipeline: Definition["pipeline"]): boolean {
  const last = pipeline.at(-1) ?? {};
  const emit: unknown = last["$emit"];
  return "$merge" in last || (typeof emit === "object" && emit !== null && ("topic" in emit || "db" in emit));
}
