import { Type } from "@sinclair/typebox";
import { connection, duration, fields, flag, literal, literals, text, timeField, whole, word } from "./values.ts";

/** The fields of `$source` on Kafka. Source: asp-language section 1.1.3. */
export const kafkaArgs = fields({
  connectionName: connection(["Kafka"], "A Kafka connection."),
  topic: literals("Topic, or several."),
  timeField: Type.Optional(timeField()),
  tsFieldName: Type.Optional(literal("Field that gets the event time; default _ts.")),
  partitionIdleTimeout: Type.Optional(
    duration("How long a partition may be silent before it no longer holds back the watermark; default: for ever."),
  ),
  partitions: Type.Optional(
    fields(
      {
        min: Type.Optional(whole("Id of the first partition.", 0)),
        max: Type.Optional(whole("Id of the last partition.", 0)),
      },
      { description: "Partitions to read; default: all." },
    ),
  ),
  schemaRegistry: Type.Optional(
    fields(
      { connectionName: connection(["SchemaRegistry"], "A SchemaRegistry connection.") },
      { description: "Where Avro schemas are." },
    ),
  ),
  config: Type.Optional(
    fields(
      {
        auto_offset_reset: Type.Optional(
          word(
            ["latest", "end", "largest", "earliest", "beginning", "smallest"],
            "Where to begin without an offset; default latest.",
          ),
        ),
        group_id: Type.Optional(text("Consumer group of its own; default asp-<processor id>-consumer.")),
        enable_auto_commit: Type.Optional(
          flag("true: commit when a batch leaves $source; false: with the checkpoint. Default true."),
        ),
        keyFormat: Type.Optional(
          word(["binData", "string", "json", "int", "long"], "How message keys are read; default binData."),
        ),
        keyFormatError: Type.Optional(
          word(["dlq", "passThrough"], "What happens to a message whose key cannot be read."),
        ),
      },
      {
        description: "How topics are consumed.",
        mistaken: { maxAwaitTimeMS: "leave it out: only `$source` on a change stream has it" },
      },
    ),
  ),
});
