import { Int32, Long } from "bson";
import { describe, expect, test } from "vitest";
import type { Environment } from "../../src/config/environment.ts";
import type { Finding } from "../../src/diagnostics/finding.ts";
import { compile, local, merge, source } from "./support.ts";

const group = [{ $group: { _id: "$sku", sold: { $sum: 1 } } }];
const minute = { size: 1, unit: "minute" };
const tumbling = (more: object) => ({ $tumblingWindow: { interval: minute, pipeline: group, ...more } });
const https = { $https: { connectionName: "web", as: "answer" } };
const kafka = (more: object) => ({ $emit: { connectionName: "bus", topic: "out", ...more } });
const s3 = (more: object) => ({ $emit: { connectionName: "bucket", bucket: "b", path: "p", ...more } });

/** What is wrong with a pipeline, but for stages that the engine does not run. */
function wrong(pipeline: readonly object[]): readonly Finding[] {
  return compile(pipeline).findings.filter(({ code }) => code !== "ASP5001");
}

describe("stages that are right", () => {
  test.each<[string, readonly object[]]>([
    ["a tumbling window", [source, tumbling({}), merge]],
    [
      "every option of a tumbling window",
      [
        source,
        tumbling({
          boundary: "eventTime",
          offset: { offsetFromUtc: 2, unit: "hour" },
          idleTimeout: { size: new Int32(5), unit: "second" },
          allowedLateness: 0,
        }),
        merge,
      ],
    ],
    ["a zero of another number type", [source, tumbling({ idleTimeout: new Long(0) }), merge]],
    [
      "a hop that is longer than the window",
      [source, { $hoppingWindow: { ...tumbling({}).$tumblingWindow, hopSize: { size: 1, unit: "day" } } }, merge],
    ],
    ["a session", [source, { $sessionWindow: { partitionBy: "$user", gap: minute, pipeline: group } }, merge]],
    [
      "Kafka",
      [
        {
          $source: {
            connectionName: "bus",
            topic: ["a", "b"],
            config: { auto_offset_reset: "earliest", keyFormat: "json" },
          },
        },
        kafka({}),
      ],
    ],
    [
      "Kinesis",
      [
        {
          $source: {
            connectionName: "stream",
            stream: "s",
            config: { consumerARN: "arn", initialPosition: "AT_TIMESTAMP", atTimestamp: new Date(0) },
          },
        },
        merge,
      ],
    ],
    ["a schedule", [{ $source: { schedule: "0 0/15 8-18 * JAN-MAR MON,WED" } }, https, merge]],
    ["sample data", [{ $source: { connectionName: "sample_stream_solar" } }, merge]],
    [
      "a request as the last stage, without a field for the response",
      [source, { $https: { connectionName: "web", method: "POST" } }],
    ],
    ["a payload", [source, { $https: { connectionName: "web", as: "r", payload: [{ $project: { a: 1 } }] } }, merge]],
    [
      "a function",
      [
        source,
        {
          $externalFunction: {
            connectionName: "lambda",
            functionName: "f",
            as: "r",
            parallelism: 2,
            partitionBy: "$a",
          },
        },
        merge,
      ],
    ],
    [
      "a function that nobody waits for",
      [source, { $externalFunction: { connectionName: "lambda", functionName: "f", execution: "async" } }, merge],
    ],
    [
      "a look-up",
      [
        source,
        {
          $lookup: {
            from: { connectionName: "domain", db: "shop", coll: "c" },
            localField: "a",
            foreignField: "_id",
            as: "c",
            pipeline: [{ $sample: { size: 1 } }],
          },
        },
        merge,
      ],
    ],
    [
      "a look-up without a collection",
      [source, { $lookup: { let: { a: "$a" }, pipeline: [{ $documents: [{ b: 1 }] }], as: "c" } }, merge],
    ],
    [
      "a cached look-up",
      [
        source,
        {
          $cachedLookup: {
            ttl: minute,
            from: { connectionName: "domain", db: "shop", coll: "c" },
            localField: "a",
            foreignField: "_id",
            as: "c",
          },
        },
        merge,
      ],
    ],
    ["metadata", [source, { $setStreamMeta: { "stream.target": "$a" } }, merge]],
    ["a limit", [source, { $throttle: { bytesPerSec: 1000, messagesPerSec: new Int32(5) } }, merge]],
    [
      "Kafka with a key and Avro",
      [
        source,
        kafka({
          schemaRegistry: {
            connectionName: "registry",
            valueSchema: {
              type: "avro",
              schema: { type: "record", name: "o", fields: [] },
              options: { subjectNameStrategy: "RecordNameStrategy" },
            },
          },
          config: { key: "$_id", keyFormat: "binData", acks: "0", tombstoneWhen: { $eq: ["$a", 1] } },
        }),
      ],
    ],
    [
      "a schema that an expression gives",
      [
        source,
        kafka({
          topic: { $concat: ["a", "$b"] },
          schemaRegistry: { connectionName: "registry", valueSchema: "$schema" },
        }),
      ],
    ],
    [
      "a time series",
      [
        source,
        {
          $emit: {
            connectionName: "domain",
            db: "shop",
            coll: "$name",
            timeseries: { timeField: "at", metaField: "who" },
          },
        },
      ],
    ],
    [
      "S3",
      [
        source,
        s3({
          config: { compression: "gzip", compressionLevel: 9, writeOptions: { interval: { size: 7, unit: "day" } } },
        }),
      ],
    ],
    ["Azure Blob", [source, { $emit: { connectionName: "blobs", container: "c", path: "$p", parallelism: 16 } }]],
    [
      "Pub/Sub",
      [
        source,
        { $emit: { connectionName: "pubsub", projectId: "p", topic: "t", region: "r", attributes: { a: "$a" } } },
      ],
    ],
    [
      "a Kinesis sink",
      [source, { $emit: { connectionName: "stream", stream: "s", partitionKey: { $toString: "$_id" } } }],
    ],
    [
      "Iceberg",
      [
        source,
        {
          $iceberg: {
            connectionName: "bucket",
            bucket: "b",
            databaseName: "d",
            tableName: "$t",
            path: "p",
            partitionedBy: { _id: { bucket: 4 } },
          },
        },
      ],
    ],
  ])("%s", (_, pipeline) => expect(wrong(pipeline)).toEqual([]));
});

