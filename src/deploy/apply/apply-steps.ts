import { dependenciesOf } from "../plan/step-dependencies.ts";
import { labelOf } from "../plan/step-label.ts";
import type { Step } from "../plan/step.ts";
import { applyStep } from "./apply-step.ts";
import type { ApplyContext } from "./apply-context.ts";
import { isMoved, leftInTheMiddle, StepFailed, toFailure } from "./failures.ts";
import { NotBegun } from "./slots.ts";
import type { StepEnd, StepResult } from "./step-result.ts";

export interface ApplyStepsOptions {
  /** Called where nothing more is to begin, since somebody else is at work. */
  readonly halt: () => void;
  readonly onEnd?: (result: StepResult) => void;
}

/**
 * Does the steps: each as soon as those that it waits for have gone well, and otherwise at once. After a failure what depends on it is
 * skipped, and the others are done. Results are in the order of the steps.
 */
export async function applySteps(
  steps: readonly Step[],
  context: ApplyContext,
  { halt, onEnd }: ApplyStepsOptions,
): Promise<readonly StepResult[]> {
  const dependencies = dependenciesOf(steps, context.expected, context.environment);
  const running: Promise<StepResult>[] = [];
  const bugs: unknown[] = [];
  for (const [place, step] of steps.entries()) {
    const first = [...(dependencies[place] ?? [])].map((index) => running[index] as Promise<StepResult>);
    const begin = async (): Promise<StepResult> => {
      const unmet = (await Promise.all(first)).find(({ outcome }) => outcome !== "done");
      const startedAt = performance.now();
      const run = async (): Promise<StepEnd> => {
        if (unmet !== undefined) return skipped(`it comes after ${describeStep(unmet.step)}, which was not done`);
        try {
          return await applyStep(step, context);
        } catch (error) {
          const end = toEnd(error, step, context);
          if (end === undefined) bugs.push(error);
          if (end === undefined || isMoved(error)) halt();
          return end ?? skipped("asp itself failed");
        }
      };
      const result = { step, ...(await run()), seconds: (performance.now() - startedAt) / 1000 };
      onEnd?.(result);
      return result;
    };
    running.push(begin());
  }
  const results = await Promise.all(running);
  if (bugs.length > 0) throw bugs[0];
  return results;
}

function skipped(note: string): StepEnd {
  return { outcome: "skipped", notes: [note] };
}

/** Undefined for a bug of ours. */
function toEnd(error: unknown, step: Step, { forced }: ApplyContext): StepEnd | undefined {
  if (error instanceof NotBegun) return skipped("the deployment ended before it began");
  const { name, at } =
    "name" in step ? { name: step.name, at: { processor: step.name } } : { name: describeStep(step), at: {} };
  if (forced.aborted) {
    const finding = leftInTheMiddle(at, { name });
    return { outcome: "failed", failure: { finding, fault: "world" }, notes: [] };
  }
  const failure = toFailure(error, at.processor);
  if (failure === undefined) return undefined;
  const { notes = [], ...finding } = failure.finding;
  const isRolledBack = error instanceof StepFailed && error.isRolledBack;
  return { outcome: isRolledBack ? "rolled-back" : "failed", failure: { ...failure, finding }, notes };
}

/** For people. */
export function describeStep(step: Step): string {
  const name = `\`${labelOf(step)}\``;
  if ("name" in step) return name;
  if ("workspace" in step) return `the workspace ${name}`;
  if ("connection" in step) return `the connection ${name}`;
  return step.kind === "create-index" ? `an index of ${name}` : `the collection ${name}`;
}
