import { Type } from "@sinclair/typebox";
import { connection, duration, fields, literal, text, time, timeField, whole, word } from "./values.ts";

/** The fields of `$source` on Kinesis. Source: asp-language section 1.1.5. */
export const kinesisArgs = fields(
  {
    connectionName: connection(["AWSKinesisDataStreams"], "An AWSKinesisDataStreams connection."),
    stream: literal("Name of the data stream."),
    region: Type.Optional(literal("AWS region, where the name is in several.")),
    timeField: Type.Optional(timeField()),
    tsFieldName: Type.Optional(literal("Field that gets the event time; default _ts.")),
    shardIdleTimeout: Type.Optional(
      duration("How long a shard may be silent before it no longer holds back the watermark; default: for ever."),
    ),
    config: fields(
      {
        consumerARN: text("ARN of the enhanced fan-out consumer."),
        initialPosition: Type.Optional(
          word(
            ["LATEST", "TRIM_HORIZON", "AT_TIMESTAMP", "AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"],
            "Where to begin; default LATEST.",
          ),
        ),
        atTimestamp: Type.Optional(time("With AT_TIMESTAMP: when to begin.")),
        reshardDetectionIntervalSecs: Type.Optional(whole("How often to look for new shards; default 300.", 1)),
      },
      { description: "How the stream is consumed." },
    ),
  },
  { mistaken: { streamName: "write `stream`" } },
);
