import { describe, expect, test } from "vitest";
import type { CollectionSpec } from "../../src/config/config.ts";
import type { Environment } from "../../src/config/environment.ts";
import type { Finding } from "../../src/diagnostics/finding.ts";
import { compile, local, merge, source } from "./support.ts";

function found(pipeline: readonly object[], environment: Environment = local, options?: object): readonly Finding[] {
  const { definition, findings } = compile(pipeline, options === undefined ? {} : { options }, environment);
  // Reminders stop nothing.
  expect(definition).toBeDefined();
  return findings.filter(({ code }) => code !== "ASP5001");
}
const codesOf = (...args: Parameters<typeof found>): readonly string[] => found(...args).map(({ code }) => code);

describe("images that a change stream requires", () => {
  const images = (coll: string, more: Partial<CollectionSpec> = {}): CollectionSpec => ({
    connectionName: "events",
    db: "shop",
    coll,
    changeStreamPreAndPostImages: { enabled: true },
    ...more,
  });
  const reads = (more: object, config: object) => ({ $source: { connectionName: "events", ...more, config } });
  const required = { fullDocumentBeforeChange: "required" };
  const having = (...collections: readonly CollectionSpec[]): Environment => ({ ...local, collections });

  test("are named with the command that keeps them, in the names of the environment", () => {
    const names = { databases: { shop: "shop_prod" }, collectionNames: { "shop.orders": "orders_v2" } };
    const environment = { ...having(images("stock")), ...names };
    const [finding, ...others] = found(
      [reads({ db: "shop", coll: ["stock", "orders"] }, required), merge],
      environment,
    );
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      code: "ASP4046",
      severity: "warning",
      path: [0, "config", "fullDocumentBeforeChange"],
      message: "`fullDocumentBeforeChange` is `required`, and atlas.config.yaml keeps no images of `shop.orders`",
      notes: [
        "the processor fails at the first change of which there is no image",
        'to keep them from now on: db.getSiblingDB("shop_prod").runCommand({ collMod: "orders_v2", changeStreamPreAndPostImages: { enabled: true } })',
      ],
    });
  });

  test.each([
    [{ db: "shop", coll: "orders" }, required, [images("orders")], []],
    [{ db: "shop", coll: "orders" }, { fullDocument: "required" }, [], ["ASP4046"]],
    [{ db: "shop", coll: "orders" }, { fullDocument: "whenAvailable" }, [], []],
    [{ db: "shop", coll: "orders" }, required, [images("orders", { db: "other" })], ["ASP4046"]],
    [{ db: "shop", coll: "orders" }, required, [images("orders", { connectionName: "domain" })], ["ASP4046"]],
    [
      { db: "shop", coll: "orders" },
      required,
      [images("orders", { changeStreamPreAndPostImages: { enabled: false } })],
      ["ASP4046"],
    ],
    [{ db: "shop" }, required, [images("orders")], []],
    [{ db: "shop" }, required, [images("orders", { db: "other" })], ["ASP4046"]],
    [{}, required, [images("orders")], []],
    [{}, required, [], ["ASP4046"]],
  ])("%j with %j", (scope, config, collections, expected) => {
    expect(codesOf([reads(scope, config), merge], having(...collections))).toEqual(expected);
  });
});