describe("what fields mean beside each other", () => {
  test.each<[string, string, readonly object[], string | undefined]>([
    [
      "a field of event time with the wall clock",
      "ASP1031",
      [source, tumbling({ boundary: "processingTime", idleTimeout: minute }), merge],
      undefined,
    ],
    ["a compression level without gzip", "ASP1031", [source, s3({ config: { compressionLevel: 5 } })], undefined],
    [
      "a field for an answer that nobody waits for",
      "ASP1031",
      [
        source,
        { $externalFunction: { connectionName: "lambda", functionName: "f", as: "r", execution: "async" } },
        merge,
      ],
      undefined,
    ],
    [
      "threads that wait for nothing",
      "ASP1031",
      [
        source,
        { $externalFunction: { connectionName: "lambda", functionName: "f", execution: "async", parallelism: 2 } },
        merge,
      ],
      "set `parallelism` to 1, or change `execution`",
    ],
    [
      "a naming strategy for schemas that are never registered",
      "ASP1031",
      [
        source,
        kafka({
          schemaRegistry: {
            connectionName: "registry",
            valueSchema: {
              type: "avro",
              schema: {},
              options: { autoRegisterSchemas: false, subjectNameStrategy: "TopicNameStrategy" },
            },
          },
        }),
      ],
      undefined,
    ],
    [
      "a key without its format",
      "ASP1017",
      [source, kafka({ config: { key: "$_id" } })],
      "add `config.keyFormat`, or remove `config.key`",
    ],
    ["a format without a key", "ASP1017", [source, kafka({ config: { keyFormat: "json" } })], undefined],
    [
      "partitions of one thread",
      "ASP1017",
      [
        source,
        {
          $externalFunction: {
            connectionName: "lambda",
            functionName: "f",
            as: "r",
            parallelism: 1,
            partitionBy: "$a",
          },
        },
        merge,
      ],
      "set `parallelism` to 2 or more, or remove `partitionBy`",
    ],
    [
      "partitions without threads",
      "ASP1017",
      [
        source,
        { $externalFunction: { connectionName: "lambda", functionName: "f", as: "r", partitionBy: "$a" } },
        merge,
      ],
      "set `parallelism` to 2 or more, or remove `partitionBy`",
    ],
    [
      "one side of a join",
      "ASP1017",
      [
        source,
        { $lookup: { from: { connectionName: "domain", db: "shop", coll: "c" }, localField: "a", as: "c" } },
        merge,
      ],
      undefined,
    ],
    ["a response that goes nowhere", "ASP1005", [source, { $https: { connectionName: "web" } }, merge], "add `as`"],
    [
      "a time that is not given",
      "ASP1005",
      [
        {
          $source: {
            connectionName: "stream",
            stream: "s",
            config: { consumerARN: "a", initialPosition: "AT_TIMESTAMP" },
          },
        },
        merge,
      ],
      "add `config.atTimestamp`",
    ],
    [
      "a time series whose name is computed",
      "ASP1005",
      [source, { $emit: { connectionName: "domain", db: "$db", coll: "$coll" } }],
      "add `timeseries`",
    ],
    [
      "neighbours that nobody counts",
      "ASP1005",
      [
        source,
        {
          $vectorSearch: {
            from: { connectionName: "domain", db: "shop", coll: "c" },
            index: "i",
            path: "p",
            queryVector: "$v",
            limit: 1,
            as: "s",
          },
        },
        merge,
      ],
      "add `numCandidates`",
    ],
    ["nothing to limit", "ASP1032", [source, { $throttle: {} }, merge], undefined],
    [
      "a vector and a text",
      "ASP1032",
      [
        source,
        {
          $vectorSearch: {
            from: { connectionName: "domain", db: "shop", coll: "c" },
            index: "i",
            path: "p",
            queryVector: "$v",
            query: { text: "$t" },
            exact: true,
            limit: 1,
            as: "s",
          },
        },
        merge,
      ],
      undefined,
    ],
    ["a second window", "ASP2007", [source, tumbling({}), tumbling({}), merge], undefined],
    [
      "a window in a window",
      "ASP2006",
      [source, tumbling({ pipeline: [tumbling({})] }), merge],
      "write what the outer window gives to a collection or a topic, and read that with a second processor",
    ],
    ["a sink in a window", "ASP2006", [source, tumbling({ pipeline: [merge] }), merge], "move it out of the window"],
    [
      "a window over what is copied",
      "ASP2008",
      [{ $source: { ...source.$source, initialSync: { enable: true } } }, tumbling({}), merge],
      undefined,
    ],
    [
      "a stage of windows outside of one",
      "ASP2006",
      [source, ...group, merge],
      "move it into the pipeline of a window stage",
    ],
    [
      "a filter in a payload",
      "ASP2006",
      [source, { $https: { ...https.$https, payload: [{ $match: {} }] } }, merge],
      "move it before the stage whose payload this is",
    ],
    [
      "a sink in a cluster's pipeline",
      "ASP2006",
      [
        source,
        { $lookup: { from: { connectionName: "domain", db: "shop", coll: "c" }, pipeline: [kafka({})], as: "c" } },
        merge,
      ],
      undefined,
    ],
  ])("%s is %s", (_, code, pipeline, help) => {
    const findings = wrong(pipeline);
    expect(findings.map((finding) => finding.code)).toEqual([code]);
    if (help !== undefined) expect(findings[0]?.help).toBe(help);
  });
});

