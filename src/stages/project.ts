import { defineStage } from "./define-stage.ts";
import { projection } from "./values.ts";

/**
 * Keeps, drops or computes fields.
 *
 * @example
 * { $project: { _id: "$data.orderId", total: { $multiply: ["$data.price", "$data.quantity"] } } }
 */
export const $project = defineStage({
  name: "$project",
  role: "transform",
  contexts: ["main", "window", "payload", "changeStream", "whenMatched", "cluster"],
  summary: "Keeps, drops or computes fields.",
  runs: true,
  replacesDocument: true,
  args: projection("Fields to 0, 1, true, false or an expression."),
});
