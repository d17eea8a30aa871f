import { Type } from "@sinclair/typebox";
import {
  collections,
  connection,
  database,
  document,
  documents,
  fields,
  flag,
  literal,
  parallelism,
  pipeline,
  time,
  timeField,
  whole,
  word,
} from "./values.ts";

/** The fields of `$source` on a change stream: a collection, several, a database or a whole cluster. Source: asp-language section 1.1.4. */
export const changeStreamArgs = fields({
  connectionName: connection(["Cluster", "Sample"], "A Cluster connection."),
  db: Type.Optional(database("Database; absent: the whole cluster.")),
  coll: Type.Optional(collections("Collection, or several of the same database; absent: the whole database.")),
  timeField: Type.Optional(timeField()),
  tsFieldName: Type.Optional(literal("Field that gets the event time; default _ts.")),
  initialSync: Type.Optional(
    fields(
      {
        enable: flag("Deliver the documents that are there first, as insert events."),
        parallelism: Type.Optional(parallelism("Collections read at the same time; default 1.")),
      },
      { description: "Whether what is stored already comes first." },
    ),
  ),
  readPreference: Type.Optional(
    word(["primary", "primaryPreferred", "secondary", "secondaryPreferred", "nearest"], "Default primary."),
  ),
  readPreferenceTags: Type.Optional(documents("Tag sets of the read preference.")),
  config: Type.Optional(
    fields(
      {
        startAfter: Type.Optional(document("Resume token to start after.")),
        startAtOperationTime: Type.Optional(time("Date or timestamp to start at.")),
        fullDocument: Type.Optional(
          word(["default", "updateLookup", "required", "whenAvailable"], "Document after an update; default: default."),
        ),
        fullDocumentOnly: Type.Optional(flag("Deliver the document alone, without the change event around it.")),
        fullDocumentBeforeChange: Type.Optional(
          word(["off", "required", "whenAvailable"], "Document before the change; default off."),
        ),
        pipeline: Type.Optional(pipeline("changeStream", "Stages that the cluster runs over its change stream.")),
        maxAwaitTimeMS: Type.Optional(whole("Longest wait for a change, in milliseconds; default 1000.", 1)),
      },
      { description: "Options of the change stream." },
    ),
  ),
});
