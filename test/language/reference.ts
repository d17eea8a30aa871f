/** What the reference says there is: every stage, form and field of its sections 1 and 2, with a value that fits each and one that does not. */
export interface ReferenceForm {
  /** Wire name. */
  readonly stage: string;
  /** Which form of it, as the reference calls it; absent where there is one. */
  readonly form?: string;
  /** Section of asp-language. */
  readonly section: string;
  /** Where the support matrix of section 2 has it. */
  readonly places: readonly ReferencePlace[];
  /** The least that is valid. */
  readonly args: unknown;
  /** Arguments that are wrong as a whole. */
  readonly wrong: unknown;
  readonly fields: Readonly<Record<string, ReferenceField>>;
}

/** One field, by its dotted path. */
export interface ReferenceField {
  readonly right: unknown;
  readonly wrong: unknown;
  /** Other fields, by path, that it asks for. */
  readonly beside?: Readonly<Record<string, unknown>>;
  /** Fields that exclude it. */
  readonly without?: readonly string[];
}

export type ReferencePlace = "main" | "window" | "payload";

const everywhere: readonly ReferencePlace[] = ["main", "window", "payload"];
const minute = { size: 1, unit: "minute" };
const timeField = { right: { $toDate: "$at" }, wrong: "$at" };
const tsFieldName = { right: "_time", wrong: 5 };
/** `undefined` is the one thing that is no expression. */
const anyExpression = { right: { $toString: "$a" }, wrong: undefined };
const parallelism = { right: 2, wrong: "2" };
const collection = { connectionName: "domain", db: "shop", coll: "customers" };
const from = {
  "from.connectionName": { right: "domain", wrong: 5 },
  "from.db": { right: "shop", wrong: 5 },
  "from.coll": { right: "customers", wrong: 5 },
};
const outputFormat = { right: "canonicalJson", wrong: "json" };
const dateFormat = { right: "ISO8601", wrong: "iso" };
const payload = { right: [{ $project: { a: 1 } }], wrong: [{ $match: {} }] };
const onError = { right: "ignore", wrong: "discard" };

const bucketConfig = {
  "config.writeOptions.count": { right: 1000, wrong: "1000" },
  "config.writeOptions.bytes": { right: 1_000_000, wrong: "1 MB" },
  "config.writeOptions.interval": { right: { size: 7, unit: "day" }, wrong: { size: 1, unit: "week" } },
  "config.delimiter": { right: ",", wrong: 5 },
  "config.outputFormat": outputFormat,
  "config.dateFormat": dateFormat,
  "config.compression": { right: "snappy", wrong: "zip" },
  "config.compressionLevel": { right: 9, wrong: "9", beside: { "config.compression": "gzip" } },
};

const windowFields = {
  pipeline: { right: [{ $group: { _id: null } }], wrong: [{ $tumblingWindow: {} }] },
  boundary: { right: "processingTime", wrong: "processTime" },
  allowedLateness: { right: 0, wrong: 3 },
};
const openWindowFields = {
  interval: { right: minute, wrong: { size: 1, unit: "week" } },
  ...windowFields,
  offset: { right: { offsetFromUtc: 1, unit: "hour" }, wrong: { offsetFromUtc: 1, unit: "day" } },
  idleTimeout: { right: minute, wrong: "1 minute" },
};

/** A declaration that every document fits. */
export const avroRecord = { type: "record", name: "Order", fields: [] };

