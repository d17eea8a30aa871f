import { Type } from "@sinclair/typebox";
import { defineStage } from "./define-stage.ts";
import { fields, whole } from "./values.ts";

/**
 * Limits how fast documents pass. Source: asp-language section 1.12.
 *
 * @example
 * { $throttle: { messagesPerSec: 100 } }
 */
export const $throttle = defineStage({
  name: "$throttle",
  role: "transform",
  contexts: ["main"],
  summary: "Limits how fast documents pass.",
  runs: true,
  args: fields({
    bytesPerSec: Type.Optional(whole("Bytes a second.", 1)),
    messagesPerSec: Type.Optional(whole("Documents a second.", 1)),
  }),
  relations: [{ kind: "some", fields: ["bytesPerSec", "messagesPerSec"] }],
});
