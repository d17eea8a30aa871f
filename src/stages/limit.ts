import { defineStage } from "./define-stage.ts";
import { whole } from "./values.ts";

/**
 * Keeps the first documents of a closed window.
 *
 * @example
 * { $limit: 10 }
 */
export const $limit = defineStage({
  name: "$limit",
  role: "transform",
  contexts: ["window", "cluster"],
  summary: "Keeps the first documents of a closed window.",
  runs: true,
  args: whole("How many documents to keep.", 1),
});
