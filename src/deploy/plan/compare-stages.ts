import type { Document } from "bson";
import { commonPairs, diffLines, type DiffLine } from "./diff-lines.ts";
import { textOf } from "./normal-form.ts";

/** What becomes of a stage. Lines are of its Extended JSON, numbers in one form. */
export interface StageChange {
  readonly kind: "same" | "changed" | "added" | "removed";
  /** Its name: `$merge`. */
  readonly operator: string;
  /** In the pipeline as it is, from 0; absent where it is added. */
  readonly before?: number;
  /** In the pipeline as it is to be, from 0; absent where it is removed. */
  readonly after?: number;
  /** Empty where it is the same. */
  readonly lines: readonly DiffLine[];
}

/** Compares two pipelines stage by stage; the order of stages, of keys and of elements is meaning. */
export function compareStages(before: readonly Document[], after: readonly Document[]): readonly StageChange[] {
  const [olds, news] = [before.map(toStage), after.map(toStage)];
  const pairs = commonPairs(olds, news, (one, other) => one.text === other.text);
  const changes: StageChange[] = [];
  let [from, to] = [0, 0];
  for (const [left, right] of [...pairs, [olds.length, news.length] as const]) {
    changes.push(...compareGap(olds.slice(from, left), news.slice(to, right)));
    const same = olds[left];
    if (same !== undefined)
      changes.push({ kind: "same", operator: same.operator, before: left, after: right, lines: [] });
    [from, to] = [left + 1, right + 1];
  }
  return changes;
}

interface Stage {
  readonly index: number;
  readonly operator: string;
  /** On one line, for comparing. */
  readonly text: string;
  readonly stage: Document;
}

function toStage(stage: Document, index: number): Stage {
  const [operator = ""] = stage instanceof Map ? ([...stage.keys()] as readonly string[]) : Object.keys(stage);
  return { index, operator, text: textOf(stage), stage };
}

/** Between two stages that stayed: those of one name, in order, are taken for changed. */
function compareGap(olds: readonly Stage[], news: readonly Stage[]): readonly StageChange[] {
  const pairs = commonPairs(olds, news, (one, other) => one.operator === other.operator);
  const changes: StageChange[] = [];
  let [from, to] = [0, 0];
  for (const [left, right] of [...pairs, [olds.length, news.length] as const]) {
    for (const { index, operator, stage } of olds.slice(from, left)) {
      changes.push({ kind: "removed", operator, before: index, lines: diffLines(linesOf(stage), []) });
    }
    for (const { index, operator, stage } of news.slice(to, right)) {
      changes.push({ kind: "added", operator, after: index, lines: diffLines([], linesOf(stage)) });
    }
    const [old, own] = [olds[left], news[right]];
    if (old !== undefined && own !== undefined) {
      const lines = diffLines(linesOf(old.stage), linesOf(own.stage));
      changes.push({ kind: "changed", operator: own.operator, before: old.index, after: own.index, lines });
    }
    [from, to] = [left + 1, right + 1];
  }
  return changes;
}

function linesOf(stage: Document): readonly string[] {
  return textOf(stage, 2).split("\n");
}
