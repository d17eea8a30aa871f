import { Type } from "@sinclair/typebox";
import { handedOn, mapping, oneOf, text } from "./shape.ts";

const indexOptions = {
  name: Type.Optional(text("Name of the index.")),
  unique: Type.Optional(Type.Boolean({ description: "No two documents with the same key." })),
  sparse: Type.Optional(Type.Boolean({ description: "Leaves out documents without the key." })),
  hidden: Type.Optional(Type.Boolean({ description: "Kept up to date but not used by queries." })),
  expireAfterSeconds: Type.Optional(
    Type.Number({ minimum: 0, description: "Removes documents so long after the date." }),
  ),
  partialFilterExpression: Type.Optional(handedOn("Indexes only documents that match; EJSON for types.")),
  collation: Type.Optional(handedOn("How texts compare.")),
  wildcardProjection: Type.Optional(handedOn("Fields of a wildcard index.")),
  weights: Type.Optional(handedOn("Weights of a text index.")),
  default_language: Type.Optional(text("Language of a text index.")),
};

const indexSchema = mapping({
  key: Type.Unsafe<Readonly<Record<string, number | string>>>({
    type: "object",
    minProperties: 1,
    additionalProperties: { enum: [1, -1, "text", "2d", "2dsphere", "hashed"] },
    description: "Field → direction (1 or -1) or kind; the order of the fields is kept.",
  }),
  ...indexOptions,
});

const timeseries = mapping(
  {
    timeField: text("Field that holds the time."),
    metaField: Type.Optional(text("Field that names the series.")),
    granularity: Type.Optional(oneOf(["seconds", "minutes", "hours"], "How close measurements are.")),
    bucketMaxSpanSeconds: Type.Optional(Type.Integer({ minimum: 1, description: "Longest span of a bucket." })),
    bucketRoundingSeconds: Type.Optional(
      Type.Integer({ minimum: 1, description: "What bucket starts are rounded to." }),
    ),
  },
  { description: "Makes it a time series collection." },
);

/** A collection that sinks and sources need: made by the emulator, checked by doctor, planned by deploy. */
export const collectionSchema = mapping(
  {
    connectionName: text("Connection that holds it."),
    db: text("Database, as pipelines name it."),
    coll: text("Collection."),
    indexes: Type.Optional(Type.Array(indexSchema, { description: "Indexes beside that of `_id`." })),
    validator: Type.Optional(handedOn("Documents must match, as in `collMod`; EJSON for types.")),
    validationLevel: Type.Optional(oneOf(["off", "strict", "moderate"], "Which writes are checked.")),
    validationAction: Type.Optional(oneOf(["error", "warn"], "What a violation does.")),
    changeStreamPreAndPostImages: Type.Optional(
      Type.Unsafe<{ readonly enabled: boolean } | boolean>({
        type: ["object", "boolean"],
        properties: { enabled: { type: "boolean", description: "Whether they are kept." } },
        required: ["enabled"],
        additionalProperties: false,
        description: "Keeps documents as they were before a change: `true`, or `{ enabled: true }`.",
      }),
    ),
    timeseries: Type.Optional(timeseries),
    expireAfterSeconds: Type.Optional(Type.Number({ minimum: 0, description: "Time series: age of what is removed." })),
  },
  { description: "A collection that sinks and sources need." },
);
