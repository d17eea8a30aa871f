import { labelOf } from "../../deploy/plan/step-label.ts";
import type { Deployed } from "../../deploy/apply/deploy.ts";
import type { StepResult } from "../../deploy/apply/step-result.ts";
import { printable } from "../../diagnostics/printable.ts";
import { countOutcomes } from "./deploy-report.ts";
import { renderCount } from "./numbers.ts";
import { toPaint, type Paint } from "./paint.ts";

export interface RenderDeployedOptions {
  readonly command: "deploy" | "destroy";
  readonly color: boolean;
  /** Each step that was not found as it should be was told when it ended, on the same screen. */
  readonly wasTold: boolean;
}

/** What became of each step, as far as nobody was told, and one line about all of them. */
export function renderDeployed(
  { outcome, results }: Deployed,
  { command, color, wasTold }: RenderDeployedOptions,
): string {
  const paint = toPaint({ color });
  const { done, unchanged, failed, rolledBack, skipped } = countOutcomes(results);
  const heads = {
    done: command === "deploy" ? "Deployed" : "Destroyed",
    failed: "Not all went well",
    interrupted: "Interrupted",
  };
  const parts = [
    `${done} done`,
    ...(rolledBack === 0 ? [] : [`${rolledBack} rolled back`]),
    ...(failed === 0 ? [] : [`${failed} failed`]),
    ...(skipped === 0 ? [] : [`${skipped} skipped`]),
    ...(unchanged === 0 ? [] : [`${unchanged} unchanged`]),
  ];
  const isLeft = ({ step, outcome: own }: StepResult): boolean =>
    step.kind !== "keep" && (!wasTold || own === "unchanged");
  const lines = results.filter(isLeft).map((result) => `  ${renderResult(result, paint)}`);
  return [...lines, paint.bold(`${heads[outcome]}: ${parts.join(", ")}`)].join("\n");
}

/** `done         orders is created: 10.2 s, 12 documents read`. */
export function renderResult(result: StepResult, paint: Paint): string {
  const { outcome, notes, failure, input, seconds } = result;
  const paints = { done: paint.green, "rolled-back": paint.yellow, failed: paint.red };
  const word = outcome.replace("-", " ").padEnd(12);
  const painted = outcome in paints ? paints[outcome as keyof typeof paints](word) : paint.dim(word);
  const facts = [
    ...(failure === undefined ? [] : [failure.finding.message]),
    ...notes,
    ...(outcome === "skipped" ? [] : [`${seconds.toFixed(1)} s`]),
    ...(input === undefined ? [] : [`${renderCount(input, "document")} read`]),
  ];
  return `${painted} ${whatOf(result)}: ${facts.map(printable).join("; ")}`;
}

function whatOf({ step }: StepResult): string {
  switch (step.kind) {
    case "create-connection":
    case "edit-connection":
    case "delete-connection":
      return `${step.kind.replace("-connection", "")} connection ${step.connection}`;
    case "rename":
      return `rename ${step.formerName} to ${step.name}`;
    case "create-workspace":
    case "edit-workspace":
    case "create-collection":
    case "edit-collection":
    case "create-index":
      return `${step.kind.replace("-", " ")} ${labelOf(step)}`;
    default:
      return `${step.kind} ${step.name}`;
  }
}
