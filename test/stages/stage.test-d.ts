import { Int32, Timestamp } from "bson";
import { describe, expectTypeOf, test } from "vitest";
import type { Document } from "bson";
import type { Stage } from "../../src/stages/index.ts";

const into = { connectionName: "domain", db: "shop", coll: "orders" };
/** What `defineProcessor` does with a pipeline. */
const check = (pipeline: readonly Stage[]): readonly Stage[] => pipeline;

describe("a stage's type", () => {
  test("accepts pipelines as mongosh takes them, with BSON and Extended JSON", () => {
    check([
      {
        $source: {
          connectionName: "events",
          db: "shop",
          coll: ["a", "b"],
          timeField: { $toDate: "$fullDocument.at" },
          initialSync: { enable: true, parallelism: new Int32(2) },
          config: {
            fullDocument: "whenAvailable",
            startAtOperationTime: new Timestamp({ t: 1, i: 1 }),
            pipeline: [{ $match: { operationType: "insert" } }],
            maxAwaitTimeMS: { $numberInt: "100" },
          },
        },
      },
      { $match: { type: { $in: ["A", /b/] }, "data.at": { $gte: new Date(0) } } },
      { $project: { _id: 0, a: "$b", c: { $add: ["$d", 1] } } },
      { $set: { "a.b": 1, c: [1, { d: "$$ROOT" }] } },
      { $unset: "a" },
      { $unwind: "$a" },
      { $unwind: { path: "$a", preserveNullAndEmptyArrays: true } },
      { $replaceRoot: { newRoot: "$fullDocument" } },
      { $replaceWith: { $mergeObjects: ["$a", "$b"] } },
      { $redact: { $cond: ["$a", "$$KEEP", "$$PRUNE"] } },
      { $validate: { validator: { $jsonSchema: {} }, validationAction: "dlq" } },
      {
        $merge: {
          into: { ...into, coll: { $concat: ["a", "$b"] } },
          on: ["a", "b"],
          whenMatched: [{ $set: { a: "$$new.a" } }],
        },
      },
    ]);
    check([
      { $source: { documents: [{ a: 1 }] } },
      { $merge: { into, whenMatched: "$mode", whenNotMatched: "discard" } },
    ]);
    check([{ $source: { connectionName: "bus", topic: "orders", config: { auto_offset_reset: "earliest" } } }]);
    check([{ $tumblingWindow: { interval: { size: 1, unit: "minute" }, pipeline: [{ $group: { _id: null } }] } }]);
  });

  test("accepts an array that is a constant", () => {
    const on = ["a", "b"] as const;
    check([{ $merge: { into, on } }] as const);
  });

  test("refuses a misspelt stage", () => {
    // @ts-expect-error did you mean $match
    check([{ $mathc: {} }]);
  });

  test("refuses a misspelt field, at any depth", () => {
    // @ts-expect-error did you mean into
    check([{ $merge: { intto: into } }]);
    // @ts-expect-error did you mean fullDocument
    check([{ $source: { connectionName: "events", config: { fullDocumnt: "default" } } }]);
    // @ts-expect-error belongs under config
    check([{ $source: { connectionName: "events", fullDocument: "default" } }]);
  });

  test("refuses a word that is none of the possible ones, `fail` among them", () => {
    // @ts-expect-error not a mode
    check([{ $merge: { into, whenMatched: "fail" } }]);
    // @ts-expect-error not a mode
    check([{ $merge: { into, whenNotMatched: "ignore" } }]);
    // @ts-expect-error not an action
    check([{ $validate: { validator: {}, validationAction: "error" } }]);
    // @ts-expect-error not a mode of change streams
    check([{ $source: { connectionName: "events", config: { fullDocument: "always" } } }]);
  });

  test("refuses a missing field and a value of another type", () => {
    // @ts-expect-error needs into
    check([{ $merge: { on: "_id" } }]);
    // @ts-expect-error needs a text
    check([{ $source: { connectionName: 5 } }]);
    // @ts-expect-error undefined is no value
    check([{ $set: { a: undefined } }]);
  });

  test("accepts every form of a source and a sink", () => {
    check([{ $source: { connectionName: "stream", stream: "orders", config: { consumerARN: "arn:aws:x" } } }]);
    check([{ $source: { schedule: "0 0/15 * * * *" } }]);
    check([
      { $emit: { connectionName: "bus", topic: "$topic", config: { key: "$_id", keyFormat: "json", acks: "1" } } },
    ]);
    check([{ $emit: { connectionName: "domain", db: "shop", coll: "prices", timeseries: { timeField: "_ts" } } }]);
    check([
      {
        $emit: {
          connectionName: "bucket",
          bucket: "acme",
          path: { $toString: "$_id" },
          config: { compression: "gzip" },
        },
      },
    ]);
    check([{ $emit: { connectionName: "blobs", container: "orders", path: "2026" } }]);
    check([{ $emit: { connectionName: "pubsub", projectId: "acme", topic: "orders", region: "europe-west1" } }]);
    check([
      {
        $emit: {
          connectionName: "bus",
          topic: "orders",
          schemaRegistry: { connectionName: "registry", valueSchema: { type: "avro", schema: { type: "record" } } },
        },
      },
    ]);
  });

  test("refuses a window in a window, and a sink in one", () => {
    const interval = { size: 1, unit: "minute" } as const;
    // @ts-expect-error a window has no windows
    check([{ $tumblingWindow: { interval, pipeline: [{ $tumblingWindow: { interval, pipeline: [] } }] } }]);
    // @ts-expect-error a window writes nothing
    check([{ $tumblingWindow: { interval, pipeline: [{ $merge: { into } }] } }]);
    // @ts-expect-error no such unit
    check([{ $tumblingWindow: { interval: { size: 1, unit: "week" }, pipeline: [] } }]);
    // @ts-expect-error a session has a gap
    check([{ $sessionWindow: { partitionBy: "$a", interval, pipeline: [] } }]);
    // @ts-expect-error a payload filters nothing
    check([{ $https: { connectionName: "web", as: "a", payload: [{ $match: {} }] } }]);
  });

  test("refuses forms that circulate and are wrong", () => {
    // @ts-expect-error stands in `from`
    check([{ $lookup: { connectionName: "domain", from: { db: "a", coll: "b" }, as: "c", pipeline: [] } }]);
    // @ts-expect-error no such word
    check([{ $https: { connectionName: "web", as: "a", onError: "discard" } }]);
    // @ts-expect-error a text
    check([{ $emit: { connectionName: "bus", topic: "orders", config: { acks: 1 } } }]);
  });

  test("is a document", () => {
    expectTypeOf<Stage>().toExtend<Document>();
  });
});
