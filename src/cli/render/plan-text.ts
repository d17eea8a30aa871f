import type { StageChange } from "../../deploy/plan/compare-stages.ts";
import type { DiffLine } from "../../deploy/plan/diff-lines.ts";
import { costOf } from "../../deploy/plan/plan-cost.ts";
import { textOf } from "../../deploy/plan/normal-form.ts";
import { isChange, type EditStep, type FieldChange, type Step } from "../../deploy/plan/step.ts";
import type { TierChange } from "../../deploy/plan/tier-change.ts";
import { printable } from "../../diagnostics/printable.ts";
import type { Planned } from "../make-plan.ts";
import { toPaint, type Paint } from "./paint.ts";
import { collectionOf } from "../../deploy/plan/step-label.ts";
import { rebuildCommand, type RebuildScope } from "../../deploy/plan/rebuild-command.ts";
import { describeIndex, environmentOf, whoseOf } from "./plan-things.ts";
import { renderCost, renderHourly, renderSummary } from "./plan-summary.ts";

/** A plan for a terminal: what changes first, with its details; what stays in one line. */
export function renderPlan(
  { plan: { steps, unmanaged, prunable }, label, ownership, file }: Planned,
  { color, isFailure }: { readonly color: boolean; readonly isFailure: boolean },
): string {
  const paint = toPaint({ color });
  const blocks = steps.map((step) => renderStep(step, paint, file).join("\n")).filter((block) => block !== "");
  const kept = steps.flatMap((step) => (step.kind === "keep" ? [step.name] : []));
  const dim = (text: string, isShown: boolean): readonly string[] => (isShown ? [paint.dim(text)] : []);
  const cost = renderCost(costOf(steps));
  const last = [
    ...dim(`unchanged: ${kept.join(", ")}`, kept.length > 0),
    ...dim(`not this ${whoseOf(file)}'s, left alone: ${unmanaged.join(", ")}`, unmanaged.length > 0),
    ...dim(`no more in the project, left alone without --prune: ${prunable.join(", ")}`, prunable.length > 0),
    ...dim("whose processors are is not recorded: by their names", ownership === "unrecorded"),
    ...(cost === undefined ? [] : [cost]),
    ...(isFailure ? ["There are errors: this plan cannot be applied"] : []),
    // That nothing changes would be said of a plan that is none.
    ...(isFailure && !steps.some(isChange) ? [] : [paint.bold(renderSummary(steps))]),
  ];
  return [paint.bold(`${environmentOf(file)}: ${label}`), ...blocks, last.join("\n")].join("\n\n");
}

function renderStep(step: Step, paint: Paint, scope: RebuildScope): readonly string[] {
  switch (step.kind) {
    case "keep":
      return [];
    case "create-workspace": {
      const { provider, region, tier, maxTier } = step.settings;
      return [
        paint.green(`  + workspace ${step.workspace} is made in ${provider} ${region}, and awaited until it answers`),
        ...[
          ...(tier === undefined ? [] : [`tier: ${tier}`]),
          ...(maxTier === undefined ? [] : [`maxTier: ${maxTier}`]),
        ].map((line) => `      ${line}`),
      ];
    }
    case "edit-workspace":
      return [paint.yellow(`  ~ workspace ${step.workspace} is changed`), ...step.fields.map(renderField)];
    case "create-collection":
      return [
        paint.green(`  + collection ${collectionOf(step)} of ${step.cluster} is made`),
        ...(Object.keys(step.options).length === 0 ? [] : [`      ${printable(textOf(step.options))}`]),
      ];
    case "edit-collection":
      return [
        paint.yellow(`  ~ collection ${collectionOf(step)} of ${step.cluster} is changed`),
        ...step.fields.map(renderField),
      ];
    case "create-index":
      return [
        paint.green(`  + index of ${collectionOf(step)} of ${step.cluster} is made: ${printable(describeIndex(step))}`),
        ...(step.neededBy.length === 0 ? [] : [`      the \`$merge\` of ${step.neededBy.join(", ")} needs it`]),
      ];
    case "create-connection":
      return [paint.green(`  + connection ${step.connection} is made, and awaited until it is READY`)];
    case "edit-connection":
      return [
        paint.yellow(`  ~ connection ${step.connection} is changed`),
        ...step.fields.map(renderField),
        ...(step.stops.length === 0 ? [] : [`      stopped for it and started again: ${step.stops.join(", ")}`]),
      ];
    case "delete-connection":
      return [paint.red(`  - connection ${step.connection} is deleted`)];
    case "adopt":
      return [paint.yellow(`  = ${step.name} exists and is not recorded as this project's: it is taken over as it is`)];
    case "create":
      return [
        paint.green(`  + ${step.name} is created${step.starts ? " and started" : ""}`),
        ...renderTier(step.tier),
        `      ${step.definition.pipeline.map((stage) => Object.keys(stage)[0]).join(" → ")}`,
      ];
    case "start":
      return [
        paint.green(`  > ${step.name} is ${step.state}, and is started${step.adopts ? "; it is taken over" : ""}`),
        ...(step.error === undefined ? [] : [`      it failed: ${printable(step.error)}`]),
      ];
    case "edit":
    case "rename":
      return renderEdit(step, paint, scope);
    case "delete":
      return [
        paint.red(`  - ${step.name} is ${step.state}, and is deleted`),
        ...step.lost.map((lost) => `      lost: ${lost}`),
      ];
  }
}

