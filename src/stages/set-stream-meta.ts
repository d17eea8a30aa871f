import { defineStage } from "./define-stage.ts";
import { metadata } from "./values.ts";

/**
 * Sets metadata that travels beside the document; `{ $meta: "stream.<name>" }` reads it. Source: asp-language section 1.11.
 *
 * @example
 * { $setStreamMeta: { "stream.target": { $concat: ["orders_", "$country"] } } }
 */
export const $setStreamMeta = defineStage({
  name: "$setStreamMeta",
  role: "transform",
  contexts: ["main"],
  summary: "Sets metadata that travels beside the document.",
  runs: true,
  args: metadata("Paths that begin with `stream.` to expressions."),
});
