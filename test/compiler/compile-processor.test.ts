import { Decimal128, Double, Int32, Long, ObjectId, Timestamp } from "bson";
import { describe, expect, test } from "vitest";
import type { Environment } from "../../src/config/environment.ts";
import { codes, compile, compileValue, local, merge, source } from "./support.ts";

describe("a processor without a mistake", () => {
  test("compiles to its name, pipeline and options, in this order and with keys as written", () => {
    const options = { dlq: { coll: "letters", db: "ops", connectionName: "domain" } };
    const compiled = compileValue({ pipeline: [source, { $match: { b: 1, a: 2 } }, merge], options, name: "orders" });
    expect(compiled.findings).toEqual([]);
    expect(JSON.stringify(compiled.definition)).toBe(
      JSON.stringify({ name: "orders", pipeline: [source, { $match: { b: 1, a: 2 } }, merge], options }),
    );
  });

  test("keeps BSON types", () => {
    const values = {
      int: new Int32(1),
      long: Long.fromNumber(2),
      double: new Double(1),
      decimal: Decimal128.fromString("1.10"),
      id: new ObjectId(),
      time: new Timestamp({ t: 1, i: 2 }),
      date: new Date(0),
    };
    const { definition } = compile([source, { $match: values }, merge]);
    expect(definition?.pipeline[1]).toEqual({ $match: values });
  });

  test("reads the wrappers of Extended JSON that a pasted definition holds", () => {
    const wrapped = {
      $oid: "0123456789abcdef01234567",
    };
    const { definition, findings } = compile([
      { $source: { ...source.$source, config: { startAtOperationTime: { $timestamp: { t: 7, i: 1 } } } } },
      {
        $match: {
          id: wrapped,
          at: { $gte: { $date: "2026-01-01T00:00:00Z" } },
          n: { $numberLong: "5" },
          r: { $regex: "a" },
        },
      },
      merge,
    ]);
    expect(findings).toEqual([]);
    expect(definition?.pipeline[0]?.$source.config.startAtOperationTime).toEqual(new Timestamp({ t: 7, i: 1 }));
    expect(definition?.pipeline[1]?.$match).toEqual({
      id: new ObjectId("0123456789abcdef01234567"),
      at: { $gte: new Date("2026-01-01T00:00:00Z") },
      n: Long.fromNumber(5),
      r: { $regex: "a" },
    });
  });

  test("says how a wrapper of Extended JSON is wrong", () => {
    expect(codes(compile([source, { $match: { a: { $oid: "zzz" } } }, merge]))).toEqual(["ASP1026"]);
    expect(codes(compile([source, { $match: { a: { $date: "yesterday" } } }, merge]))).toEqual(["ASP1026"]);
  });

  test("may use every form of a stage that runs", () => {
    const stages = [
      { $match: { $expr: { $eq: ["$a", "$$ROOT.b"] } } },
      { $project: { a: 1, b: { $add: ["$a", 1] }, "c.d": true } },
      { $addFields: { "a.b": "$$REMOVE" } },
      { $set: { a: { $literal: "$$NOW" } } },
      { $unset: ["a", "b"] },
      { $unset: "a" },
      { $replaceRoot: { newRoot: "$fullDocument" } },
      { $replaceWith: { $mergeObjects: ["$a", "$$ROOT"] } },
      { $redact: "$$DESCEND" },
      { $unwind: "$a" },
      { $unwind: { path: "$a", includeArrayIndex: "i", preserveNullAndEmptyArrays: true } },
      { $validate: { validator: { $jsonSchema: { required: ["a"] } }, validationAction: "dlq" } },
    ];
    expect(
      compile([source, ...stages, merge], { options: { dlq: { connectionName: "domain", db: "ops", coll: "dead" } } })
        .findings,
    ).toEqual([]);
  });

  test.each([
    [{ connectionName: "events" }],
    [{ connectionName: "events", db: "shop" }],
    [
      {
        connectionName: "events",
        db: "shop",
        coll: ["a", "b"],
        initialSync: { enable: true, parallelism: new Int32(2) },
      },
    ],
    [
      {
        connectionName: "events",
        db: "shop",
        coll: "a",
        timeField: { $toDate: "$fullDocument.at" },
        readPreference: "secondary",
        readPreferenceTags: [{ dc: "a" }],
        config: {
          startAfter: { _data: "82" },
          fullDocument: "updateLookup",
          fullDocumentOnly: true,
          fullDocumentBeforeChange: "whenAvailable",
          pipeline: [{ $match: { operationType: "insert", at: "$$NOW" } }, { $unset: "updateDescription" }],
          maxAwaitTimeMS: 100,
        },
      },
    ],
    [{ documents: [{ a: "2026-01-31", b: "$$NOW" }], timeField: { $dateFromString: { dateString: "$a" } } }],
    [{ documents: { $map: { input: { $range: [0, 3] }, in: { a: "$$this" } } } }],
  ])("may have the source %j", ($source) => {
    expect(compile([{ $source }, merge]).findings).toEqual([]);
  });

  test.each([
    [
      {
        on: ["a", "b"],
        let: { x: "$a" },
        whenMatched: [{ $set: { a: "$$new.a", now: "$$NOW" } }],
        whenNotMatched: "discard",
      },
    ],
    [{ whenMatched: "delete", parallelism: 4 }],
    [{ whenMatched: "$mode", whenNotMatched: { $cond: [{ $eq: ["$a", 1] }, "insert", "discard"] } }],
    [{ into: { connectionName: "domain", db: "$db", coll: { $concat: ["a_", "$b"] } } }],
  ])("may have the sink %j", (more) => {
    expect(compile([source, { $merge: { ...merge.$merge, ...more } }]).findings).toEqual([]);
  });
});

