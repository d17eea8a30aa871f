import { defineStage } from "./define-stage.ts";
import { query } from "./values.ts";

/**
 * Lets through the documents that a query matches.
 *
 * @example
 * { $match: { type: "PaymentReceived", "data.amount": { $gte: 1000 } } }
 */
export const $match = defineStage({
  name: "$match",
  role: "transform",
  contexts: ["main", "window", "changeStream", "cluster"],
  summary: "Lets through the documents that a query matches.",
  runs: true,
  args: query("The query; expressions stand under $expr."),
});
