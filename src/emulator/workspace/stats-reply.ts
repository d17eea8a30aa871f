import type { Document } from "bson";
import type { ProcessorDetails } from "../../engine/processor-details.ts";
import type { OperatorStats } from "../../engine/meter.ts";
import type { Definition } from "../../stages/definition.ts";
import type { TierName } from "../../stages/tiers.ts";
import { statusOf, type WorkspaceState } from "./life-cycle.ts";
import type { Autoscaling } from "./start-options.ts";

/** Documents and bytes of BSON since a processor was created. */
export interface Counts {
  readonly input: number;
  readonly output: number;
  readonly deadLetters: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
  readonly deadLetterBytes: number;
}

export const noCounts: Counts = {
  input: 0,
  output: 0,
  deadLetters: 0,
  inputBytes: 0,
  outputBytes: 0,
  deadLetterBytes: 0,
};

export function addCounts(before: Counts, details: ProcessorDetails | undefined): Counts {
  if (details === undefined) return before;
  const { input, output, deadLetters, bytes } = details;
  return {
    input: before.input + input,
    output: before.output + output,
    deadLetters: before.deadLetters + deadLetters,
    inputBytes: before.inputBytes + bytes.input,
    outputBytes: before.outputBytes + bytes.output,
    deadLetterBytes: before.deadLetterBytes + bytes.deadLetters,
  };
}

/** What statistics are made of. */
export interface StatsParts {
  readonly workspaceName: string;
  readonly processorId: string;
  readonly definition: Definition;
  readonly state: WorkspaceState;
  readonly tier: TierName;
  readonly autoscaling: Autoscaling | undefined;
  readonly parallelism: number;
  /** Of all runs, the present one included. */
  readonly counts: Counts;
  /** Of the present run. */
  readonly details: ProcessorDetails | undefined;
}

export interface StatsOptions {
  /** Adds latency and operators. */
  readonly verbose?: boolean;
  /** Sizes are divided by it; default 1. */
  readonly scale?: 1 | 1024;
}

/**
 * The statistics of a processor in the documented envelope. Source: asp-language 8.4.
 *
 * What the service measures of its own workers is left out, but for `memoryUsageBytes`: here that is the state of windows, which tiers
 * are compared with.
 */
export function toStatsReply(parts: StatsParts, { verbose = false, scale = 1 }: StatsOptions = {}): Document {
  const { workspaceName, processorId, definition, state, tier, autoscaling, parallelism, counts, details } = parts;
  const size = (bytes: number): number => bytes / scale;
  const stateBytes = details?.window?.stateBytes ?? 0;
  const watermarkMs = details?.window?.watermarkMs;
  const { changeStream, kafkaPartitions, throttle } = details ?? {};
  return {
    ok: 1,
    ns: `${workspaceName}.${definition.name}`,
    name: definition.name,
    state,
    tier,
    effectiveTier: tier,
    ...(autoscaling && { autoscaling }),
    stats: {
      name: definition.name,
      processorId,
      status: statusOf(state),
      scaleFactor: scale,
      inputMessageCount: counts.input,
      inputMessageSize: size(counts.inputBytes),
      outputMessageCount: counts.output,
      outputMessageSize: size(counts.outputBytes),
      dlqMessageCount: counts.deadLetters,
      dlqMessageSize: size(counts.deadLetterBytes),
      stateSize: size(stateBytes),
      memoryUsageBytes: stateBytes,
      ...(watermarkMs === undefined ? {} : { watermark: new Date(watermarkMs) }),
      ...(changeStream && { changeStreamState: changeStream.token }),
      ...(changeStream?.behindSeconds === undefined
        ? {}
        : { changeStreamTimeDifferenceSecs: changeStream.behindSeconds }),
      ...(kafkaPartitions && toKafka(kafkaPartitions)),
      ...toThrottle(throttle),
      ...(parallelism > 0 ? { addedParallelism: parallelism } : {}),
      ...(verbose && details !== undefined ? toVerbose(details, size) : {}),
    },
    pipeline: definition.pipeline,
  };
}

function toThrottle(throttle: ProcessorDetails["throttle"]): Document {
  if (throttle === undefined) return {};
  return { throttle: { throttledTimeMs: Math.round(throttle.throttledMs), throttleEvents: throttle.events } };
}

function toKafka(partitions: NonNullable<ProcessorDetails["kafkaPartitions"]>): Document {
  return {
    kafkaPartitions: partitions.map(({ watermarkMs, ...partition }) => ({
      ...partition,
      ...(watermarkMs === undefined ? {} : { watermark: new Date(watermarkMs) }),
    })),
    kafkaTotalOffsetLag: partitions.reduce((sum, { partitionOffsetLag = 0n }) => sum + partitionOffsetLag, 0n),
  };
}

const microseconds = 1000;

function toVerbose(details: ProcessorDetails, size: (bytes: number) => number): Document {
  const { p50, p99, count, sum, startMs, endMs } = details.latency;
  const windowAt = details.operatorStats.findIndex(({ name }) => name.endsWith("WindowOperator"));
  return {
    latency: {
      p50: p50 * microseconds,
      p99: p99 * microseconds,
      count,
      sum: sum * microseconds,
      unit: "microseconds",
      start: new Date(startMs),
      end: new Date(endMs),
    },
    operatorStats: details.operatorStats.map((operator, at) => ({
      ...toOperator(operator),
      ...(at === windowAt ? toWindow(details, size) : {}),
      ...(at === 0 ? toTargets(details) : {}),
    })),
  };
}

function toOperator({ name, input, output, deadLetters, ms, throttle }: OperatorStats): Document {
  return {
    name,
    inputMessageCount: input,
    outputMessageCount: output,
    dlqMessageCount: deadLetters,
    executionTimeMillis: Math.round(ms),
    ...toThrottle(throttle),
  };
}

function toWindow({ window }: ProcessorDetails, size: (bytes: number) => number): Document {
  const { stateBytes = 0, minOpenStartMs, maxOpenStartMs } = window ?? {};
  return {
    stateSize: size(stateBytes),
    ...(minOpenStartMs === undefined ? {} : { minOpenWindowStartTime: new Date(minOpenStartMs) }),
    ...(maxOpenStartMs === undefined ? {} : { maxOpenWindowStartTime: new Date(maxOpenStartMs) }),
  };
}

/** Of a source that copied what was stored. */
function toTargets({ initialSync }: ProcessorDetails): Document {
  return initialSync === undefined ? {} : { targetStats: initialSync.targets, initialSync: initialSync.total };
}
