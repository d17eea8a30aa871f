import { Type } from "@sinclair/typebox";
import { defineStage } from "./define-stage.ts";
import { computedText, connection, fields, literal, partitions, path, text, word } from "./values.ts";

/**
 * Writes to an Apache Iceberg table in a bucket. Source: asp-language section 1.13.
 *
 * @example
 * { $iceberg: { connectionName: "lake", bucket: "acme-lake", databaseName: "shop", tableName: "orders", path: "tables" } }
 */
export const $iceberg = defineStage({
  name: "$iceberg",
  role: "sink",
  contexts: ["main"],
  summary: "Writes to an Apache Iceberg table in a bucket.",
  runs: true,
  leastTier: "SP10",
  regionUnlessOn: { provider: "AWS", field: "region" },
  args: fields({
    connectionName: connection(["S3"], "An S3 connection."),
    bucket: literal("Name of the bucket."),
    databaseName: literal("Name of the Iceberg database."),
    tableName: computedText("Name of the table, or an expression that gives it."),
    path: text("Prefix of keys."),
    region: Type.Optional(literal("AWS region of the bucket; needed in workspaces on other clouds.")),
    mode: Type.Optional(
      word(["cdc", "insert"], "Whether changes are applied as such or every document is a new row; default cdc."),
    ),
    idFieldName: Type.Optional(path("Field that identifies a row; default _id.")),
    partitionedBy: Type.Optional(
      partitions("Columns to transforms: identity, year, month, day, hour, { truncate: n }, { bucket: n }."),
    ),
    catalog: Type.Optional(
      fields(
        {
          type: word(["hadoop", "glue"], "Kind of catalog; default hadoop."),
        },
        { description: "Where tables are registered." },
      ),
    ),
    schemaInference: Type.Optional(
      fields(
        { mode: word(["json", "nested"], "How documents become columns; default json.") },
        { description: "How documents become columns." },
      ),
    ),
  }),
});
