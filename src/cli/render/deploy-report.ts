import type { StepOutcome, StepResult } from "../../deploy/apply/step-result.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { findingsToJson } from "../../diagnostics/findings-to-json.ts";
import type { Planned } from "../make-plan.ts";
import type { DeployReport } from "./deploy-report-schema.ts";
import { toStepReport } from "./plan-report.ts";

export interface DeployReportInput {
  readonly command: DeployReport["command"];
  readonly planned: Planned;
  readonly outcome: DeployReport["outcome"];
  readonly results: readonly StepResult[];
  readonly findings: readonly Finding[];
}

/** The value that `asp deploy --json` prints. */
export function toDeployReport({ command, planned, outcome, results, findings }: DeployReportInput): DeployReport {
  return {
    command,
    environment: planned.environment,
    target: planned.label,
    outcome,
    summary: countOutcomes(results),
    steps: results.map(({ step, outcome, seconds, failure, notes, input }) => ({
      ...toStepReport(step),
      outcome,
      seconds: Math.round(seconds * 1000) / 1000,
      ...(failure && { reason: failure.finding.message }),
      notes,
      ...(input !== undefined && { input }),
    })),
    findings: findingsToJson(findings).findings,
  };
}

export function countOutcomes(results: readonly StepResult[]): DeployReport["summary"] {
  const count = (wanted: StepOutcome): number => results.filter(({ outcome }) => outcome === wanted).length;
  return {
    done: count("done"),
    unchanged: count("unchanged"),
    failed: count("failed"),
    rolledBack: count("rolled-back"),
    skipped: count("skipped"),
  };
}
