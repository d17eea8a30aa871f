import { Type } from "@sinclair/typebox";
import { defineStage } from "./define-stage.ts";
import { expression } from "./values.ts";

/**
 * Replaces the document by the one an expression gives.
 *
 * @example
 * { $replaceRoot: { newRoot: "$fullDocument" } }
 */
export const $replaceRoot = defineStage({
  name: "$replaceRoot",
  role: "transform",
  contexts: ["main", "window", "payload", "changeStream", "whenMatched", "cluster"],
  summary: "Replaces the document by the one an expression gives.",
  runs: true,
  replacesDocument: true,
  args: Type.Object(
    { newRoot: expression("The new document; anything else than a document is a dead letter.", { takes: "document" }) },
    { additionalProperties: false },
  ),
});
