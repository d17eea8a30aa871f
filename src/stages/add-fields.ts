import { defineStage } from "./define-stage.ts";
import { expressions } from "./values.ts";

/**
 * Adds or replaces fields.
 *
 * @example
 * { $addFields: { total: { $multiply: ["$price", "$quantity"] } } }
 */
export const $addFields = defineStage({
  name: "$addFields",
  role: "transform",
  contexts: ["main", "window", "payload", "changeStream", "whenMatched", "cluster"],
  summary: "Adds or replaces fields.",
  runs: true,
  args: expressions("Fields, dotted paths too, to expressions."),
});
