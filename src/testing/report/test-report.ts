import type { Finding } from "../../diagnostics/finding.ts";
import { findingsToJson } from "../../diagnostics/findings-to-json.ts";
import type { Trial } from "../case/trial.ts";
import type { TimeReport } from "./time-report.ts";
import type { Difference } from "../compare/difference.ts";

/** One trial of a case. The values in its differences are EJSON. */
export interface TrialReport {
  readonly name: Trial;
  readonly ok: boolean;
  /** Why the trial was not run. */
  readonly skipped?: string;
  readonly differences: readonly Difference[];
  readonly seconds: number;
}

export interface CaseReport {
  readonly name: string;
  readonly ok: boolean;
  readonly trials: readonly TrialReport[];
  readonly findings: readonly Finding[];
  /** What the straight trial did to windows, a report for each processor that has one; where it was asked for. */
  readonly time?: readonly TimeReport[];
  readonly seconds: number;
}

/** What `asp test` found. `findings` holds the project's and those of all cases. */
export interface TestReport {
  readonly passed: number;
  readonly failed: number;
  readonly findings: readonly Finding[];
  readonly cases: readonly CaseReport[];
  readonly seconds: number;
}

/** The stable shape that `asp test --json` prints: schema/test-report.schema.json. */
export function toTestReportJson({ passed, failed, findings, cases }: TestReport): unknown {
  return {
    passed,
    failed,
    findings: findingsToJson(findings).findings,
    cases: cases.map(({ name, ok, trials, time }) => ({
      name,
      ok,
      trials: trials.map(toTrialJson),
      ...(time === undefined ? {} : { time }),
    })),
  };
}

function toTrialJson({ name, ok, skipped, differences }: TrialReport): unknown {
  return { name, ok, ...(skipped === undefined ? {} : { skipped }), differences };
}
