import { defineStage } from "./define-stage.ts";
import { paths } from "./values.ts";

/**
 * Removes fields.
 *
 * @example
 * { $unset: ["_stream_meta", "_ts"] }
 */
export const $unset = defineStage({
  name: "$unset",
  role: "transform",
  contexts: ["main", "window", "changeStream", "whenMatched", "cluster"],
  summary: "Removes fields.",
  runs: true,
  args: paths("One field path or several, without a dollar."),
});