describe("a duration", () => {
  test.each<[unknown, string]>([
    [{ size: 1, unit: "minutes" }, "`unit` of `interval` of `$tumblingWindow` cannot be `minutes`"],
    [
      { size: 0, unit: "minute" },
      "`size` of `interval` of `$tumblingWindow` must be a whole number, 1 or more, not `0`",
    ],
    [
      { size: 1.5, unit: "ms" },
      "`size` of `interval` of `$tumblingWindow` must be a whole number, 1 or more, not `1.5`",
    ],
    [{ size: 1 }, "`interval` of `$tumblingWindow` needs `unit`"],
    [{ size: 1, unit: "day", more: 1 }, "`interval` of `$tumblingWindow` has no field `more`"],
    [
      0,
      "`interval` of `$tumblingWindow` must be { size, unit } with a whole size of 1 or more and a unit out of ms, second, minute, hour, day, not `0`",
    ],
  ])("%j is told what is wrong with it", (interval, message) => {
    expect(wrong([source, tumbling({ interval }), merge]).map((finding) => finding.message)).toEqual([message]);
  });

  test.each([
    ["min", "minute"],
    ["Sec", "second"],
    ["hours", "hour"],
  ])("of the unit %s is asked whether it means %s", (unit, meant) => {
    const [finding] = wrong([source, tumbling({ interval: { size: 1, unit } }), merge]);
    expect(finding?.help).toBe(`did you mean \`${meant}\`?`);
  });

  test.each<[object, readonly string[]]>([
    [
      { size: "x", unit: "minuet" },
      [
        "`size` of `interval` of `$tumblingWindow` must be a whole number, 1 or more, not the text `x`",
        "`unit` of `interval` of `$tumblingWindow` cannot be `minuet`",
      ],
    ],
    [
      { size: 0, unit: 5 },
      [
        "`size` of `interval` of `$tumblingWindow` must be a whole number, 1 or more, not `0`",
        "`unit` of `interval` of `$tumblingWindow` must be one of ms, second, minute, hour, day, not `5`",
      ],
    ],
    [
      { sise: 1, unit: "minuet", more: 1 },
      [
        "`interval` of `$tumblingWindow` has no field `sise`",
        "`interval` of `$tumblingWindow` has no field `more`",
        "`unit` of `interval` of `$tumblingWindow` cannot be `minuet`",
      ],
    ],
    [{}, ["`interval` of `$tumblingWindow` needs `size`", "`interval` of `$tumblingWindow` needs `unit`"]],
  ])("%j has all its mistakes found at once", (interval, messages) => {
    expect(wrong([source, tumbling({ interval }), merge]).map(({ message }) => message)).toEqual(messages);
  });

  test("that is an offset has no days", () => {
    const findings = wrong([source, tumbling({ offset: { offsetFromUtc: 1, unit: "day" } }), merge]);
    expect(findings.map(({ message }) => message)).toEqual(["`unit` of `offset` of `$tumblingWindow` cannot be `day`"]);
  });

  test("has a longest one where the service says so", () => {
    const findings = wrong([source, s3({ config: { writeOptions: { interval: { size: 8, unit: "day" } } } })]);
    expect(findings.map(({ message }) => message)).toEqual([
      "`config.writeOptions.interval` of `$emit` to S3 must be at most 7 days long, not 8 days",
    ]);
  });

  test.each([
    [169, "hour", "7 days (168 hours) long, not 169 hours"],
    [10_081, "minute", "7 days (10080 minutes) long, not 10081 minutes"],
    [604_800_001, "ms", "7 days (604800000 ms) long, not 604800001 ms"],
  ])("%d %s is told the longest one in its own unit", (size, unit, said) => {
    const [finding] = wrong([source, s3({ config: { writeOptions: { interval: { size, unit } } } })]);
    expect(finding?.message).toContain(`must be at most ${said}`);
  });
});

