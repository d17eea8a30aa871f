import { Type } from "@sinclair/typebox";
import { dateFormat, outputFormat } from "./emit-fields.ts";
import { computedText, connection, expressions, fields, literal } from "./values.ts";

/** The fields of `$emit` to Google Cloud Pub/Sub. Source: asp-language section 1.7. */
export const emitPubSubArgs = fields({
  connectionName: connection(["GCPPubSub"], "A GCPPubSub connection."),
  projectId: literal("Google Cloud project."),
  topic: computedText("Topic, or an expression that gives it."),
  region: literal("Google Cloud region."),
  orderingKey: Type.Optional(computedText("Ordering key, or an expression that gives it.")),
  attributes: Type.Optional(expressions("Attribute names to texts or field paths.", { takes: "texts" })),
  config: Type.Optional(
    fields({ outputFormat: outputFormat(), dateFormat: dateFormat() }, { description: "How messages are written." }),
  ),
});
