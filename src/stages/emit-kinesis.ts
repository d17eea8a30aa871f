import { Type } from "@sinclair/typebox";
import { dateFormat, outputFormat } from "./emit-fields.ts";
import { computedText, connection, fields, literal } from "./values.ts";

/** The fields of `$emit` to Kinesis. Source: asp-language section 1.7. */
export const emitKinesisArgs = fields(
  {
    connectionName: connection(["AWSKinesisDataStreams"], "An AWSKinesisDataStreams connection."),
    stream: literal("Name of the data stream."),
    region: Type.Optional(literal("AWS region, where the name is in several.")),
    partitionKey: computedText("Partition key, or an expression that gives it; a text."),
    config: Type.Optional(
      fields({ outputFormat: outputFormat(), dateFormat: dateFormat() }, { description: "How records are written." }),
    ),
  },
  { mistaken: { streamName: "write `stream`" } },
);
