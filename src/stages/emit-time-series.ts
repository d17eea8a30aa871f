import { Type } from "@sinclair/typebox";
import {
  computedCollection,
  computedDatabase,
  connection,
  datePath,
  fields,
  parallelism,
  path,
  whole,
  word,
} from "./values.ts";

/** The fields of `$emit` to a time series collection. Source: asp-language section 1.7. */
export const emitTimeSeriesArgs = fields({
  connectionName: connection(["Cluster"], "A Cluster connection."),
  db: computedDatabase("Database, or an expression that gives its name."),
  coll: computedCollection("Collection, or an expression that gives its name."),
  timeseries: Type.Optional(
    fields(
      {
        timeField: datePath("Field with the time; a date."),
        metaField: Type.Optional(path("Field that says whose measurement it is.")),
        granularity: Type.Optional(word(["seconds", "minutes", "hours"], "How close measurements are.")),
        bucketMaxSpanSeconds: Type.Optional(whole("Seconds that a bucket may span.", 1)),
        bucketRoundingSeconds: Type.Optional(whole("Seconds that a bucket's start is rounded down to.", 1)),
      },
      { description: "Options of the collection when it is created; needed where `db` or `coll` is an expression." },
    ),
  ),
  parallelism: Type.Optional(parallelism("Writers at work at the same time; default 1.")),
});
