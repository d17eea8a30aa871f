import type { StageChange } from "../../deploy/plan/compare-stages.ts";
import { costOf } from "../../deploy/plan/plan-cost.ts";
import type { Step } from "../../deploy/plan/step.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import type { Planned } from "../make-plan.ts";
import { renderCost, renderSummary } from "./plan-summary.ts";
import { aroundChanges, explainOutdated, explainRestart } from "./plan-text.ts";
import { labelOf } from "../../deploy/plan/step-label.ts";
import type { RebuildScope } from "../../deploy/plan/rebuild-command.ts";
import { describeIndex, environmentOf, whoseOf } from "./plan-things.ts";

/** A plan as a comment on a pull request: a table of what changes, and the differences folded away. */
export function renderPlanAsMarkdown(
  { plan: { steps, unmanaged, prunable }, label, file }: Planned,
  findings: readonly Finding[],
): string {
  const changed = steps.filter(({ kind }) => kind !== "keep");
  const cost = renderCost(costOf(steps));
  const rows = changed.map(
    (step) => `| ${[nameOf(step), whatOf(step), checkpointOf(step, file)].map(cell).join(" | ")} |`,
  );
  return [
    `### asp plan: ${environmentOf(file)}`,
    label,
    `**${renderSummary(steps)}**`,
    ...(rows.length === 0 ? [] : [["| | step | checkpoint |", "| --- | --- | --- |", ...rows].join("\n")]),
    ...(findings.length === 0 ? [] : [findings.map(renderFinding).join("\n")]),
    ...changed.flatMap(detailsOf),
    ...(cost === undefined ? [] : [cost]),
    ...(unmanaged.length === 0 ? [] : [`Not this ${whoseOf(file)}'s, left alone: ${unmanaged.map(code).join(", ")}`]),
    ...(prunable.length === 0
      ? []
      : [`No more in the project, left alone without \`--prune\`: ${prunable.map(code).join(", ")}`]),
  ].join("\n\n");
}

function nameOf(step: Step): string {
  return code(labelOf(step));
}

function whatOf(step: Step): string {
  switch (step.kind) {
    case "keep":
      return "unchanged";
    case "create-workspace":
      return `make the workspace in ${step.settings.provider} ${step.settings.region}`;
    case "edit-workspace":
      return `change the workspace: ${step.fields.map(({ field, before = "none", after = "none" }) => `${field} ${before} → ${after}`).join(", ")}`;
    case "create-collection":
      return "make the collection";
    case "edit-collection":
      return `change the collection: ${step.fields.map(({ field }) => field).join(", ")}`;
    case "create-index":
      return `make the index ${code(describeIndex(step))}`;
    case "create-connection":
      return "make the connection";
    case "edit-connection":
      return `change the connection: ${step.fields.map(({ field }) => field).join(", ")}`;
    case "delete-connection":
      return "**delete the connection**";
    case "adopt":
      return "take over as it is";
    case "create":
      return step.starts ? "create and start" : "create";
    case "start":
      return `start (it is ${step.state})`;
    case "edit":
    case "rename": {
      const fields = [
        ...(step.stages.length > 0 ? ["pipeline"] : []),
        ...step.options.map(({ field, before = "none", after = "none" }) => `${field} ${before} → ${after}`),
      ];
      const what = step.formerName === undefined ? "change" : `rename from ${code(step.formerName)}`;
      return fields.length === 0 ? what : `${what}: ${fields.join(", ")}`;
    }
    case "delete":
      return "**delete**";
  }
}

function checkpointOf(step: Step, scope: RebuildScope): string {
  if (step.kind === "delete") return step.lost.length === 0 ? "" : "**lost**";
  if (step.kind !== "edit" && step.kind !== "rename") return "";
  const { checkpoint, reason, lost, rebuild } = step.verdict;
  if (checkpoint === "keeps") return ["kept", ...explainOutdated(step, scope)].join("; ");
  const toRebuild = rebuild.length === 0 ? "" : `. To rebuild: ${rebuild.map(code).join(", ")}`;
  return `**discarded**: ${reason}. Lost: ${lost.join(", ")}${toRebuild}`;
}

function detailsOf(step: Step): readonly string[] {
  if (step.kind !== "edit" && step.kind !== "rename") return [];
  const diff = step.stages.flatMap(diffOf).join("\n");
  // The table says what is kept; what is lost meanwhile has no other place.
  if (diff === "") return step.verdict.checkpoint === "keeps" ? [] : [`${code(step.name)}: ${explainRestart(step)}`];
  // Longer than any run of backticks inside.
  const fence = "`".repeat(Math.max(3, ...[...diff.matchAll(/`+/gu)].map(([run]) => run.length + 1)));
  const summary = escapeHtml(`${step.name}: ${explainRestart(step)}`);
  return [`<details><summary>${summary}</summary>\n\n${fence}diff\n${diff}\n${fence}\n\n</details>`];
}

function diffOf({ kind, operator, before, after, lines }: StageChange): readonly string[] {
  if (kind === "same") return [];
  const shown = kind === "changed" ? aroundChanges(lines) : lines;
  return [
    `@@ stage ${(after ?? before ?? 0) + 1}: ${operator} ${kind} @@`,
    ...shown.map(({ sign, text }) => `${sign} ${text}`),
  ];
}

function renderFinding({ severity, code: number, message, file, line }: Finding): string {
  const place = file === undefined ? "" : ` (${code(`${file}:${line}`)})`;
  return `- **${severity}** ${number}: ${message}${place}`;
}

function code(text: string): string {
  return text.includes("`") ? text : `\`${text}\``;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
