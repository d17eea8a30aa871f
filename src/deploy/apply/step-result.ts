import type { Finding } from "../../diagnostics/finding.ts";
import type { Step } from "../plan/step.ts";

/**
 * What became of a step: `rolled-back` where the change failed and everything is as it was before; `failed` where it is not; `skipped` where
 * it was not begun.
 */
export type StepOutcome = "done" | "unchanged" | "failed" | "rolled-back" | "skipped";

/** Whose a failure is: the user's pipelines (exit 1), or the world's (exit 3). */
export type Fault = "project" | "world";

export interface StepFailure {
  readonly finding: Finding;
  readonly fault: Fault;
}

/** What an executor of one step says, without the time. */
export interface StepEnd {
  readonly outcome: StepOutcome;
  readonly failure?: StepFailure;
  /** Facts, for people: what was put back, why it was skipped. */
  readonly notes: readonly string[];
  /** Documents that it has read since it was started. */
  readonly input?: number;
}

export interface StepResult extends StepEnd {
  readonly step: Step;
  readonly seconds: number;
}

export function done(...notes: readonly string[]): StepEnd {
  return { outcome: "done", notes };
}
