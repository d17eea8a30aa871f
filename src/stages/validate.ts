import { Type } from "@sinclair/typebox";
import { defineStage } from "./define-stage.ts";
import { fields, query, word } from "./values.ts";

/**
 * Drops the documents that a validator does not match, or sends them to the dead letter queue.
 *
 * @example
 * { $validate: { validator: { $jsonSchema: { required: ["orderId"] } }, validationAction: "dlq" } }
 */
export const $validate = defineStage({
  name: "$validate",
  role: "transform",
  contexts: ["main", "window"],
  summary: "Drops the documents that a validator does not match, or sends them to the dead letter queue.",
  runs: true,
  args: fields({
    validator: query("A query; not $near, $nearSphere, $text or $where."),
    validationAction: Type.Optional(
      word(["discard", "dlq"], "What happens to the others; default discard.", {
        mistaken: { error: "write `dlq`, or `discard`; no document makes the processor fail" },
      }),
    ),
  }),
});
