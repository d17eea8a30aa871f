import { defineStage } from "./define-stage.ts";
import { expression } from "./values.ts";

/**
 * Replaces the document by the one an expression gives; short for `$replaceRoot`.
 *
 * @example
 * { $replaceWith: { $mergeObjects: ["$defaults", "$fullDocument"] } }
 */
export const $replaceWith = defineStage({
  name: "$replaceWith",
  role: "transform",
  contexts: ["main", "window", "changeStream", "whenMatched", "cluster"],
  summary: "Replaces the document by the one an expression gives; short for $replaceRoot.",
  runs: true,
  replacesDocument: true,
  args: expression("The new document; anything else than a document is a dead letter.", { takes: "document" }),
});