export const reference: readonly ReferenceForm[] = [
  {
    stage: "$source",
    form: "Kafka",
    section: "1.1.3",
    places: ["main"],
    args: { connectionName: "bus", topic: "orders" },
    wrong: "orders",
    fields: {
      connectionName: { right: "bus", wrong: 5 },
      topic: { right: ["orders", "refunds"], wrong: 5 },
      timeField,
      tsFieldName,
      partitionIdleTimeout: { right: minute, wrong: 60 },
      "partitions.min": { right: 0, wrong: "0" },
      "partitions.max": { right: 3, wrong: "3" },
      "schemaRegistry.connectionName": { right: "registry", wrong: 5 },
      "config.auto_offset_reset": { right: "earliest", wrong: "first" },
      "config.group_id": { right: "orders", wrong: 5 },
      "config.enable_auto_commit": { right: false, wrong: "false" },
      "config.keyFormat": { right: "json", wrong: "double" },
      "config.keyFormatError": { right: "passThrough", wrong: "ignore" },
    },
  },
  {
    stage: "$source",
    form: "change stream",
    section: "1.1.4",
    places: ["main"],
    args: { connectionName: "events", db: "shop", coll: "events" },
    wrong: "events",
    fields: {
      connectionName: { right: "events", wrong: 5 },
      db: { right: "shop", wrong: 5 },
      coll: { right: ["events", "refunds"], wrong: 5 },
      timeField,
      tsFieldName,
      "initialSync.enable": { right: true, wrong: "true" },
      "initialSync.parallelism": { ...parallelism, beside: { "initialSync.enable": true } },
      readPreference: { right: "primaryPreferred", wrong: "first" },
      readPreferenceTags: { right: [{ region: "eu" }], wrong: 5, beside: { readPreference: "nearest" } },
      "config.startAfter": { right: { _data: "82" }, wrong: "82" },
      "config.startAtOperationTime": { right: new Date(0), wrong: "1970-01-01" },
      "config.fullDocument": { right: "updateLookup", wrong: "always" },
      "config.fullDocumentOnly": { right: true, wrong: 1 },
      "config.fullDocumentBeforeChange": { right: "whenAvailable", wrong: "default" },
      "config.pipeline": { right: [{ $match: { operationType: "insert" } }], wrong: { $match: {} } },
      "config.maxAwaitTimeMS": { right: 500, wrong: "500" },
    },
  },
  {
    stage: "$source",
    form: "sample data",
    section: "1.1.4",
    places: ["main"],
    args: { connectionName: "sample_stream_solar" },
    wrong: "sample_stream_solar",
    fields: { connectionName: { right: "sample_stream_solar", wrong: 5 } },
  },
  {
    stage: "$source",
    form: "Kinesis",
    section: "1.1.5",
    places: ["main"],
    args: { connectionName: "stream", stream: "orders", config: { consumerARN: "arn:aws:kinesis:consumer" } },
    wrong: "orders",
    fields: {
      connectionName: { right: "stream", wrong: 5 },
      stream: { right: "orders", wrong: 5 },
      region: { right: "eu-west-1", wrong: 5 },
      timeField,
      tsFieldName,
      shardIdleTimeout: { right: minute, wrong: 60 },
      "config.consumerARN": { right: "arn:aws:kinesis:consumer", wrong: 5 },
      "config.initialPosition": { right: "TRIM_HORIZON", wrong: "EARLIEST" },
      "config.atTimestamp": {
        right: new Date(0),
        wrong: "1970-01-01",
        beside: { "config.initialPosition": "AT_TIMESTAMP" },
      },
      "config.reshardDetectionIntervalSecs": { right: 60, wrong: "60" },
    },
  },
  {
    stage: "$source",
    form: "documents",
    section: "1.1.6",
    places: ["main"],
    args: { documents: [{ _id: 1, a: 1 }] },
    wrong: [{ _id: 1 }],
    fields: {
      documents: { right: [{ _id: 1, at: new Date(0) }], wrong: 5 },
      timeField,
      tsFieldName,
    },
  },
  {
    stage: "$source",
    form: "cron schedule",
    section: "1.1.7",
    places: ["main"],
    args: { schedule: "0 0/15 * * * *" },
    wrong: "0 0/15 * * * *",
    fields: { schedule: { right: "0 30 9 * * MON-FRI", wrong: 15 }, tsFieldName },
  },
  {
    stage: "$validate",
    section: "1.2",
    places: ["main", "window"],
    args: { validator: { $jsonSchema: { required: ["_id"] } } },
    wrong: 5,
    fields: {
      validator: { right: { $expr: { $gt: ["$a", 0] } }, wrong: 5 },
      validationAction: { right: "dlq", wrong: "error" },
    },
  },
  {
    stage: "$https",
    section: "1.3",
    places: ["main", "window"],
    args: { connectionName: "web", as: "response" },
    wrong: "web",
    fields: {
      connectionName: { right: "web", wrong: 5 },
      path: { right: { $concat: ["/orders/", "$customerId"] }, wrong: 5 },
      parameters: { right: { id: "$_id" }, wrong: "id" },
      method: { right: "POST", wrong: "post" },
      headers: { right: { "X-Tenant": "$tenant" }, wrong: "X-Tenant" },
      as: { right: "response", wrong: 5 },
      onError,
      payload,
      "config.connectionTimeoutSec": { right: 5, wrong: "5" },
      "config.requestTimeoutSec": { right: 5, wrong: "5" },
      "config.parseJsonStrings": { right: true, wrong: "true" },
    },
  },
  {
    stage: "$lookup",
    section: "1.4",
    places: ["main", "window"],
    args: { from: collection, localField: "customerId", foreignField: "_id", as: "customer" },
    wrong: "customers",
    fields: {
      ...from,
      localField: { right: "customerId", wrong: 5 },
      foreignField: { right: "_id", wrong: 5 },
      let: { right: { id: "$customerId" }, wrong: "$customerId", beside: { pipeline: [{ $limit: 1 }] } },
      pipeline: { right: [{ $limit: 1 }], wrong: { $limit: 1 } },
      as: { right: "customer", wrong: 5 },
      parallelism,
      partitionBy: anyExpression,
    },
  },
  {
    stage: "$cachedLookup",
    section: "1.5",
    places: ["main"],
    args: { ttl: minute, from: collection, localField: "customerId", foreignField: "_id", as: "customer" },
    wrong: "customers",
    fields: {
      ttl: { right: { size: 5, unit: "minute" }, wrong: 300 },
      maxMemUsageBytes: { right: 1_000_000, wrong: "1 MB" },
      ...from,
      localField: { right: "customerId", wrong: 5 },
      foreignField: { right: "_id", wrong: 5 },
      as: { right: "customer", wrong: 5 },
    },
  },
  {
    stage: "$tumblingWindow",
    section: "1.6",
    places: ["main"],
    args: { interval: minute, pipeline: [{ $group: { _id: "$a" } }] },
    wrong: minute,
    fields: openWindowFields,
  },
  {
    stage: "$hoppingWindow",
    section: "1.6",
    places: ["main"],
    args: { interval: minute, hopSize: minute, pipeline: [{ $group: { _id: "$a" } }] },
    wrong: minute,
    fields: { ...openWindowFields, hopSize: { right: { size: 5, unit: "second" }, wrong: 5 } },
  },
  {
    stage: "$sessionWindow",
    section: "1.6",
    places: ["main"],
    args: { partitionBy: "$a", gap: minute, pipeline: [{ $group: { _id: "$a" } }] },
    wrong: minute,
    fields: { partitionBy: anyExpression, gap: { right: { size: 5, unit: "second" }, wrong: 5 }, ...windowFields },
  },
  {
    stage: "$emit",
    form: "Kafka",
    section: "1.7",
    places: ["main"],
    args: { connectionName: "bus", topic: "orders" },
    wrong: "orders",
    fields: {
      connectionName: { right: "bus", wrong: 5 },
      topic: { right: { $concat: ["orders_", "$country"] }, wrong: 5 },
      "schemaRegistry.connectionName": {
        right: "registry",
        wrong: 5,
        beside: { "schemaRegistry.valueSchema": { type: "avro", schema: avroRecord } },
      },
      "schemaRegistry.valueSchema": {
        right: "$schema",
        wrong: 5,
        beside: { "schemaRegistry.connectionName": "registry" },
      },
      ...Object.fromEntries(
        Object.entries({
          type: { right: "avro", wrong: "Avro" },
          schema: { right: avroRecord, wrong: 5 },
          "options.autoRegisterSchemas": { right: false, wrong: "false" },
          "options.subjectNameStrategy": { right: "RecordNameStrategy", wrong: "recordName" },
        }).map(([name, field]) => [
          `schemaRegistry.valueSchema.${name}`,
          {
            ...field,
            beside: {
              "schemaRegistry.connectionName": "registry",
              "schemaRegistry.valueSchema": { type: "avro", schema: avroRecord },
            },
          },
        ]),
      ),
      "config.acks": { right: "1", wrong: 1 },
      "config.compression_type": { right: "zstd", wrong: "zip" },
      "config.dateFormat": dateFormat,
      "config.headers": { right: { tenant: "$tenant" }, wrong: undefined },
      "config.key": { right: "$_id", wrong: undefined, beside: { "config.keyFormat": "string" } },
      "config.keyFormat": { right: "double", wrong: "text", beside: { "config.key": "$a" } },
      "config.outputFormat": outputFormat,
      "config.tombstoneWhen": { right: { $eq: ["$deleted", true] }, wrong: undefined },
    },
  },
  {
    stage: "$emit",
    form: "time series collection",
    section: "1.7",
    places: ["main"],
    args: { connectionName: "domain", db: "shop", coll: "prices" },
    wrong: "prices",
    fields: {
      connectionName: { right: "domain", wrong: 5 },
      db: { right: { $concat: ["shop_", "$country"] }, wrong: 5, beside: { timeseries: { timeField: "_ts" } } },
      coll: { right: { $concat: ["prices_", "$country"] }, wrong: 5, beside: { timeseries: { timeField: "_ts" } } },
      "timeseries.timeField": { right: "_ts", wrong: 5 },
      "timeseries.metaField": { right: "sku", wrong: 5, beside: { "timeseries.timeField": "_ts" } },
      "timeseries.granularity": { right: "minutes", wrong: "days", beside: { "timeseries.timeField": "_ts" } },
      // What stands for "…" there: the options of a time series collection on the server.
      "timeseries.bucketMaxSpanSeconds": { right: 3600, wrong: "3600", beside: { "timeseries.timeField": "_ts" } },
      "timeseries.bucketRoundingSeconds": { right: 3600, wrong: "3600", beside: { "timeseries.timeField": "_ts" } },
      parallelism,
    },
  },
  {
    stage: "$emit",
    form: "Kinesis",
    section: "1.7",
    places: ["main"],
    args: { connectionName: "stream", stream: "orders", partitionKey: { $toString: "$_id" } },
    wrong: "orders",
    fields: {
      connectionName: { right: "stream", wrong: 5 },
      stream: { right: "orders", wrong: 5 },
      region: { right: "eu-west-1", wrong: 5 },
      partitionKey: { right: "all", wrong: 5 },
      "config.outputFormat": outputFormat,
      "config.dateFormat": dateFormat,
    },
  },
  {
    stage: "$emit",
    form: "S3",
    section: "1.7",
    places: ["main"],
    args: { connectionName: "bucket", bucket: "acme-orders", path: "orders" },
    wrong: "orders",
    fields: {
      connectionName: { right: "bucket", wrong: 5 },
      bucket: { right: { $concat: ["acme-", "$country"] }, wrong: 5 },
      region: { right: "eu-west-1", wrong: 5 },
      path: { right: { $toString: "$_id" }, wrong: 5 },
      parallelism,
      partitionBy: anyExpression,
      ...bucketConfig,
    },
  },
  {
    stage: "$emit",
    form: "Azure Blob",
    section: "1.7",
    places: ["main"],
    args: { connectionName: "blobs", container: "orders", path: "2026" },
    wrong: "orders",
    fields: {
      connectionName: { right: "blobs", wrong: 5 },
      container: { right: "orders", wrong: 5 },
      path: { right: { $toString: "$_id" }, wrong: 5 },
      parallelism,
      partitionBy: anyExpression,
      ...bucketConfig,
    },
  },
  {
    stage: "$emit",
    form: "Pub/Sub",
    section: "1.7",
    places: ["main"],
    args: { connectionName: "pubsub", projectId: "acme", topic: "orders", region: "europe-west1" },
    wrong: "orders",
    fields: {
      connectionName: { right: "pubsub", wrong: 5 },
      projectId: { right: "acme", wrong: 5 },
      topic: { right: { $concat: ["orders-", "$country"] }, wrong: 5 },
      region: { right: "europe-west1", wrong: 5 },
      orderingKey: { right: { $toString: "$_id" }, wrong: 5 },
      attributes: { right: { country: "$country" }, wrong: "country" },
      "config.outputFormat": outputFormat,
      "config.dateFormat": dateFormat,
    },
  },
  {
    stage: "$merge",
    section: "1.8",
    places: ["main"],
    args: { into: { connectionName: "domain", db: "shop", coll: "orders" } },
    wrong: "orders",
    fields: {
      "into.connectionName": { right: "domain", wrong: 5 },
      "into.db": { right: { $concat: ["shop_", "$country"] }, wrong: 5 },
      "into.coll": { right: { $concat: ["orders_", "$country"] }, wrong: 5 },
      on: { right: ["customerId", "number"], wrong: 5 },
      let: { right: { at: "$at" }, wrong: "$at", beside: { whenMatched: [{ $set: { at: "$$at" } }] } },
      whenMatched: { right: "keepExisting", wrong: "fail" },
      whenNotMatched: { right: "discard", wrong: "ignore" },
      parallelism,
    },
  },
  {
    stage: "$externalFunction",
    section: "1.9",
    places: ["main", "window"],
    args: { connectionName: "lambda", functionName: "enrich", as: "enriched" },
    wrong: "enrich",
    fields: {
      connectionName: { right: "lambda", wrong: 5 },
      functionName: { right: "enrich", wrong: 5 },
      execution: { right: "async", wrong: "later", without: ["as"] },
      as: { right: "enriched", wrong: 5 },
      onError,
      payload,
      parallelism,
      partitionBy: { ...anyExpression, beside: { parallelism: 2 } },
    },
  },
  {
    stage: "$setStreamMeta",
    section: "1.11",
    places: ["main"],
    args: { "stream.target": "$country" },
    wrong: { target: "$country" },
    fields: {},
  },
  {
    stage: "$throttle",
    section: "1.12",
    places: ["main"],
    args: { messagesPerSec: 100 },
    wrong: 100,
    fields: {
      bytesPerSec: { right: 1_000_000, wrong: "1 MB" },
      messagesPerSec: { right: 100, wrong: "100" },
    },
  },
  {
    stage: "$iceberg",
    section: "1.13",
    places: ["main"],
    args: { connectionName: "bucket", bucket: "lake", databaseName: "shop", tableName: "orders", path: "tables" },
    wrong: "lake",
    fields: {
      connectionName: { right: "bucket", wrong: 5 },
      bucket: { right: "lake", wrong: 5 },
      databaseName: { right: "shop", wrong: 5 },
      tableName: { right: { $concat: ["orders_", "$country"] }, wrong: 5 },
      path: { right: "tables", wrong: 5 },
      region: { right: "eu-west-1", wrong: 5 },
      mode: { right: "insert", wrong: "append" },
      idFieldName: { right: "customerId", wrong: 5 },
      partitionedBy: { right: { _id: { bucket: 16 } }, wrong: { _id: "weekly" } },
      "catalog.type": { right: "glue", wrong: "hive" },
      "schemaInference.mode": { right: "nested", wrong: "flat" },
    },
  },
  {
    stage: "$vectorSearch",
    section: "1.14",
    places: ["main"],
    args: {
      from: collection,
      as: "similar",
      index: "embeddings",
      path: "embedding",
      limit: 5,
      queryVector: "$embedding",
      numCandidates: 100,
    },
    wrong: "embeddings",
    fields: {
      ...from,
      as: { right: "similar", wrong: 5 },
      index: { right: "embeddings", wrong: 5 },
      path: { right: "embedding", wrong: 5 },
      limit: { right: 10, wrong: "10" },
      queryVector: { right: [0.1, 0.2], wrong: undefined },
      "query.text": { right: "$text", wrong: undefined, without: ["queryVector"] },
      "query.model": { right: "voyage-3", wrong: 5, without: ["queryVector"], beside: { "query.text": "$text" } },
      numCandidates: { right: 200, wrong: "200" },
      exact: { right: true, wrong: "true", without: ["numCandidates"] },
      filter: { right: { stock: { $gt: 0 } }, wrong: "stock" },
      "searchNodePreference.key": { right: "a", wrong: 5 },
      let: { right: { sku: "$sku" }, wrong: "$sku", beside: { pipeline: [{ $limit: 1 }] } },
      pipeline: { right: [{ $limit: 1 }], wrong: { $limit: 1 } },
    },
  },
  // Section 2: the standard stages.
  { ...standard("$addFields", { b: "$a" }, 5), places: everywhere },
  { ...standard("$project", { a: 1 }, 5), places: everywhere },
  {
    ...standard("$replaceRoot", { newRoot: "$$ROOT" }, "$$ROOT"),
    places: everywhere,
    fields: { newRoot: { right: { _id: "$_id" }, wrong: undefined } },
  },
  { ...standard("$set", { b: "$a" }, 5), places: everywhere },
  { ...standard("$match", { a: 1 }, 5), places: ["main", "window"] },
  { ...standard("$redact", "$$KEEP", undefined), places: ["main", "window"] },
  { ...standard("$replaceWith", "$$ROOT", undefined), places: ["main", "window"] },
  { ...standard("$unset", ["b"], 5), places: ["main", "window"] },
  {
    ...standard("$unwind", { path: "$items" }, 5),
    places: ["main", "window"],
    fields: {
      path: { right: "$items", wrong: 5 },
      includeArrayIndex: { right: "line", wrong: 5 },
      preserveNullAndEmptyArrays: { right: true, wrong: "true" },
    },
  },
  { ...standard("$group", { _id: "$a", count: { $sum: 1 } }, { count: { $sum: 1 } }), places: ["window"] },
  { ...standard("$sort", { a: -1 }, { a: "down" }), places: ["window"] },
  { ...standard("$count", "documents", 5), places: ["window"] },
  { ...standard("$limit", 10, "10"), places: ["window"] },
];

