import { defineStage } from "./define-stage.ts";
import { expression } from "./values.ts";

/**
 * Keeps or cuts the document and its parts, by `$$DESCEND`, `$$PRUNE` and `$$KEEP`.
 *
 * @example
 * { $redact: { $cond: [{ $eq: ["$secret", true] }, "$$PRUNE", "$$DESCEND"] } }
 */
export const $redact = defineStage({
  name: "$redact",
  role: "transform",
  contexts: ["main", "window", "changeStream", "cluster"],
  summary: "Keeps or cuts the document and its parts, by $$DESCEND, $$PRUNE and $$KEEP.",
  runs: true,
  args: expression("An expression that gives $$DESCEND, $$PRUNE or $$KEEP.", { takes: "redaction" }),
});