describe("a form that its connection tells", () => {
  const said = (pipeline: readonly object[]) => wrong(pipeline).map(({ code, message }) => `${code} ${message}`);
  const from = (args: object) => said([{ $source: args }, merge]);
  const to = (args: object) => said([source, { $emit: args }]);

  test.each([
    [{ connectionName: "bus" }, ["ASP1005 `$source` on Kafka needs `topic`"]],
    [{ connectionName: "bus", config: { auto_offset_reset: "latest" } }, ["ASP1005 `$source` on Kafka needs `topic`"]],
    [{ connectionName: "bus", topics: "a" }, ["ASP1006 `$source` on Kafka has no field `topics`"]],
    [
      { connectionName: "stream" },
      ["ASP1005 `$source` on Kinesis needs `stream`", "ASP1005 `$source` on Kinesis needs `config`"],
    ],
    [
      { connectionName: "events", topic: "a" },
      ["ASP4031 `$source` on Kafka needs a connection of type Kafka, and `events` is of type Cluster"],
    ],
    [
      { connectionName: "bus", db: "shop", coll: "events" },
      ["ASP4031 `$source` on a change stream needs a connection of type Cluster, and `bus` is of type Kafka"],
    ],
    [
      { connectionName: "bus", topic: "a", db: "shop" },
      ["ASP1009 `$source` on Kafka cannot have both `topic` and `db`"],
    ],
    [
      { connectionName: "events", topic: "a", db: "shop" },
      ["ASP1009 `$source` on a change stream cannot have both `db` and `topic`"],
    ],
    [
      { connectionName: "stream", topic: "a", stream: "s", config: { consumerARN: "arn" } },
      ["ASP1009 `$source` on Kinesis cannot have both `stream` and `topic`"],
    ],
    [
      { connectionName: "bus", documents: [] },
      ["ASP1009 `$source` with inline documents cannot have both `documents` and `connectionName`"],
    ],
    [
      { connectionName: "events", schedule: "0 * * * * *" },
      ["ASP1009 `$source` on a schedule cannot have both `schedule` and `connectionName`"],
    ],
    [{ connectionName: "sample_stream_solar" }, []],
  ])("$source %j: %j", (args, expected) => expect(from(args)).toEqual(expected));

  test.each([
    [{ connectionName: "bus" }, ["ASP1005 `$emit` to Kafka needs `topic`"]],
    [{ connectionName: "bucket", path: "p" }, ["ASP1005 `$emit` to S3 needs `bucket`"]],
    [{ connectionName: "blobs", path: "p" }, ["ASP1005 `$emit` to Azure Blob Storage needs `container`"]],
    [{ connectionName: "domain", db: "shop" }, ["ASP1005 `$emit` to a time series collection needs `coll`"]],
    [{ connectionName: "pubsub", topic: "a", region: "r" }, ["ASP1005 `$emit` to Pub/Sub needs `projectId`"]],
    [
      { connectionName: "bus", topic: "a", db: "shop", coll: "c" },
      [
        "ASP1009 `$emit` to Kafka cannot have both `topic` and `db`",
        "ASP1009 `$emit` to Kafka cannot have both `topic` and `coll`",
      ],
    ],
    [
      { connectionName: "domain", topic: "a", db: "shop", coll: "c" },
      ["ASP1009 `$emit` to a time series collection cannot have both `db` and `topic`"],
    ],
    [
      { connectionName: "bucket", topic: "a", bucket: "b", path: "p" },
      ["ASP1009 `$emit` to S3 cannot have both `bucket` and `topic`"],
    ],
    [
      { connectionName: "bus", bucket: "b", path: "p" },
      ["ASP4031 `$emit` to S3 needs a connection of type S3, and `bus` is of type Kafka"],
    ],
  ])("$emit %j: %j", (args, expected) => expect(to(args)).toEqual(expected));

  test("has that form's metadata, so that nothing more is said", () => {
    const reads = { $set: { topic: { $meta: "stream.source.topic" } } };
    expect(said([{ $source: { connectionName: "bus" } }, reads, merge])).toEqual([
      "ASP1005 `$source` on Kafka needs `topic`",
    ]);
  });
});

