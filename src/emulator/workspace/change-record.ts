import type { Definition } from "../../stages/definition.ts";
import type { ProcessorRecord } from "./processor-record.ts";
import { readAutoscaling, readTier } from "./start-options.ts";
import type { ModifyOptions } from "./workspace-types.ts";

/** A record as a change has it: what the change leaves out stays. @throws AspError ASP5189 for a tier that is none */
export function changeRecord(record: ProcessorRecord, given: ModifyOptions, at: Date): ProcessorRecord {
  const { options: before, autoscaling: oldScaling, tier: oldTier, ...rest } = record;
  const options = changeOptions(before, given);
  const tier = readTier(given.tier, "tier") ?? oldTier;
  const autoscaling = given.autoscaling === undefined ? oldScaling : readAutoscaling(given.autoscaling);
  return {
    ...rest,
    name: given.name ?? record.name,
    pipeline: given.pipeline ?? record.pipeline,
    ...(options && { options }),
    ...(tier && { tier }),
    ...(autoscaling && { autoscaling }),
    lastModified: at,
    pipelineVersion: record.pipelineVersion + (given.pipeline === undefined ? 0 : 1),
  };
}

function changeOptions(
  before: Definition["options"],
  { dlq, failoverEnabled }: ModifyOptions,
): Definition["options"] | undefined {
  const { dlq: oldDlq, ...others } = before ?? {};
  const target = dlq === undefined ? oldDlq : dlq.coll === undefined ? undefined : dlq;
  const options = {
    ...(target && { dlq: target }),
    ...others,
    ...(failoverEnabled === undefined ? {} : { failoverEnabled }),
  };
  return Object.keys(options).length === 0 ? undefined : options;
}