describe("an environment", () => {
  test("fills in the dead letter queue where a processor has none", () => {
    const dlq = { connectionName: "domain", db: "ops", coll: "dead" };
    const environment = { ...local, dlq };
    expect(compile([source, merge], {}, environment).definition?.options).toEqual({ dlq });
    const own = { connectionName: "domain", db: "mine", coll: "dead" };
    expect(compile([source, merge], { options: { tier: "SP10", dlq: own } }, environment).definition?.options).toEqual({
      tier: "SP10",
      dlq: own,
    });
  });

  test("renames databases in the source, the sink and the dead letter queue, and no computed ones", () => {
    const environment = {
      ...local,
      databases: { shop: "shop_prod" },
      dlq: { connectionName: "domain", db: "shop", coll: "d" },
    };
    const { definition } = compile([source, merge], {}, environment);
    expect(definition?.pipeline[0]?.$source.db).toBe("shop_prod");
    expect(definition?.pipeline[1]?.$merge.into.db).toBe("shop_prod");
    expect(definition?.options?.dlq?.db).toBe("shop_prod");
    const computed = { $merge: { into: { ...merge.$merge.into, db: "$shop" } } };
    expect(compile([source, computed], {}, environment).definition?.pipeline[1]).toEqual(computed);
    expect(compile([{ $source: { ...source.$source, db: "constructor" } }, merge], {}, environment).findings).toEqual(
      [],
    );
  });

  test("renames collections in every stage, those inside of windows too", () => {
    const environment = { ...local, databases: { shop: "shop_prod" }, collectionNames: { "shop.events": "events_v2" } };
    const from = { connectionName: "domain", db: "shop", coll: "events" };
    const lookup = { $lookup: { from, localField: "a", foreignField: "a", as: "a" } };
    const pipeline = [
      { $source: { ...source.$source, coll: ["events", "others"] } },
      { $tumblingWindow: { interval: { size: 1, unit: "minute" }, pipeline: [lookup] } },
      { $merge: { into: { ...from, db: "$db" } } },
    ];
    const { definition } = compile(pipeline, {}, environment);
    expect(definition?.pipeline[0]?.$source).toMatchObject({ db: "shop_prod", coll: ["events_v2", "others"] });
    expect(definition?.pipeline[1]?.$tumblingWindow.pipeline[0].$lookup.from).toEqual({
      ...from,
      db: "shop_prod",
      coll: "events_v2",
    });
    expect(definition?.pipeline[2]?.$merge.into).toEqual({ ...from, db: "$db" });
  });

  test("maps connections to the remote's names, and not for the emulator", () => {
    const connections: Environment["connections"] = {
      ...local.connections,
      events: { type: "Cluster", name: "commerce-events" },
    };
    const names = (target: Environment["target"]) =>
      compile([source, merge], {}, { ...local, target, connections }).definition?.pipeline[0]?.$source.connectionName;
    expect(names("admin-api")).toBe("commerce-events");
    expect(names("emulator")).toBe("events");
  });
});