test.each<[object, string | undefined]>([
  [{ key: { field: "$_id", format: "string" } }, '`config: { key: "$_id", keyFormat: "string" }`'],
  [{ key: { field: "orderId", format: "long" } }, '`config: { key: "$orderId", keyFormat: "long" }`'],
  [{ key: { field: "$_id" } }, '`config: { key: "$_id", keyFormat: … }`'],
  [{ key: { a: "$_id", b: 1 } }, "`config: { key: …, keyFormat: … }`"],
  [{ key: "$_id" }, "`config: { key: …, keyFormat: … }`"],
  [{ key: "$_id", config: { keyFormat: "string" } }, "`config: { key: … }`"],
  [{ outputFormat: "basicJson" }, "`config: { outputFormat: … }`"],
])("%j of `$emit` gets its whole right form as help", (more, form) => {
  const [finding] = wrong([source, kafka(more)]);
  expect([finding?.code, finding?.help]).toEqual(["ASP1010", `write ${form}`]);
});

describe("a session's partition", () => {
  const session = (partitionBy: unknown) =>
    wrong([source, { $sessionWindow: { partitionBy, gap: minute, pipeline: group } }, merge]);

  test("is one value, not several", () => {
    expect(session({ user: "$user", shop: "$shop" })).toEqual([
      {
        code: "ASP1007",
        severity: "error",
        message: "`partitionBy` of `$sessionWindow` must be a field path or one expression, not a document with 2 keys",
        processor: "orders",
        path: [1, "partitionBy"],
        help: "make one value of the fields, as `$concat` does of texts",
      },
    ]);
  });

  test.each([["$user"], [{ $concat: ["$user", "/", "$shop"] }], [{ user: "$user" }], ["all"], [null]])(
    "can be %j",
    (partitionBy) => expect(session(partitionBy)).toEqual([]),
  );

  test("that has an operator beside something else is that one mistake", () => {
    expect(session({ $concat: ["$a"], more: 1 }).map(({ code }) => code)).toEqual(["ASP1052"]);
  });
});

