import type { Document, Timestamp } from "bson";
import { stateLimitOf } from "../../compiler/explain-tier.ts";
import { fieldOf } from "../../engine/core/exact-bson.ts";
import { clusterTimeOf } from "../../engine/core/resume-token.ts";
import { isTierName } from "../../stages/tiers.ts";
import { errorIn, flagIn, listIn, numberIn, textIn } from "./read-fields.ts";

/**
 * What a workspace measures of a processor, whichever way it was read. Counts run since it was created. What the service does not show is
 * undefined, never 0.
 */
export interface ProcessorStats {
  readonly name: string;
  /** CREATED, STARTED, STOPPED, FAILED; any other name passes by itself. */
  readonly state: string;
  /** Why it is FAILED, in the service's words. */
  readonly error?: string;
  /** The one it runs on, where autoscaling has moved it. */
  readonly tier?: string;
  readonly inputMessageCount?: number;
  readonly outputMessageCount?: number;
  readonly dlqMessageCount?: number;
  readonly inputBytes?: number;
  readonly outputBytes?: number;
  readonly dlqBytes?: number;
  /** Of windows that are open. */
  readonly stateBytes?: number;
  readonly memoryUsageBytes?: number;
  /** Above this the service lets it fail: 80 % of the tier's memory. Source: asp-language 7.3. */
  readonly memoryLimitBytes?: number;
  /** Event time up to which windows are closed. */
  readonly watermark?: Date;
  /** The cluster time up to which it has handled its change stream. */
  readonly changeStreamTime?: Timestamp;
  /** How far it is behind the oplog of its source. */
  readonly changeStreamLagSeconds?: number;
  /** Messages of all partitions that it has not read yet. */
  readonly kafkaLagMessages?: number;
  readonly kafkaPartitions?: readonly PartitionStats[];
  /** From `$source` to the sink's acknowledgement. */
  readonly latencyMs?: { readonly p50: number; readonly p99: number };
  readonly operators?: readonly OperatorFigures[];
  /** The whole reply: documents of BSON in the order of their keys. */
  readonly raw: Document;
}

export interface PartitionStats {
  readonly topic?: string;
  readonly partition: number;
  readonly lagMessages?: number;
  readonly isIdle?: boolean;
}

/** Of one operator, in the order of the pipeline. */
export interface OperatorFigures {
  readonly name: string;
  readonly inputMessageCount?: number;
  readonly outputMessageCount?: number;
  readonly dlqMessageCount?: number;
  readonly executionTimeMs?: number;
  readonly stateBytes?: number;
}

/**
 * Reads a reply with `stats`, or a processor that is shown without. Source: asp-language 8.4.
 */
export function toProcessorStats(name: string, shown: Document): ProcessorStats {
  const stats = fieldOf(shown, "stats");
  const scale = numberIn(stats, "scaleFactor") ?? 1;
  const tier = textIn(shown, "effectiveTier") ?? textIn(shown, "tier");
  const partitions = listIn(stats, "kafkaPartitions")?.flatMap(toPartition);
  const operators = listIn(stats, "operatorStats")?.flatMap((operator) => toOperator(operator, scale));
  return {
    name,
    state: textIn(shown, "state") ?? "UNKNOWN",
    ...present({
      error: errorIn(shown),
      tier,
      inputMessageCount: numberIn(stats, "inputMessageCount"),
      outputMessageCount: numberIn(stats, "outputMessageCount"),
      dlqMessageCount: numberIn(stats, "dlqMessageCount"),
      inputBytes: bytesIn(stats, "inputMessageSize", scale),
      outputBytes: bytesIn(stats, "outputMessageSize", scale),
      dlqBytes: bytesIn(stats, "dlqMessageSize", scale),
      stateBytes: bytesIn(stats, "stateSize", scale),
      memoryUsageBytes: numberIn(stats, "memoryUsageBytes") ?? numberIn(stats, "memoryTrackerBytes"),
      memoryLimitBytes: isTierName(tier) ? stateLimitOf(tier) : undefined,
      watermark: dateIn(stats, "watermark"),
      changeStreamTime: changeStreamTimeIn(stats),
      changeStreamLagSeconds: numberIn(stats, "changeStreamTimeDifferenceSecs"),
      kafkaLagMessages: numberIn(stats, "kafkaTotalOffsetLag"),
      kafkaPartitions: partitions,
      latencyMs: toLatency(fieldOf(stats, "latency")),
      operators,
    }),
    raw: shown,
  };
}

/** The position is the last resume token; the time stands in it. */
function changeStreamTimeIn(stats: unknown): Timestamp | undefined {
  const token = fieldOf(stats, "changeStreamState");
  const data = typeof token === "string" ? token : textIn(token, "_data");
  return data === undefined ? undefined : clusterTimeOf({ _data: data });
}

function toPartition(shown: unknown): readonly PartitionStats[] {
  const partition = numberIn(shown, "partition");
  if (partition === undefined) return [];
  const rest = {
    topic: textIn(shown, "topic"),
    lagMessages: numberIn(shown, "partitionOffsetLag"),
    isIdle: flagIn(shown, "isIdle"),
  };
  return [{ partition, ...present(rest) }];
}

function toOperator(shown: unknown, scale: number): readonly OperatorFigures[] {
  const name = textIn(shown, "name");
  if (name === undefined) return [];
  const figures = {
    inputMessageCount: numberIn(shown, "inputMessageCount"),
    outputMessageCount: numberIn(shown, "outputMessageCount"),
    dlqMessageCount: numberIn(shown, "dlqMessageCount"),
    executionTimeMs: numberIn(shown, "executionTimeMillis"),
    stateBytes: bytesIn(shown, "stateSize", scale),
  };
  return [{ name, ...present(figures) }];
}

const microsecondsInMs = 1000;

/** The service gives microseconds, and says so. */
function toLatency(shown: unknown): { readonly p50: number; readonly p99: number } | undefined {
  const [p50, p99] = [numberIn(shown, "p50"), numberIn(shown, "p99")];
  if (p50 === undefined || p99 === undefined || textIn(shown, "unit") !== "microseconds") return undefined;
  return { p50: p50 / microsecondsInMs, p99: p99 / microsecondsInMs };
}

function bytesIn(shown: unknown, name: string, scale: number): number | undefined {
  const size = numberIn(shown, name);
  return size === undefined ? undefined : size * scale;
}

/** A date of BSON, or a text as JSON has it. */
function dateIn(shown: unknown, name: string): Date | undefined {
  const value = fieldOf(shown, name);
  const date = value instanceof Date ? value : new Date(typeof value === "string" ? value : Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

type Present<Fields> = { readonly [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };

/** The fields that are there. */
function present<Fields extends object>(fields: Fields): Present<Fields> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<Fields>;
}
