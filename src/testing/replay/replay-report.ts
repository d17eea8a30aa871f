import type { Finding } from "../../diagnostics/finding.ts";
import { findingsToJson } from "../../diagnostics/findings-to-json.ts";
import type { LagMs } from "../../engine/core/lag.ts";
import type { ProcessorStats } from "../../engine/engine.ts";
import type { Difference } from "../compare/difference.ts";

export interface ReplayedProcessor {
  readonly name: string;
  /** Documents that `$source` delivered. */
  readonly input: number;
  /** Documents handed to the sink. */
  readonly output: number;
  readonly deadLetters: number;
  /** From insert to the sink's acknowledgement. */
  readonly lagMs: LagMs;
}

/** What came out of a replay. */
export interface ReplayReport {
  /** False if a processor FAILED, or what came out differs from then/. */
  readonly ok: boolean;
  /** Documents inserted, and other writes of _steps.yaml. */
  readonly events: number;
  /** From the first insert until the last document had gone through. */
  readonly seconds: number;
  readonly eventsPerSecond: number;
  readonly processors: readonly ReplayedProcessor[];
  /** How many documents then/ expects, where there is one: what came out was compared with them. */
  readonly expected?: number;
  /** What differs from then/, where there is one; the values are EJSON. */
  readonly differences: readonly Difference[];
  readonly findings: readonly Finding[];
}

/** The stable shape that `asp replay --json` prints: schema/replay-report.schema.json. */
export function toReplayReportJson(report: ReplayReport): Readonly<Record<string, unknown>> {
  const { events, seconds, eventsPerSecond, processors, differences } = report;
  const { findings } = findingsToJson(report.findings);
  return {
    events,
    seconds,
    eventsPerSecond,
    processors,
    ...(differences.length === 0 ? {} : { differences }),
    ...(findings.length === 0 ? {} : { findings }),
  };
}

/** How far a replay has come. */
export interface ReplayProgress {
  /** Events inserted so far. */
  readonly events: number;
  readonly seconds: number;
  /** What the slowest processor that is fed has delivered, a second, since the start. */
  readonly eventsPerSecond: number;
  /** The largest of the processors' median lags. */
  readonly lagMs: number;
  readonly deadLetters: number;
  readonly processors: readonly ProcessorStats[];
}

export function toReplayedProcessor({ name, input, output, deadLetters, lagMs }: ProcessorStats): ReplayedProcessor {
  return { name, input, output, deadLetters, lagMs };
}
