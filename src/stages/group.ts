import { defineStage } from "./define-stage.ts";
import { group } from "./values.ts";

/**
 * Groups the documents of a closed window.
 *
 * @example
 * { $group: { _id: "$sku", sold: { $sum: "$quantity" } } }
 */
export const $group = defineStage({
  name: "$group",
  role: "transform",
  contexts: ["window", "cluster"],
  summary: "Groups the documents of a closed window.",
  runs: true,
  replacesDocument: true,
  args: group("A document with `_id`, and accumulators for all other fields."),
});
