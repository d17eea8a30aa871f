import { Type } from "@sinclair/typebox";
import { defineStage } from "./define-stage.ts";
import type { Relation, StageVariant } from "./define-stage.ts";
import { emitBlobArgs, emitS3Args } from "./emit-bucket.ts";
import { emitKafkaArgs } from "./emit-kafka.ts";
import { emitKinesisArgs } from "./emit-kinesis.ts";
import { emitPubSubArgs } from "./emit-pub-sub.ts";
import { emitTimeSeriesArgs } from "./emit-time-series.ts";

const onlyGzip: readonly Relation[] = [
  { kind: "only", field: "config.compressionLevel", with: { field: "config.compression", values: ["gzip"] } },
];

/** Names the variants as findings do, in the order in which they are tried. */
const variants: readonly StageVariant[] = [
  {
    name: "`$emit` to Pub/Sub",
    summary: "Writes to a Google Cloud Pub/Sub topic.",
    toldBy: ["projectId"],
    runs: true,
    args: emitPubSubArgs,
    excludes: ["db", "coll", "stream", "bucket", "container"],
  },
  {
    name: "`$emit` to Kafka",
    summary: "Writes to a Kafka topic.",
    toldBy: ["topic", "kafka"],
    runs: true,
    args: emitKafkaArgs,
    excludes: ["db", "coll", "stream", "bucket", "container"],
    relations: [
      { kind: "needs", field: "config.key", other: "config.keyFormat" },
      { kind: "needs", field: "config.keyFormat", other: "config.key" },
      {
        kind: "fits",
        field: "config.key",
        other: "config.keyFormat",
        // Any value has a form in JSON.
        words: { string: "text", int: "whole", long: "whole", double: "number", binData: "binary" },
      },
      {
        kind: "only",
        field: "schemaRegistry.valueSchema.options.subjectNameStrategy",
        with: { field: "schemaRegistry.valueSchema.options.autoRegisterSchemas", values: [true], absent: true },
      },
    ],
  },
  {
    name: "`$emit` to Kinesis",
    summary: "Writes to a Kinesis data stream.",
    toldBy: ["stream", "streamName"],
    runs: true,
    args: emitKinesisArgs,
    excludes: ["db", "coll", "topic", "bucket", "container"],
  },
  {
    name: "`$emit` to S3",
    summary: "Writes files to an S3 bucket.",
    toldBy: ["bucket"],
    runs: true,
    args: emitS3Args,
    excludes: ["db", "coll", "topic", "stream", "container"],
    relations: onlyGzip,
  },
  {
    name: "`$emit` to Azure Blob Storage",
    summary: "Writes files to a container of Azure Blob Storage.",
    toldBy: ["container"],
    runs: true,
    args: emitBlobArgs,
    excludes: ["db", "coll", "topic", "stream", "bucket"],
    relations: onlyGzip,
  },
  {
    name: "`$emit` to a time series collection",
    summary: "Writes to a time series collection.",
    toldBy: ["db", "coll", "timeseries"],
    runs: true,
    args: emitTimeSeriesArgs,
    excludes: ["topic", "stream", "bucket", "container"],
    relations: [
      { kind: "required", field: "timeseries", when: { field: "db", computed: true } },
      { kind: "required", field: "timeseries", when: { field: "coll", computed: true } },
    ],
  },
];

/**
 * Writes each document to a topic, a stream, a bucket or a time series collection. Last stage.
 *
 * @example
 * { $emit: { connectionName: "bus", topic: "orders", config: { key: "$orderId", keyFormat: "string" } } }
 * { $emit: { connectionName: "domain", db: "shop", coll: "prices", timeseries: { timeField: "_ts" } } }
 */
export const $emit = defineStage({
  name: "$emit",
  role: "sink",
  contexts: ["main"],
  summary: "Writes each document to a topic, a stream, a bucket or a time series collection.",
  runs: true,
  args: Type.Union([emitKafkaArgs, emitTimeSeriesArgs, emitKinesisArgs, emitS3Args, emitBlobArgs, emitPubSubArgs]),
  variants,
});