describe("a schedule", () => {
  const said = (schedule: string): readonly (string | undefined)[] =>
    wrong([{ $source: { schedule } }, merge]).flatMap(({ code, message, help }) => {
      expect(code).toBe("ASP1007");
      return [message, help].map((text) => text?.replace(" of `$source` on a schedule", ""));
    });

  test.each([
    ["60 0 0 * * *", "second", '0 to 59, "*", a range, a step or a list of them', "60"],
    ["0 5,60 0 * * *", "minute", '0 to 59, "*", a range, a step or a list of them', "60"],
    ["0 0 24 * * *", "hour", '0 to 23, "*", a range, a step or a list of them', "24"],
    ["0 0 0 32 * *", "day of month", '1 to 31, "*", a range, a step or a list of them', "32"],
    ["0 0 0 * FOO *", "month", '1 to 12, JAN to DEC, "*", a range, a step or a list of them', "FOO"],
    ["0 0 0 * * 1-8", "day of week", '0 to 7, SUN to SAT, "*", a range, a step or a list of them', "1-8"],
  ])("%j says which field is wrong, and what it may be", (schedule, name, range, item) => {
    expect(said(schedule)).toEqual([`the ${name} in \`schedule\` must be ${range}, not \`${item}\``, undefined]);
  });

  test.each([
    ["0 */0 * * * *", "*/0", "write a step of 1 or more"],
    ["0 5/x * * * *", "5/x", "write a step of 1 or more"],
    ["0 50-10 * * * *", "50-10", "write `50-59,0-10`: a range goes upwards"],
    ["0 50-10/2 * * * *", "50-10/2", "write a range that goes upwards"],
  ])("%j gets the right form as help", (schedule, item, help) => {
    expect(said(schedule)).toEqual([expect.stringContaining(`, not \`${item}\``), help]);
  });

  test("of days that run over the end of the week is two ranges", () => {
    expect(said("0 0 0 * * FRI-MON")[1]).toBe("write `FRI-SAT,SUN-MON`: a range goes upwards");
  });

  test("names every field that is wrong", () => {
    expect(said("0 60 24 * * *").filter((_, index) => index % 2 === 0)).toEqual([
      expect.stringContaining("the minute in"),
      expect.stringContaining("the hour in"),
    ]);
  });

  test.each([
    ["*/5 * * * *", "five fields", "put the second first: `0 */5 * * * *`"],
    ["0 0 * * * * *", "seven fields", "leave out the year: there are six fields, second to day of week"],
    ["0 0 0", "three fields", undefined],
    ["0 0 0 1 1 * * * * * *", "11 fields", undefined],
    ["@daily", "one field", undefined],
    ["", "an empty text", undefined],
    ["CRON_TZ=UTC 0 0 0 * * *", "the text `CRON_TZ=UTC 0 0 0 * * *`", "leave out the time zone: a schedule is in UTC"],
    [
      "TZ=Europe/Berlin 0 0 0 * *",
      "the text `TZ=Europe/Berlin 0 0 0 * *`",
      "leave out the time zone: a schedule is in UTC",
    ],
  ])("%j has other than six fields", (schedule, found, help) => {
    expect(said(schedule)).toEqual([
      `\`schedule\` must be six fields in a text, second to day of week in UTC, such as "0 0/15 * * * *", not ${found}`,
      help,
    ]);
  });

  test("that is no text is one mistake, whatever it is", () => {
    for (const schedule of [5, [], [[{ toString: 0 }]]]) {
      expect(wrong([{ $source: { schedule } }, merge]).map(({ code }) => code)).toEqual(["ASP1007"]);
    }
  });
});

test.each([
  ["2026-01-01T00:00:00Z", 'write `new Date("2026-01-01T00:00:00Z")`'],
  [1767225600000, "write `new Date(1767225600000)`"],
  ["soon", undefined],
])("a point in time that is %j gets the right form as help", (startAtOperationTime, help) => {
  const findings = wrong([{ $source: { ...source.$source, config: { startAtOperationTime } } }, merge]);
  expect(findings.map((finding) => [finding.code, finding.help])).toEqual([["ASP1007", help]]);
});

test("a stage that stands wrongly is not said to be run later", () => {
  expect(compile([source, ...group, merge]).findings.map(({ code }) => code)).toEqual(["ASP2006"]);
});