function renderEdit(step: EditStep, paint: Paint, scope: RebuildScope): readonly string[] {
  const { name, formerName, verdict, adopts, options, stages } = step;
  const isKept = verdict.checkpoint === "keeps";
  const what = formerName === undefined ? "is changed" : `is renamed from ${formerName}`;
  const head = `  ${isKept ? "~" : "!"} ${name} ${what}${adopts ? ", and taken over" : ""}`;
  return [
    (isKept ? paint.yellow : paint.red)(`${head}: ${isKept ? "keeps" : "DISCARDS"} its checkpoint`),
    `      ${verdict.reason}`,
    ...verdict.lost.map((lost) => `      lost: ${lost}`),
    ...verdict.rebuild.map((collection) => `      to rebuild: ${collection}`),
    `      ${explainRestart(step)}`,
    ...explainOutdated(step, scope).map((line) => `      ${line}`),
    ...options.filter(({ field }) => field !== "tier").map(renderField),
    ...renderTier(step.tier),
    ...stages.flatMap((stage) => renderStage(stage, paint)),
  ];
}

/** What becomes of events meanwhile. */
export function explainRestart({ state, stops, starts, verdict }: EditStep): string {
  if (!stops) return starts ? `it is ${state}, and is started afterwards` : `it is ${state}, and stays so`;
  return verdict.checkpoint === "keeps"
    ? "stops for the change and starts again: events wait meanwhile, none is lost"
    : "stops for the change and starts again: events from the stop to the start are not processed";
}

/** What a change of handlers does not change, and the way to have it changed. */
export function explainOutdated(
  { name, verdict: { outdated } }: Pick<EditStep, "name" | "verdict">,
  scope: RebuildScope,
): readonly string[] {
  if (outdated === undefined) return [];
  return [`${outdated} keeps what earlier events made of it: \`${rebuildCommand(name, scope)}\` makes it anew`];
}

function renderField({ field, before = "(none)", after = "(none)" }: FieldChange): string {
  return `      ${field}: ${printable(before)} → ${printable(after)}`;
}

function renderTier({ before, after, hourlyBefore, hourlyAfter }: TierChange): readonly string[] {
  if (after === undefined || before === after) return [];
  const price = (hourly: number | undefined): string => (hourly === undefined ? "" : ` (${renderHourly(hourly)})`);
  const from = before === undefined ? "" : `${before}${price(hourlyBefore)} → `;
  return [`      tier: ${from}${after}${price(hourlyAfter)}`];
}

/** People count stages from 1. */
function renderStage({ kind, operator, before = 0, after, lines }: StageChange, paint: Paint): readonly string[] {
  if (kind === "same") return [];
  const moved = kind === "changed" && before !== after ? `, was ${before + 1}` : "";
  const place = after === undefined ? `stage ${before + 1} of before` : `stage ${after + 1}${moved}`;
  const shown = kind === "changed" ? aroundChanges(lines) : lines;
  const paints = { "+": paint.green, "-": paint.red, " ": (text: string) => text };
  return [
    `      ${place}: ${operator} ${kind}`,
    ...shown.map(({ sign, text }) => paints[sign](`      ${sign} ${printable(text)}`)),
  ];
}

const context = 3;

/** The lines that change, with a few around them, and a mark where some are left out. */
export function aroundChanges(lines: readonly DiffLine[]): readonly DiffLine[] {
  const isNear = lines.map((_, index) =>
    lines.slice(Math.max(0, index - context), index + context + 1).some(({ sign }) => sign !== " "),
  );
  return lines.flatMap((line, index): readonly DiffLine[] => {
    if (isNear[index] === true) return [line];
    return isNear[index - 1] === false ? [] : [{ sign: " ", text: "…" }];
  });
}
