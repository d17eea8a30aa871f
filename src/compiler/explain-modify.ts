import type { Document } from "bson";
import type { Definition } from "../stages/definition.ts";
import { toMs } from "./kinds.ts";

/** A rule for changing a processor that has run. Source: asp-language section 6.1. */
export type ModifyRule =
  | "unchanged"
  | "stateless-change"
  | "within-window"
  | "source-changed"
  | "window-removed"
  | "window-type-changed"
  | "window-interval-changed"
  | "window-not-recomputable"
  | "checkpoint-given-up";

/** What becomes of the checkpoint of a processor that is changed. */
export interface ModifyEffect {
  /** `refused`: only with `resumeFromCheckpoint: false` is the change possible. */
  readonly effect: "keeps" | "discards" | "refused";
  readonly rule: ModifyRule;
  /** One sentence about the rule. */
  readonly reason: string;
  /** What the processor no longer has after the change, or would no longer have. */
  readonly lost: readonly string[];
}

/**
 * Tells whether a processor keeps its checkpoint when `before` becomes `after`.
 *
 * Source: asp-language section 6.1. What the documentation calls the interval of a window is here everything that decides which
 * documents a window holds: also `hopSize`, `gap`, `offset`, `boundary` and `partitionBy`.
 */
export function explainModify(
  before: Definition,
  after: Definition,
  { resumeFromCheckpoint = true }: { readonly resumeFromCheckpoint?: boolean } = {},
): ModifyEffect {
  const lost = whatIsLost(before);
  if (!resumeFromCheckpoint) {
    const reason =
      "with `resumeFromCheckpoint: false` everything may change, and only the counts of the statistics are kept";
    return { effect: "discards", rule: "checkpoint-given-up", reason, lost };
  }
  const refused = refusal(before, after);
  if (refused !== undefined) return { effect: "refused", ...refused, lost };
  if (isSame(before.pipeline, after.pipeline)) {
    return { effect: "keeps", rule: "unchanged", reason: "the pipeline is the same", lost: [] };
  }
  if (windowOf(before) !== undefined) {
    const reason = "open windows are computed anew on the changed pipeline, and some documents are processed again";
    return { effect: "keeps", rule: "within-window", reason, lost: [] };
  }
  const reason = "stages without state, the sink and the dead letter queue may change";
  return { effect: "keeps", rule: "stateless-change", reason, lost: [] };
}

/** The text that a checkpoint names its `$source` by. */
export function sourceText({ pipeline }: Pick<Definition, "pipeline">): string {
  return JSON.stringify(pipeline[0] ?? {});
}

function refusal(before: Definition, after: Definition): Pick<ModifyEffect, "rule" | "reason"> | undefined {
  if (sourceText(before) !== sourceText(after)) {
    return { rule: "source-changed", reason: "a checkpoint is a position in one `$source`, which may not change" };
  }
  const old = windowOf(before);
  if (old === undefined || isSame(before.pipeline, after.pipeline)) return undefined;
  const own = windowOf(after);
  if (own === undefined) {
    return {
      rule: "window-removed",
      reason: `a checkpoint holds the open windows of \`${old.operator}\`, which may not go`,
    };
  }
  if (old.operator !== own.operator) {
    const reason = `a checkpoint holds the open windows of \`${old.operator}\`, which may not become \`${own.operator}\``;
    return { rule: "window-type-changed", reason };
  }
  const field = layout.find((name) => !isSamePart(name, old.args[name], own.args[name]));
  if (field !== undefined) {
    const reason = `a checkpoint holds open windows as they were laid out: \`${field}\` of \`${old.operator}\` may not change`;
    return { rule: "window-interval-changed", reason };
  }
  const inner = (old.args["pipeline"] ?? []) as readonly Document[];
  if (!inner.some((stage) => "$group" in stage || "$sort" in stage)) {
    const reason = `a processor with a window may only change where the pipeline of its \`${old.operator}\` has a \`$group\` or a \`$sort\``;
    return { rule: "window-not-recomputable", reason };
  }
  return undefined;
}

/** What decides which documents a window holds. */
const layout = ["interval", "hopSize", "gap", "offset", "boundary", "partitionBy"] as const;
const durations: ReadonlySet<string> = new Set(["interval", "hopSize", "gap"]);

function isSamePart(name: string, before: unknown, after: unknown): boolean {
  // One minute is 60 seconds.
  if (durations.has(name) && before !== undefined && after !== undefined) return toMs(before) === toMs(after);
  return isSame(
    name === "boundary" ? (before ?? "eventTime") : before,
    name === "boundary" ? (after ?? "eventTime") : after,
  );
}

const windowStages = ["$tumblingWindow", "$hoppingWindow", "$sessionWindow"] as const;

function windowOf({ pipeline }: Definition): { readonly operator: string; readonly args: Document } | undefined {
  for (const stage of pipeline) {
    const operator = windowStages.find((name) => name in stage);
    if (operator !== undefined) return { operator, args: (stage[operator] ?? {}) as Document };
  }
  return undefined;
}

function whatIsLost(before: Definition): readonly string[] {
  const window = windowOf(before);
  return [
    "the position in `$source`",
    ...(window === undefined ? [] : [`the documents of open windows of \`${window.operator}\``]),
  ];
}

/** Key order is meaning. */
function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