function standard(stage: string, args: unknown, wrong: unknown): Omit<ReferenceForm, "places"> {
  return { stage, section: "2", args, wrong, fields: {} };
}

/** The arguments of a form with one field as it should be, or with another value, or by another name. */
export function withField(
  form: ReferenceForm,
  path: string,
  { name, ...change }: { readonly value?: unknown; readonly name?: string } = {},
): unknown {
  const field = form.fields[path];
  if (field === undefined) throw new Error(`${form.stage} has no sample of ${path}`);
  const { right, beside = {}, without = [] } = field;
  const args = structuredClone(form.args) as Record<string, unknown>;
  for (const excluded of without) delete args[excluded];
  for (const [other, value] of Object.entries(beside)) put(args, other, structuredClone(value));
  const value = "value" in change ? change.value : right;
  if (name === undefined) return put(args, path, value);
  const owner = path.split(".").slice(0, -1);
  return put(put(args, path, removed), [...owner, name].join("."), value);
}

/** The arguments of {@link withField} without the field itself, which may leave something out that is needed. */
export function withoutField(form: ReferenceForm, path: string): unknown {
  return put(withField(form, path) as Record<string, unknown>, path, removed);
}

const removed = Symbol("removed");

function put(args: Record<string, unknown>, path: string, value: unknown): Record<string, unknown> {
  const steps = path.split(".");
  const last = steps.pop() ?? "";
  let owner = args;
  for (const step of steps) owner = (owner[step] ??= {}) as Record<string, unknown>;
  if (value === removed) delete owner[last];
  else owner[last] = value;
  return args;
}
