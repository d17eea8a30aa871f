import { mayStart } from "./edit-processor.ts";
import { isProcessorStep, type ProcessorStep, type Step } from "./step.ts";

/** What the processors of a plan cost an hour, in US dollars, those that are not started not counted. */
export interface PlanCost {
  readonly before: number;
  readonly after: number;
}

/** Undefined where the price of one that runs is not known: a sum of some says nothing. */
export function costOf(steps: readonly Step[]): PlanCost | undefined {
  let [before, after] = [0, 0];
  for (const step of steps) {
    if (!isProcessorStep(step)) continue;
    const { hourlyBefore, hourlyAfter } = step.tier;
    const [runs, willRun] = [runsBefore(step), runsAfter(step)];
    if ((runs && hourlyBefore === undefined) || (willRun && hourlyAfter === undefined)) return undefined;
    if (runs) before += hourlyBefore ?? 0;
    if (willRun) after += hourlyAfter ?? 0;
  }
  return { before: inCents(before), after: inCents(after) };
}

function runsBefore(step: ProcessorStep): boolean {
  return step.kind !== "create" && !mayStart(step.state);
}

function runsAfter(step: ProcessorStep): boolean {
  switch (step.kind) {
    case "delete":
      return false;
    case "start":
      return true;
    case "create":
    case "edit":
    case "rename":
      return step.starts;
    case "keep":
    case "adopt":
      return runsBefore(step);
  }
}

/** Hundredths of a cent are the smallest that prices have. */
function inCents(dollars: number): number {
  return Math.round(dollars * 1e4) / 1e4;
}
