import { defineStage } from "./define-stage.ts";
import { fieldName } from "./values.ts";

/**
 * Counts the documents of a closed window.
 *
 * @example
 * { $count: "orders" }
 */
export const $count = defineStage({
  name: "$count",
  role: "transform",
  contexts: ["window", "cluster"],
  summary: "Counts the documents of a closed window.",
  runs: true,
  replacesDocument: true,
  args: fieldName("Field that gets the count."),
});