describe("a sink of `$merge` that is a time series collection", () => {
  const prices = { connectionName: "domain", db: "shop", coll: "prices" };
  const series: CollectionSpec = { ...prices, timeseries: { timeField: "at" } };
  const into = (more: object) => ({ $merge: { into: { ...prices, ...more } } });
  const having = (spec: CollectionSpec, more: Partial<Environment> = {}): Environment => ({
    ...local,
    collections: [spec],
    ...more,
  });
  const uri = "mongodb://localhost:27017";

  test("is named as the author does", () => {
    const names = { databases: { shop: "shop_prod" } };
    expect(compile([source, into({})], {}, having(series, names)).findings).toEqual([
      {
        code: "ASP4080",
        severity: "error",
        message: "`$merge` cannot write `shop.prices`, which is a time series collection",
        processor: "orders",
        path: [1, "into", "coll"],
        notes: ["atlas.config.yaml lists it with the time field `at`"],
        help: "write it with `$emit`, or merge into another collection",
      },
    ]);
  });

  test.each<[string, object, Environment, number]>([
    ["a collection of the same name elsewhere", { db: "other" }, having(series), 0],
    ["one on another cluster", { connectionName: "events" }, having(series), 0],
    [
      "one on the same cluster, by another connection",
      { connectionName: "events" },
      having(series, { connections: { events: { type: "Cluster", uri }, domain: { type: "Cluster", uri } } }),
      1,
    ],
    [
      "one that is called the same in the environment",
      { coll: "history" },
      having(series, { collectionNames: { "shop.history": "prices" } }),
      1,
    ],
    ["a name that an expression gives", { coll: { $concat: ["prices"] } }, having(series), 0],
    ["an ordinary collection", {}, having(prices), 0],
  ])("%s", (_, more, environment, count) => {
    const { findings } = compile([source, into(more)], {}, environment);
    expect(findings.map(({ code }) => code)).toEqual(Array.from({ length: count }, () => "ASP4080"));
  });

  test("is what `$emit` is for", () => {
    const emit = { $emit: { ...prices, timeseries: { timeField: "at" } } };
    expect(codesOf([source, emit], having(series))).toEqual([]);
  });
});

describe("a field that says `dlq`", () => {
  const dlq = { connectionName: "domain", db: "ops", coll: "letters" };
  const validate = { $validate: { validator: { a: 1 }, validationAction: "dlq" } };
  const https = (more: object) => ({ $https: { connectionName: "web", as: "a", ...more } });
  const kafka = { $source: { connectionName: "bus", topic: "t", config: { keyFormatError: "dlq" } } };
  const window = {
    $tumblingWindow: { interval: { size: 1, unit: "minute" }, pipeline: [validate] },
  };

  test.each([
    [[source, validate, merge]],
    [[source, https({ onError: "dlq" }), merge]],
    [[kafka, merge]],
    [[source, window, merge]],
  ])("needs a queue: %j", (pipeline) => {
    expect(codesOf(pipeline)).toEqual(["ASP4047"]);
    expect(codesOf(pipeline, { ...local, dlq })).toEqual([]);
    expect(codesOf(pipeline, local, { dlq })).toEqual([]);
  });

  test("names the field, and the environment without a queue", () => {
    expect(found([kafka, merge])[0]).toMatchObject({
      severity: "warning",
      path: [0, "config", "keyFormatError"],
      message:
        "`keyFormatError` of `$source` on Kafka sends documents to the dead letter queue, and the processor has none",
      notes: ["neither `options` nor the environment `local` names one", "they are lost"],
    });
  });

  test("is not the default of a field, nor another word or field", () => {
    expect(codesOf([source, https({}), merge])).toEqual([]);
    expect(codesOf([source, https({ onError: "ignore" }), { $set: { onError: "dlq" } }, merge])).toEqual([]);
  });
});

describe("a window over a source with silent parts", () => {
  const window = (more: object = {}) => ({
    $tumblingWindow: { interval: { size: 1, unit: "minute" }, pipeline: [{ $limit: 1 }], ...more },
  });
  const kafka = (more: object = {}) => ({ $source: { connectionName: "bus", topic: "orders", ...more } });
  const kinesis = { $source: { connectionName: "stream", stream: "orders", config: { consumerARN: "arn" } } };
  const timeout = { size: 30, unit: "second" };

  test.each([
    [[kafka(), window(), merge], ["ASP3001"]],
    [[kinesis, window(), merge], ["ASP3001"]],
    [[kafka({ partitionIdleTimeout: timeout }), window(), merge], []],
    [[kafka(), window({ boundary: "processingTime" }), merge], []],
    // Only the silence of all partitions ends that one.
    [[kafka(), window({ idleTimeout: timeout }), merge], ["ASP3001"]],
    [[kafka(), { $match: {} }, merge], []],
    [[source, window(), merge], []],
  ])("%j: %j", (pipeline, expected) => expect(codesOf(pipeline)).toEqual(expected));

  test("says what to add", () => {
    expect(found([kafka(), window(), merge])[0]).toMatchObject({
      severity: "warning",
      path: [0],
      message: "`$source` on Kafka has no `partitionIdleTimeout`, and the processor has `$tumblingWindow`",
      help: 'add `partitionIdleTimeout: { size: 30, unit: "second" }` to `$source`',
    });
  });
});

