import { clusterTimeOf } from "./core/resume-token.ts";
import type { Cluster, EngineOptions } from "./engine.ts";
import type { Processor } from "./processor.ts";
import type { ProcessorDetails } from "./processor-details.ts";
import type { PullSource } from "./sources/pull-source.ts";
import { operationTime } from "./sources/change-stream.ts";

/** All that is known of a processor; how far its source is behind is asked of its cluster or brokers. */
export async function describeProcessor(
  processor: Processor,
  cluster: (connectionName: string) => Cluster,
  pull: PullSource | undefined,
  newestTime: NonNullable<EngineOptions["newestTime"]> = operationTime,
): Promise<ProcessorDetails> {
  const details = await processor.details();
  const { position: current, storedPosition: stored } = processor;
  const kafkaPartitions = await pull?.describe?.({ current, stored, laneMs: details.window?.laneMs });
  if (kafkaPartitions !== undefined) return { ...details, kafkaPartitions };
  const { source } = processor.plan;
  const { token } = processor.position;
  if (source.kind !== "changeStream" || token === undefined) return details;
  const at = clusterTimeOf(token);
  const newest = await newestTime(cluster(source.connectionName));
  const behind = at === undefined ? undefined : newest.getHighBitsUnsigned() - at.getHighBitsUnsigned();
  return {
    ...details,
    changeStream: { token, ...(behind === undefined ? {} : { behindSeconds: Math.max(0, behind) }) },
  };
}