test("what the engine does not run is one remark, and an error where it must", () => {
  const from = { connectionName: "domain", db: "shop", coll: "c" };
  const search = { from, index: "i", path: "p", queryVector: "$v", limit: 1, numCandidates: 20, as: "s" };
  const kinesis = { $source: { connectionName: "stream", stream: "s", config: { consumerARN: "arn" } } };
  const pipeline = [kinesis, { $vectorSearch: search }, merge];
  const { definition, findings } = compile(pipeline);
  expect(definition).toBeDefined();
  expect(findings).toMatchObject([
    {
      severity: "info",
      message: "this version of asp does not run `$source` on Kinesis and `$vectorSearch` yet",
      notes: [
        "Atlas Stream Processing has it, and it is checked like every other stage",
        "`$source` on Kinesis: its shards, sequence numbers and consumers are those of AWS, and nothing on this machine has them; the stages after it run on any other source",
      ],
    },
  ]);
});

test.each([
  ["solar", "Sample", ["info this version of asp does not run `$source` on sample data called `solar` yet"]],
  [
    "sample_stream_solar",
    "Cluster",
    [
      "info this version of asp does not run `$source` on a connection of another type called `sample_stream_solar` yet",
    ],
  ],
  ["sample_stream_solar", "Sample", []],
] as const)(
  "sample data that the documentation does not have is not run: %s as %s",
  (connectionName, type, expected) => {
    const environment: Environment = {
      ...local,
      connections: { ...local.connections, [connectionName]: { type } },
    };
    const { findings } = compile([{ $source: { connectionName } }, merge], {}, environment);
    expect(findings.map(({ severity, message }) => `${severity} ${message}`)).toEqual(expected);
  },
);

test("sample data has no field of what is stored", () => {
  const args = { connectionName: "sample_stream_solar", timeField: { $toDate: "$timestamp" }, tsFieldName: "at" };
  expect(compile([{ $source: args }, merge]).findings).toEqual([]);
  const { findings } = compile([{ $source: { ...args, db: "shop", coll: "c", config: {} } }, merge]);
  expect(findings.map(({ code, path }) => `${code} ${path?.join(".")}`)).toEqual([
    "ASP5235 0.db",
    "ASP5235 0.coll",
    "ASP5235 0.config",
  ]);
});

describe("an element that is wrong is named", () => {
  test.each([
    [
      [{ $source: { documents: [{ a: 1 }, 5, "x"] } }, merge],
      [
        "`documents[1]` of `$source` with inline documents must be a document, not `5`",
        "`documents[2]` of `$source` with inline documents must be a document, not the text `x`",
      ],
    ],
    [
      [{ $source: { connectionName: "bus", topic: ["a", "$b"] } }, merge],
      ["`topic[1]` of `$source` on Kafka must be a literal name, without a dollar, not the text `$b`"],
    ],
    [
      [{ $source: { connectionName: "bus", topic: ["a", ""] } }, merge],
      ["`topic[1]` of `$source` on Kafka must be a literal name, without a dollar, not an empty text"],
    ],
    [
      [{ $source: { connectionName: "events", db: "shop", coll: ["a", 7] } }, merge],
      ["`coll[1]` of `$source` on a change stream must be the name of a collection, not `7`"],
    ],
    [
      [source, { $unset: ["a", "$b"] }, merge],
      ["element 1 of `$unset` must be the path of a field, without a dollar, not the text `$b`"],
    ],
    [
      [source, { $merge: { ...merge.$merge, on: ["a", 5] } }],
      ["`on[1]` of `$merge` must be the path of a field, without a dollar, not `5`"],
    ],
  ])("in %j", (pipeline, expected) => expect(wrong(pipeline).map(({ message }) => message)).toEqual(expected));

  test("and an empty list is one as a whole", () => {
    expect(wrong([{ $source: { connectionName: "bus", topic: [] } }, merge]).map(({ message }) => message)).toEqual([
      "`topic` of `$source` on Kafka must be a literal name, without a dollar, or an array of names, not an empty array",
    ]);
  });

  test("also where BSON cannot hold it", () => {
    expect(wrong([{ $source: { documents: [{}, { a: [1, undefined] }] } }, merge])[0]?.message).toBe(
      "`documents[1].a[1]` of `$source` is undefined",
    );
  });
});
