import { Type } from "@sinclair/typebox";
import type { TSchema } from "@sinclair/typebox";
import { defineStage } from "./define-stage.ts";
import type { StageVariant } from "./define-stage.ts";
import { changeStreamArgs } from "./source-change-stream.ts";
import { documents, text, timeField } from "./values.ts";

const documentsArgs = Type.Object(
  {
    documents: documents("The documents, or an expression that gives them."),
    timeField: Type.Optional(timeField()),
    tsFieldName: Type.Optional(text("Field that gets the event time; default _ts.")),
  },
  { additionalProperties: false },
);

/** Kafka: typed for the editor, not run yet. */
const kafkaArgs = Type.Unsafe<{
  readonly connectionName: string;
  readonly topic: string | readonly string[];
  readonly timeField?: object;
  readonly tsFieldName?: string;
  readonly partitionIdleTimeout?: object;
  readonly partitions?: object;
  readonly schemaRegistry?: { readonly connectionName: string };
  readonly config?: {
    readonly auto_offset_reset?: "latest" | "end" | "largest" | "earliest" | "beginning" | "smallest";
    readonly group_id?: string;
    readonly enable_auto_commit?: boolean;
    readonly keyFormat?: "binData" | "string" | "json" | "int" | "long";
    readonly keyFormatError?: "dlq" | "passThrough";
  };
}>({});

/** Kinesis: typed for the editor, not run yet. */
const kinesisArgs = Type.Unsafe<{
  readonly connectionName: string;
  readonly stream: string;
  readonly region?: string;
  readonly timeField?: object;
  readonly tsFieldName?: string;
  readonly shardIdleTimeout?: object;
  readonly config: {
    readonly consumerARN: string;
    readonly initialPosition?:
      | "LATEST"
      | "TRIM_HORIZON"
      | "AT_TIMESTAMP"
      | "AT_SEQUENCE_NUMBER"
      | "AFTER_SEQUENCE_NUMBER";
    readonly atTimestamp?: object;
    readonly reshardDetectionIntervalSecs?: number | object;
  };
}>({});

/** Cron schedule: typed for the editor, not run yet. */
const scheduleArgs = Type.Unsafe<{ readonly schedule: string; readonly tsFieldName?: string }>({});

const has = (field: string) => (fields: Readonly<Record<string, unknown>>) =>
  typeof fields === "object" && fields !== null && Object.hasOwn(fields, field);

/** Names the variants as findings do, in the order in which they are tried. */
const variants: readonly StageVariant<TSchema>[] = [
  {
    name: "`$source` with inline documents",
    summary: "Delivers a list of documents once, and ends.",
    when: has("documents"),
    runs: true,
    args: documentsArgs,
    excludes: ["connectionName", "db", "coll", "config", "initialSync", "topic", "stream", "schedule"],
  },
  { name: "`$source` on Kafka", summary: "Reads a Kafka topic.", when: has("topic"), runs: false, args: kafkaArgs },
  {
    name: "`$source` on Kinesis",
    summary: "Reads a Kinesis stream.",
    when: has("stream"),
    runs: false,
    args: kinesisArgs,
  },
  {
    name: "`$source` on a schedule",
    summary: "Delivers one empty document at each tick of a cron schedule.",
    when: has("schedule"),
    runs: false,
    args: scheduleArgs,
  },
  {
    name: "`$source` on a change stream",
    summary: "Reads the changes of a collection, several, a database or a whole cluster.",
    when: () => true,
    runs: true,
    args: changeStreamArgs,
  },
];

/**
 * Where a processor's documents come from. First stage, exactly once.
 *
 * @example
 * { $source: { connectionName: "events", db: "shop", coll: "events", config: { fullDocumentOnly: true } } }
 * { $source: { documents: [{ type: "OrderPlaced" }] } }
 */
export const $source = defineStage({
  name: "$source",
  role: "source",
  contexts: ["main"],
  summary: "Where a processor's documents come from.",
  args: Type.Union([changeStreamArgs, documentsArgs, kafkaArgs, kinesisArgs, scheduleArgs]),
  variants,
});
