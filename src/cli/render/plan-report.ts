import { costOf } from "../../deploy/plan/plan-cost.ts";
import { isChange, type Step } from "../../deploy/plan/step.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { findingsToJson } from "../../diagnostics/findings-to-json.ts";
import type { Planned } from "../make-plan.ts";
import type { PlanReport, StepReport } from "./plan-report-schema.ts";
import { collectionOf } from "../../deploy/plan/step-label.ts";
import { describeIndex } from "./plan-things.ts";
import { summarize } from "./plan-summary.ts";

/** The value that `asp plan --json` prints. */
export function toPlanReport(
  { plan: { steps, unmanaged, prunable }, environment, label, ownership, file }: Planned,
  findings: readonly Finding[],
): PlanReport {
  const cost = costOf(steps);
  return {
    environment,
    ...(file.suffix !== undefined && { suffix: file.suffix }),
    target: label,
    changes: steps.some(isChange),
    digest: file.digest,
    ownership,
    summary: summarize(steps),
    ...(cost && { cost }),
    steps: steps.map(toStepReport),
    unmanaged,
    prunable,
    findings: findingsToJson(findings).findings,
  };
}

export function toStepReport(step: Step): StepReport {
  switch (step.kind) {
    case "create-workspace": {
      const { provider, region, tier, maxTier } = step.settings;
      const all = Object.entries({ provider, region, tier, maxTier });
      const options = all.flatMap(([field, after]) => (after === undefined ? [] : [{ field, after }]));
      return { kind: step.kind, name: step.workspace, options };
    }
    case "edit-workspace":
      return { kind: step.kind, name: step.workspace, options: step.fields };
    case "create-collection":
    case "edit-collection":
      return { kind: step.kind, name: collectionOf(step), cluster: step.cluster, options: step.fields };
    case "create-index": {
      const { kind, cluster, neededBy } = step;
      return { kind, name: collectionOf(step), cluster, index: describeIndex(step), neededBy };
    }
    case "create-connection":
      return { kind: step.kind, name: step.connection };
    case "edit-connection":
      return { kind: step.kind, name: step.connection, options: step.fields, stopped: step.stops };
    case "delete-connection":
      return { kind: step.kind, name: step.connection };
    case "create": {
      const { definition: _, ...rest } = step;
      return rest;
    }
    case "keep":
    case "adopt":
    case "start":
    case "delete":
      return step;
    case "edit":
    case "rename": {
      const { definition: _, change: __, stages, ...rest } = step;
      const shown = stages.map((stage) => ({ ...stage, lines: stage.lines.map(({ sign, text }) => `${sign}${text}`) }));
      return { ...rest, stages: shown };
    }
  }
}
