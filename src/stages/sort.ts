import { defineStage } from "./define-stage.ts";
import { sort } from "./values.ts";

/**
 * Sorts the documents of a closed window.
 *
 * @example
 * { $sort: { total: -1, _id: 1 } }
 */
export const $sort = defineStage({
  name: "$sort",
  role: "transform",
  contexts: ["window", "cluster"],
  summary: "Sorts the documents of a closed window.",
  runs: true,
  args: sort("Fields to 1, -1 or { $meta: … }; the order of fields is their precedence."),
});
