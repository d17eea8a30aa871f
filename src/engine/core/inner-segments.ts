import type { Document } from "bson";
import type { Step } from "./plan-steps.ts";

/** A part of a window's pipeline: steps for each document by itself, or one stage over all of them. */
export type Segment =
  | { readonly kind: "documents"; readonly steps: readonly Step[] }
  | { readonly kind: "whole"; readonly stage: Document };

/** Stages that give nothing before they have seen all documents. */
const blocking: ReadonlySet<string> = new Set(["$group", "$sort", "$count"]);

function isBlocking(stage: Document): boolean {
  return Object.keys(stage).some((name) => blocking.has(name));
}

function isWhole(stage: Document): boolean {
  return isBlocking(stage) || "$limit" in stage;
}

/** Takes a window's pipeline apart where a stage needs all documents. */
export function toSegments(steps: readonly Step[]): readonly Segment[] {
  const segments: Segment[] = [];
  let open: Step[] = [];
  const close = (): void => {
    if (open.length > 0) segments.push({ kind: "documents", steps: open });
    open = [];
  };
  for (const step of steps) {
    if (step.kind !== "stages" || step.on !== undefined) {
      open.push(step);
      continue;
    }
    let stages: Document[] = [];
    const closeStages = (): void => {
      if (stages.length > 0) open.push({ kind: "stages", stages });
      stages = [];
    };
    for (const stage of step.stages) {
      if (!isWhole(stage)) {
        stages.push(stage);
        continue;
      }
      closeStages();
      close();
      segments.push({ kind: "whole", stage });
    }
    closeStages();
  }
  close();
  return segments;
}

/**
 * Cuts a window's pipeline after the stages that can run in one aggregate: those up to the last one that needs all documents. Whatever
 * fails there fails before the first result.
 */
export function cutHead(steps: readonly Step[]): {
  readonly head: readonly Document[];
  readonly tail: readonly Step[];
} {
  const [first, ...rest] = steps;
  if (first?.kind !== "stages" || first.on !== undefined) return { head: [], tail: steps };
  let cut = first.stages.findLastIndex(isBlocking) + 1;
  while (cut > 0 && "$limit" in (first.stages[cut] ?? {})) cut += 1;
  const left = first.stages.slice(cut);
  return {
    head: first.stages.slice(0, cut),
    tail: left.length === 0 ? rest : [{ kind: "stages", stages: left }, ...rest],
  };
}
