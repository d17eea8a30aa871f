import { defineStage } from "./define-stage.ts";
import { expressions } from "./values.ts";

/**
 * Adds or replaces fields; the same stage as `$addFields`.
 *
 * @example
 * { $set: { total: { $multiply: ["$price", "$quantity"] } } }
 */
export const $set = defineStage({
  name: "$set",
  role: "transform",
  contexts: ["main", "window", "payload", "changeStream", "whenMatched", "cluster"],
  summary: "Adds or replaces fields.",
  runs: true,
  args: expressions("Fields, dotted paths too, to expressions."),
});