describe("a text where a date is compared", () => {
  const day = "2026-01-31";
  const start = { $meta: "stream.window.start" };
  const only = { $source: { ...source.$source, config: { fullDocumentOnly: true } } };
  const window = (pipeline: readonly object[]) => ({
    $tumblingWindow: { interval: { size: 1, unit: "minute" }, pipeline },
  });
  const match = (query: object) => ({ $match: query });

  test.each([
    [match({ _ts: day })],
    [match({ _ts: { $gte: `${day}T10:00:00Z` } })],
    [match({ $and: [{ a: 1 }, { $or: [{ wallTime: { $lt: day } }] }] })],
    [match({ wallTime: { $not: { $gt: `${day} 10:00` } } })],
    [match({ clusterTime: { $in: [new Date(), day] } })],
    [match({ $expr: { $gt: ["$_ts", day] } })],
    [{ $set: { late: { $cond: [{ $lt: [day, "$wallTime"] }, 1, 0] } } }],
    [{ $set: { late: { $gt: [{ $meta: "stream.source.ts" }, day] } } }],
    [{ $set: { late: { $gt: ["$_ts", { $toString: "$at" }] } } }],
    [window([{ $set: { first: { $eq: [start, day] } } }, { $limit: 1 }])],
    [window([match({ _ts: { $gte: day } }), { $limit: 1 }])],
    [{ $validate: { validator: { wallTime: { $gte: day } } } }],
  ])("is found in %j", (stage) => expect(codesOf([source, stage, merge])).toEqual(["ASP3002"]));

  test.each([
    [match({ _ts: new Date(day) })],
    [match({ _ts: "soon" })],
    [match({ _ts: { $regex: day } })],
    [match({ orderedAt: { $gte: day } })],
    [match({ $expr: { $gt: ["$_ts", { $toDate: day }] } })],
    [{ $set: { a: { $gt: ["$orderedAt", day] } } }],
    [{ $set: { a: { $literal: { $gt: ["$_ts", day] } } } }],
    [{ $set: { a: { $concat: ["$_ts", day] } } }],
    [{ $set: { a: { $gt: ["$_ts", "$at"] } } }],
    [{ $set: { a: { $gt: [{ $toString: "$_ts" }, day] } } }],
    [match({ _ts: { $eq: { $toString: "$at" } } })],
  ])("is not found in %j", (stage) => expect(codesOf([source, stage, merge])).not.toContain("ASP3002"));

  test("a field is followed until something else may stand in it", () => {
    const late = match({ wallTime: { $gte: day } });
    expect(codesOf([only, late, merge])).toEqual([]);
    expect(codesOf([source, { $set: { wallTime: "$a" } }, late, merge])).toEqual([]);
    expect(codesOf([source, { $set: { other: "$a" } }, late, merge])).toEqual(["ASP3002"]);
    expect(codesOf([source, { $replaceRoot: { newRoot: "$fullDocument" } }, late, merge])).toEqual([]);
    expect(codesOf([source, window([{ $limit: 1 }]), late, merge])).toEqual([]);
    const renamed = { $source: { ...source.$source, tsFieldName: "at" } };
    expect(codesOf([renamed, match({ at: day }), merge])).toEqual(["ASP3002"]);
    expect(codesOf([renamed, match({ _ts: day }), merge])).toEqual([]);
  });

  test("the right form is that of the field's type", () => {
    const helps = ["wallTime", "clusterTime"].map((field) => found([source, match({ [field]: day }), merge])[0]?.help);
    expect(helps).toEqual([
      'write `new Date("2026-01-31")`',
      'write `new Timestamp({ t: Date.parse("2026-01-31") / 1000, i: 0 })`',
    ]);
    const computed = { $set: { late: { $lt: ["$_ts", { $concat: ["$day", "T00:00"] }] } } };
    expect(found([source, computed, merge])[0]).toMatchObject({
      message: "`_ts` is a date, and `$concat` gives a text",
      help: "wrap it in `$toDate`",
    });
  });
});
