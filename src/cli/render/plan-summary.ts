import type { PlanCost } from "../../deploy/plan/plan-cost.ts";
import type { Step } from "../../deploy/plan/step.ts";

/** How many steps of each kind a plan has. */
export interface PlanSummary {
  readonly unchanged: number;
  readonly adopt: number;
  readonly create: number;
  readonly start: number;
  readonly edit: number;
  readonly rename: number;
  readonly delete: number;
  readonly workspace: number;
  readonly connections: number;
  /** With their indexes. */
  readonly collections: number;
  /** Of edits and renames, those that give the checkpoint up. */
  readonly discardsCheckpoint: number;
}

export function summarize(steps: readonly Step[]): PlanSummary {
  const count = (...kinds: readonly Step["kind"][]): number => steps.filter(({ kind }) => kinds.includes(kind)).length;
  return {
    unchanged: count("keep"),
    adopt: count("adopt"),
    create: count("create"),
    start: count("start"),
    edit: count("edit"),
    rename: count("rename"),
    delete: count("delete"),
    workspace: count("create-workspace", "edit-workspace"),
    collections: count("create-collection", "edit-collection", "create-index"),
    connections: count("create-connection", "edit-connection", "delete-connection"),
    discardsCheckpoint: steps.filter((step) => "verdict" in step && step.verdict.checkpoint === "discards").length,
  };
}

/** `Plan: 1 to create, 2 to edit; checkpoints lost: 1; 3 unchanged`. */
export function renderSummary(steps: readonly Step[]): string {
  const summary = summarize(steps);
  const parts = (
    ["workspace", "connections", "collections", "create", "start", "edit", "rename", "adopt", "delete"] as const
  )
    .filter((kind) => summary[kind] > 0)
    .map((kind) => `${summary[kind]} ${things[kind] ?? `to ${kind}`}`);
  if (parts.length === 0) return `No changes: ${summary.unchanged} unchanged`;
  const { discardsCheckpoint, unchanged } = summary;
  const lost = discardsCheckpoint === 0 ? "" : `; checkpoints lost: ${discardsCheckpoint}`;
  return `Plan: ${parts.join(", ")}${lost}; ${unchanged} unchanged`;
}

/** What is no processor is counted by what it is. */
const things: Partial<Record<keyof PlanSummary, string>> = {
  workspace: "of the workspace",
  connections: "of connections",
  collections: "of collections and indexes",
};

/** `$0.1900 an hour`. */
export function renderHourly(dollars: number): string {
  return `$${dollars.toFixed(4)} an hour`;
}

/** Undefined where nothing runs, or a price is not known. */
export function renderCost(cost: PlanCost | undefined): string | undefined {
  if (cost === undefined || cost.before + cost.after === 0) return undefined;
  const { before, after } = cost;
  return `Cost: ${renderHourly(before)}${before === after ? ", as before" : `, then ${renderHourly(after)}`}`;
}
