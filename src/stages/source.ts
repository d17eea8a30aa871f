import { Type } from "@sinclair/typebox";
import { defineStage } from "./define-stage.ts";
import type { StageVariant } from "./define-stage.ts";
import { changeStreamArgs } from "./source-change-stream.ts";
import { documentsArgs } from "./source-documents.ts";
import { kafkaArgs } from "./source-kafka.ts";
import { kinesisArgs } from "./source-kinesis.ts";
import { scheduleArgs } from "./source-schedule.ts";

/** Names the variants as findings do, in the order in which they are tried. */
const variants: readonly StageVariant[] = [
  {
    name: "`$source` with inline documents",
    summary: "Delivers a list of documents once, and ends.",
    toldBy: ["documents"],
    runs: true,
    args: documentsArgs,
    excludes: ["connectionName", "db", "coll", "config", "initialSync", "topic", "stream", "schedule"],
  },
  {
    name: "`$source` on Kafka",
    summary: "Reads one Kafka topic, or several.",
    toldBy: ["topic"],
    runs: true,
    args: kafkaArgs,
    excludes: ["db", "coll", "initialSync", "readPreference", "readPreferenceTags", "documents", "stream", "schedule"],
    relations: [{ kind: "atMost", field: "partitions.min", other: "partitions.max" }],
    tierLimits: [{ kind: "kafkaPartitions", first: "partitions.min", last: "partitions.max" }],
    idle: { field: "partitionIdleTimeout", part: "partition" },
  },
  {
    name: "`$source` on Kinesis",
    summary: "Reads a Kinesis data stream.",
    toldBy: ["stream", "streamName"],
    runs: false,
    notRun:
      "its shards, sequence numbers and consumers are those of AWS, and nothing on this machine has them; the stages after it run on any other source",
    args: kinesisArgs,
    excludes: ["db", "coll", "initialSync", "readPreference", "readPreferenceTags", "documents", "topic", "schedule"],
    idle: { field: "shardIdleTimeout", part: "shard" },
    relations: [
      {
        kind: "only",
        field: "config.atTimestamp",
        with: { field: "config.initialPosition", values: ["AT_TIMESTAMP"] },
      },
      {
        kind: "required",
        field: "config.atTimestamp",
        when: { field: "config.initialPosition", values: ["AT_TIMESTAMP"] },
      },
    ],
  },
  {
    name: "`$source` on a schedule",
    summary: "Delivers one empty document at each tick of a cron schedule.",
    toldBy: ["schedule"],
    runs: true,
    args: scheduleArgs,
    excludes: ["connectionName", "db", "coll", "config", "initialSync", "timeField"],
  },
  {
    name: "`$source` on a change stream",
    summary: "Reads the changes of a collection, several, a database or a whole cluster.",
    toldBy: ["db", "coll", "initialSync", "readPreference", "readPreferenceTags"],
    runs: true,
    args: changeStreamArgs,
    excludes: ["documents", "topic", "stream", "schedule"],
    relations: [
      { kind: "needs", field: "coll", other: "db" },
      { kind: "needs", field: "initialSync", other: "coll" },
      { kind: "excludes", field: "config.startAtOperationTime", by: "config.startAfter" },
    ],
    times: {
      fields: { wallTime: "date", clusterTime: "timestamp" },
      unless: { field: "config.fullDocumentOnly", values: [true] },
    },
    tierLimits: [
      { kind: "initialSyncCollections", field: "coll", when: { field: "initialSync.enable", values: [true] } },
    ],
  },
];

/**
 * Where a processor's documents come from. First stage, exactly once.
 *
 * @example
 * { $source: { connectionName: "events", db: "shop", coll: "events", config: { fullDocumentOnly: true } } }
 * { $source: { connectionName: "bus", topic: "orders", config: { auto_offset_reset: "earliest" } } }
 * { $source: { schedule: "0 0/15 * * * *" } }
 * { $source: { documents: [{ type: "OrderPlaced" }] } }
 */
export const $source = defineStage({
  name: "$source",
  role: "source",
  contexts: ["main"],
  summary: "Where a processor's documents come from.",
  runs: true,
  args: Type.Union([changeStreamArgs, documentsArgs, kafkaArgs, kinesisArgs, scheduleArgs]),
  variants,
});
