import type { StageContext } from "../stages/values.ts";

/** A pipeline that a cluster runs, which has nothing of the stream's own. */
export type ClusterContext = Exclude<StageContext, "main" | "window" | "payload">;

/** How such a pipeline gets the value of an expression that only the stream can evaluate, as the help of a finding. */
export function carryIn(expression: string, context: ClusterContext): string {
  // The events of a change stream come to the stream only after the pipeline; the others come from it and bring variables.
  return context === "changeStream"
    ? "use it in a stage of the processor's own, after `$source`"
    : `write \`let: { value: ${expression} }\`, which the stream evaluates, and read \`$$value\` here`;
}
