import { Long, Timestamp } from "bson";
import type { Stage } from "../../src/stages/index.ts";
import type { Duration } from "../../src/stages/values.ts";

/** A pipeline that the reference describes or that follows from what it says, in values of our own. */
export interface ReferenceExample {
  readonly name: string;
  /** Section of asp-language, or the document. */
  readonly section: string;
  /** Typed, so that the editor has to take it too. */
  readonly pipeline: readonly Stage[];
}

const events = { $source: { connectionName: "events", db: "shop", coll: "events" } };
const bus = { $source: { connectionName: "bus", topic: "orders" } };
const into = { connectionName: "domain", db: "shop", coll: "orders" };
const merge = { $merge: { into } };
const minutes = (size: number): Duration => ({ size, unit: "minute" });
const count = { $group: { _id: "$sku", count: { $count: {} } } };

const example = (section: string, name: string, pipeline: readonly Stage[]): ReferenceExample => ({
  section,
  name,
  pipeline,
});

export const referenceExamples: readonly ReferenceExample[] = [
  example("1.1.2", "event time from a text of the message", [
    { $source: { connectionName: "bus", topic: "orders", timeField: { $dateFromString: { dateString: "$at" } } } },
    merge,
  ]),
  example("1.1.2", "event time from a field of the changed document", [
    { $source: { ...events.$source, timeField: { $toDate: "$fullDocument.timestamp" } } },
    merge,
  ]),
  example("1.1.2", "a name of one's own for the time of a Kafka message", [
    { $source: { connectionName: "bus", topic: "orders", tsFieldName: "_ts" } },
    merge,
  ]),
  example("1.1.3", "several topics, a silent partition and a consumer group", [
    {
      $source: {
        connectionName: "bus",
        topic: ["orders", "refunds"],
        partitionIdleTimeout: { size: 30, unit: "second" },
        config: { auto_offset_reset: "earliest", group_id: "asp-orders", enable_auto_commit: false, keyFormat: "long" },
      },
    },
    merge,
  ]),
  example("1.1.3", "Avro by way of a schema registry", [
    { $source: { connectionName: "bus", topic: "orders", schemaRegistry: { connectionName: "registry" } } },
    merge,
  ]),
  example("1.1.3", "a tombstone arrives as an empty document", [
    bus,
    { $match: { $expr: { $eq: ["$$ROOT", {}] } } },
    merge,
  ]),
  example("1.1.3", "an array of messages taken apart", [
    bus,
    { $project: { items: { $objectToArray: "$$ROOT" } } },
    { $unwind: "$items" },
    { $replaceRoot: { newRoot: "$items.v" } },
    merge,
  ]),
  ...[
    ["a collection", { db: "shop", coll: "orders" }],
    ["several collections", { db: "shop", coll: ["orders", "refunds"] }],
    ["a database", { db: "shop" }],
    ["a whole cluster", {}],
  ].map(([scope, where]) =>
    example("1.1.4", `the changes of ${String(scope)}`, [
      { $source: { connectionName: "events", ...(where as object) } },
      merge,
    ]),
  ),
  example("1.1.4", "every option of a change stream", [
    {
      $source: {
        ...events.$source,
        readPreference: "secondaryPreferred",
        config: {
          startAtOperationTime: new Timestamp({ t: 1_700_000_000, i: 1 }),
          fullDocument: "required",
          fullDocumentBeforeChange: "whenAvailable",
          pipeline: [{ $match: { operationType: { $in: ["insert", "delete"] } } }, { $unset: "updateDescription" }],
          maxAwaitTimeMS: 250,
        },
      },
    },
    merge,
  ]),
  example("1.1.4", "a start given as Extended JSON", [
    { $source: { ...events.$source, config: { startAtOperationTime: { $date: "2026-01-01T00:00:00Z" } } } },
    merge,
  ]),
  example("1.1.4", "what is stored first, then the changes", [
    { $source: { ...events.$source, initialSync: { enable: true, parallelism: 1 } } },
    { $replaceRoot: { newRoot: "$fullDocument" } },
    merge,
  ]),
  example("1.1.4", "the service's sample data", [{ $source: { connectionName: "sample_stream_solar" } }, merge]),
  example("1.1.5", "Kinesis from a point in time", [
    {
      $source: {
        connectionName: "stream",
        stream: "orders",
        region: "eu-west-1",
        shardIdleTimeout: minutes(1),
        config: {
          consumerARN: "arn:aws:kinesis:eu-west-1:1:stream/orders/consumer/asp:1",
          initialPosition: "AT_TIMESTAMP",
          atTimestamp: { $date: "2026-01-01T00:00:00Z" },
        },
      },
    },
    merge,
  ]),
  example("1.1.6", "documents written into the pipeline", [
    { $source: { documents: [{ at: "2026-01-01T00:00:00Z", n: 1 }], timeField: { $toDate: "$at" } } },
    merge,
  ]),
  example("1.1.6", "documents that an expression gives", [
    { $source: { documents: { $map: { input: { $range: [0, 10] }, in: { n: "$$this" } } } } },
    merge,
  ]),
  example("1.1.7", "a tick every quarter of an hour, and what an API says then", [
    { $source: { schedule: "0 0/15 * * * *", tsFieldName: "tick" } },
    { $https: { connectionName: "web", path: "/rates", as: "rates" } },
    merge,
  ]),
  example("1.1.7", "names of days and months", [{ $source: { schedule: "0 30 6 ? JAN-MAR MON,THU" } }, merge]),
  example("1.2", "validation by a schema and by an expression", [
    events,
    { $validate: { validator: { $jsonSchema: { required: ["fullDocument"] } }, validationAction: "dlq" } },
    { $validate: { validator: { $expr: { $gt: ["$fullDocument.total", 0] } } } },
    merge,
  ]),
  example("1.3", "a request made from the document", [
    events,
    {
      $https: {
        connectionName: "web",
        path: { $concat: ["/customers/", "$fullDocument.customerId"] },
        parameters: { whole: "$$ROOT", size: { $bsonSize: "$$ROOT" } },
        method: "POST",
        headers: { "X-Tenant": "$fullDocument.tenant" },
        payload: [{ $project: { id: "$documentKey._id" } }, { $replaceRoot: { newRoot: { body: "$$ROOT" } } }],
        as: "customer",
        onError: "ignore",
        config: { connectionTimeoutSec: 5, requestTimeoutSec: 10, parseJsonStrings: true },
      },
    },
    { $match: { $expr: { $lt: [{ $meta: "stream.https.httpStatusCode" }, 300] } } },
    merge,
  ]),
  example("1.3", "a request as the sink", [events, { $https: { connectionName: "web", method: "POST" } }]),
  example("1.4", "a join by two fields", [
    events,
    {
      $lookup: { from: { ...into, coll: "customers" }, localField: "customerId", foreignField: "_id", as: "customer" },
    },
    merge,
  ]),
  example("1.4", "a join by a pipeline, with a join of the cluster's own in it", [
    events,
    {
      $lookup: {
        from: { ...into, coll: "customers" },
        let: { id: "$fullDocument.customerId" },
        pipeline: [
          { $match: { $expr: { $eq: ["$_id", "$$id"] } } },
          { $lookup: { from: "countries", localField: "country", foreignField: "_id", as: "country" } },
          { $sort: { name: 1 } },
          { $limit: 1 },
        ],
        as: "customer",
        parallelism: 4,
        partitionBy: "$fullDocument.customerId",
      },
    },
    merge,
  ]),
  example("1.4", "a join with documents of the pipeline's own", [
    events,
    { $lookup: { pipeline: [{ $documents: [{ a: 1 }] }], as: "constants" } },
    merge,
  ]),
  example("1.5", "a join that is remembered", [
    events,
    {
      $cachedLookup: {
        ttl: minutes(5),
        maxMemUsageBytes: 1_000_000,
        from: { ...into, coll: "customers" },
        localField: "customerId",
        foreignField: "_id",
        as: "customer",
      },
    },
    merge,
  ]),
  example("1.6", "a tumbling window of processing time", [
    bus,
    { $tumblingWindow: { interval: minutes(5), boundary: "processingTime", pipeline: [count] } },
    merge,
  ]),
  example("1.6", "a hopping window with gaps between its windows", [
    bus,
    { $hoppingWindow: { interval: minutes(1), hopSize: minutes(5), pipeline: [count] } },
    merge,
  ]),
  example("1.7", "a Kafka topic for each country, with keys, headers and tombstones", [
    events,
    {
      $emit: {
        connectionName: "bus",
        topic: { $concat: ["orders_", "$fullDocument.country"] },
        config: {
          acks: "all",
          compression_type: "lz4",
          dateFormat: "ISO8601",
          headers: [{ k: "tenant", v: "$fullDocument.tenant" }],
          key: "$documentKey._id",
          keyFormat: "json",
          outputFormat: "basicJson",
          tombstoneWhen: { $eq: ["$operationType", "delete"] },
        },
      },
    },
  ]),
  example("1.7", "Avro with a schema that is not registered by us", [
    events,
    {
      $emit: {
        connectionName: "bus",
        topic: "orders",
        schemaRegistry: {
          connectionName: "registry",
          valueSchema: {
            type: "avro",
            schema: { type: "record", name: "Order", fields: [{ name: "total", type: "double" }] },
            options: { autoRegisterSchemas: false },
          },
        },
      },
    },
  ]),
  example("1.7", "a time series collection that an expression names", [
    events,
    {
      $emit: {
        connectionName: "domain",
        db: "shop",
        coll: { $concat: ["prices_", "$fullDocument.country"] },
        timeseries: { timeField: "_ts", metaField: "sku", granularity: "minutes" },
        parallelism: 2,
      },
    },
  ]),
  example("1.7", "Kinesis, with a key that was a number", [
    events,
    { $emit: { connectionName: "stream", stream: "orders", partitionKey: { $toString: "$fullDocument.number" } } },
  ]),
  example("1.7", "files in S3 by day", [
    events,
    {
      $emit: {
        connectionName: "bucket",
        bucket: "acme",
        region: "eu-central-1",
        path: { $dateToString: { date: "$_ts", format: "%Y/%m/%d" } },
        parallelism: 2,
        partitionBy: "$fullDocument.country",
        config: {
          writeOptions: { count: 10_000, bytes: 1_000_000, interval: { size: 7, unit: "day" } },
          delimiter: "\r\n",
          compression: "gzip",
          compressionLevel: 9,
        },
      },
    },
  ]),
  example("1.7", "files in Azure Blob Storage", [
    events,
    { $emit: { connectionName: "blobs", container: "orders", path: "raw", config: { compression: "snappy" } } },
  ]),
  example("1.7", "Pub/Sub", [
    events,
    {
      $emit: {
        connectionName: "pubsub",
        projectId: "acme",
        topic: "orders",
        region: "europe-west1",
        orderingKey: { $toString: "$documentKey._id" },
        attributes: { kind: "order", country: "$fullDocument.country" },
      },
    },
  ]),
  example("1.8", "replication of a collection: what to do is read from the event", [
    { $source: { ...events.$source, config: { fullDocument: "whenAvailable" } } },
    { $replaceRoot: { newRoot: { $ifNull: ["$fullDocument", "$documentKey"] } } },
    {
      $merge: {
        into,
        whenMatched: { $cond: [{ $eq: [{ $meta: "stream.source.operationType" }, "delete"] }, "delete", "replace"] },
        whenNotMatched: { $cond: [{ $eq: [{ $meta: "stream.source.operationType" }, "delete"] }, "discard", "insert"] },
      },
    },
  ]),
  example("1.8", "a pipeline over what is stored, with variables and the new document", [
    events,
    {
      $merge: {
        into,
        on: ["customerId", "number"],
        let: { at: "$_ts" },
        whenMatched: [{ $set: { last: { $max: ["$last", "$$at"] }, total: "$$new.total" } }, { $unset: "draft" }],
        whenNotMatched: "insert",
        parallelism: 4,
      },
    },
  ]),
  example("1.9", "a function that is waited for, and one that ends the processor", [
    events,
    {
      $externalFunction: {
        connectionName: "lambda",
        functionName: "score",
        execution: "sync",
        as: "score",
        onError: "dlq",
        payload: [{ $project: { total: 1 } }],
        parallelism: 4,
        partitionBy: "$documentKey._id",
      },
    },
    { $externalFunction: { connectionName: "lambda", functionName: "notify", execution: "async" } },
  ]),
  example("1.10", "JavaScript in an expression", [
    events,
    { $addFields: { total: { $function: { body: "function (a) { return a; }", args: ["$total"], lang: "js" } } } },
    merge,
  ]),
  example("1.11", "a target kept out of the document, through `$replaceRoot`", [
    events,
    { $setStreamMeta: { "stream.target": { $concat: ["orders_", "$fullDocument.country"] } } },
    { $replaceRoot: { newRoot: "$fullDocument" } },
    { $merge: { into: { ...into, coll: { $meta: "stream.target" } } } },
  ]),
  example("1.12", "two limits, twice", [
    events,
    { $throttle: { bytesPerSec: 1_000_000, messagesPerSec: 100 } },
    { $throttle: { messagesPerSec: 10 } },
    merge,
  ]),
  example("1.13", "an Iceberg table", [
    events,
    {
      $iceberg: {
        connectionName: "bucket",
        bucket: "lake",
        databaseName: "shop",
        tableName: { $concat: ["orders_", "$fullDocument.country"] },
        path: "tables",
        region: "eu-west-1",
        mode: "cdc",
        idFieldName: "_id",
        partitionedBy: { _id: { bucket: 16 }, at: "day" },
        catalog: { type: "glue" },
        schemaInference: { mode: "nested" },
      },
    },
  ]),
  ...[
    { queryVector: "$embedding", numCandidates: 100 },
    { query: { text: "$question", model: "voyage-3" }, exact: true },
  ].map((query) =>
    example("1.14", `a search by ${Object.keys(query).join(" and ")}`, [
      events,
      {
        $vectorSearch: {
          from: { ...into, coll: "products" },
          as: "similar",
          index: "embeddings",
          path: "embedding",
          limit: 5,
          filter: { stock: { $gt: 0 } },
          searchNodePreference: { key: "a" },
          let: { sku: "$sku" },
          pipeline: [{ $rerank: { path: "text" } }],
          ...query,
        },
      },
      merge,
    ]),
  ),
  example("1.15", "expressions that only Stream Processing has", [
    events,
    {
      $set: {
        at: { $currentDate: {} },
        id: { $createUUID: {} },
        key: { $convert: { input: "$key", to: "int", byteOrder: "big" } },
        text: { $convert: { input: "$bytes", to: "string", format: "utf8" } },
        source: { $meta: "stream.source" },
        all: { $meta: "stream" },
      },
    },
    merge,
  ]),
  example("2", "`$$ROOT`, `$$CURRENT` and `$$REMOVE` are allowed", [
    bus,
    { $set: { size: { $bsonSize: "$$ROOT" }, copy: "$$CURRENT.a", secret: "$$REMOVE" } },
    { $tumblingWindow: { interval: minutes(1), pipeline: [{ $group: { _id: null, all: { $push: "$$ROOT" } } }] } },
    merge,
  ]),
  example("2", "accumulators and order inside of a window", [
    bus,
    {
      $tumblingWindow: {
        interval: minutes(1),
        pipeline: [
          {
            $group: {
              _id: "$sku",
              median: { $median: { input: "$price", method: "approximate" } },
              top: { $top: { sortBy: { price: -1 }, output: "$orderId" } },
              skus: { $addToSet: "$sku" },
              first: { $first: "$$ROOT" },
            },
          },
          { $sort: { median: -1, _id: 1 } },
          { $limit: 10 },
        ],
      },
    },
    merge,
  ]),
  ...([0, minutes(2), minutes(1)] as const).map((allowedLateness) =>
    example("3.5", `the window of a test vector, lateness ${JSON.stringify(allowedLateness)}`, [
      { $source: { documents: [{ at: "2026-01-01T12:00:00Z" }], timeField: { $toDate: "$at" } } },
      {
        $tumblingWindow: {
          interval: minutes(5),
          allowedLateness,
          pipeline: [
            { $group: { _id: null, count: { $sum: 1 } } },
            { $set: { from: { $meta: "stream.window.start" }, to: { $meta: "stream.window.end" } } },
          ],
        },
      },
      merge,
    ]),
  ),
  example("3.5", "a session of calls", [
    { $source: { documents: [{ call: 1, chunk: "a" }] } },
    {
      $sessionWindow: {
        partitionBy: "$call",
        gap: { size: 1, unit: "second" },
        boundary: "processingTime",
        pipeline: [
          { $group: { _id: "$call", chunks: { $push: "$chunk" } } },
          { $set: { call: { $meta: "stream.window.partition" } } },
        ],
      },
    },
    merge,
  ]),
  example("3.3", "late documents merged by a second processor", [
    { $source: { connectionName: "domain", db: "ops", coll: "dead_letters", config: { fullDocumentOnly: true } } },
    { $match: { "errInfo.reason": "Input document arrived late." } },
    { $replaceRoot: { newRoot: "$doc" } },
    merge,
  ]),
  example("5", "every path of metadata that a Kafka message has", [
    bus,
    {
      $set: Object.fromEntries(
        ["type", "ts", "topic", "partition", "offset", "key", "headers"].map((name) => [
          name,
          { $meta: `stream.source.${name}` },
        ]),
      ),
    },
    { $unset: ["_stream_meta", "_ts"] },
    merge,
  ]),
  example("6", "an update that is applied once, by the window it comes from", [
    bus,
    {
      $tumblingWindow: {
        interval: minutes(1),
        pipeline: [count, { $set: { from: { $meta: "stream.window.start" } } }],
      },
    },
    {
      $merge: {
        into,
        whenMatched: [
          {
            $replaceWith: {
              $cond: [
                { $gt: ["$$new.from", "$from"] },
                { _id: "$_id", count: { $add: ["$count", "$$new.count"] }, from: "$$new.from" },
                "$$ROOT",
              ],
            },
          },
        ],
      },
    },
  ]),
  example("9.2", "numbers as mongosh wraps them, and an idle source", [
    bus,
    {
      $tumblingWindow: {
        interval: { size: { $numberInt: "5" }, unit: "minute" },
        idleTimeout: { size: new Long(10), unit: "second" },
        offset: { offsetFromUtc: 30, unit: "minute" },
        pipeline: [count],
      },
    },
    merge,
  ]),
  example("9.2", "deletes, by their key", [
    events,
    { $match: { operationType: "delete" } },
    { $project: { _id: "$documentKey._id" } },
    { $merge: { into, whenMatched: "delete", whenNotMatched: "discard" } },
  ]),
  example("9.2", "a request for each window, not for each document", [
    bus,
    {
      $tumblingWindow: {
        interval: minutes(1),
        pipeline: [
          count,
          { $https: { connectionName: "web", as: "price" } },
          { $validate: { validator: { count: 1 } } },
        ],
      },
    },
    merge,
  ]),
  example("9.2", "two documents out of one, routed by a name that is computed", [
    events,
    { $set: { to: ["orders", "orders_by_day"] } },
    { $unwind: "$to" },
    { $merge: { into: { ...into, coll: "$to" } } },
  ]),
  example("DESIGN", "large payments", [
    { $source: { ...events.$source, config: { fullDocumentOnly: true } } },
    { $match: { type: "PaymentReceived", "data.amount": { $gte: 1000 } } },
    merge,
  ]),
  example("sketches", "what was sold in each minute", [
    bus,
    {
      $tumblingWindow: {
        interval: minutes(1),
        pipeline: [{ $group: { _id: "$sku", sold: { $sum: "$quantity" } } }],
        allowedLateness: minutes(1),
      },
    },
    merge,
  ]),
];
