import type { Document } from "bson";
import { expect, test } from "vitest";
import type { Environment } from "../../src/config/environment.ts";
import { toPreview } from "../../src/deploy/plan/to-preview.ts";
import type { Definition } from "../../src/stages/definition.ts";
import { environment as base } from "./model.ts";

const environment: Environment = {
  ...base,
  databases: { shop: "shop_prod" },
  collectionNames: { "shop.orders": "orders_v2" },
  connections: { c: { type: "Cluster", manage: true } },
  collections: [
    { connectionName: "c", db: "shop", coll: "orders", indexes: [{ key: { a: 1 } }] },
    { connectionName: "c", db: "shop", coll: "events", changeStreamPreAndPostImages: { enabled: true } },
  ],
  settings: { manage: true, record: { connectionName: "c", owner: "shop" } },
};

const at = (coll: string): Document => ({ connectionName: "c", db: "shop_prod", coll });
const orders: Definition = {
  name: "orders",
  pipeline: [{ $source: at("events") }, { $merge: { into: at("orders_v2") } }],
  options: { dlq: at("dead") as never },
};
const totals: Definition = {
  name: "totals",
  pipeline: [
    { $source: { connectionName: "c", db: "shop_prod", coll: ["orders_v2", "customers"] } },
    { $lookup: { from: at("orders_v2"), localField: "a", foreignField: "b", as: "o" } },
    { $lookup: { from: at("customers"), localField: "a", foreignField: "b", as: "c" } },
    { $merge: { into: at("totals"), whenMatched: "replace" } },
  ],
};
const previewOf = (...definitions: readonly Definition[]) =>
  toPreview({ definitions, names: ["orders", "totals"], environment }, "pr-42");

test("what a preview writes, and its dead letters, are its own; readers of those follow, and everything else is shared", () => {
  const { definitions, names, findings } = previewOf(orders, totals);
  expect(findings).toEqual([]);
  expect(names).toEqual(["orders-pr-42", "totals-pr-42"]);
  expect(definitions).toEqual([
    {
      name: "orders-pr-42",
      pipeline: [{ $source: at("events") }, { $merge: { into: at("orders_v2-pr-42") } }],
      options: { dlq: at("dead-pr-42") },
    },
    {
      name: "totals-pr-42",
      pipeline: [
        { $source: { connectionName: "c", db: "shop_prod", coll: ["orders_v2-pr-42", "customers"] } },
        { $lookup: { from: at("orders_v2-pr-42"), localField: "a", foreignField: "b", as: "o" } },
        { $lookup: { from: at("customers"), localField: "a", foreignField: "b", as: "c" } },
        { $merge: { into: at("totals-pr-42"), whenMatched: "replace" } },
      ],
    },
  ]);
});

test("one that reads what no processor of the preview writes reads the environment's own", () => {
  const { definitions } = previewOf(totals);
  expect(definitions[0]?.pipeline[0]).toEqual(totals.pipeline[0]);
});

test("of the config, the preview's collections alone are made; nothing that is shared is, and the record has another owner", () => {
  const { environment: preview } = previewOf(orders, totals);
  expect(preview.collections.map(({ coll }) => coll)).toEqual(["orders"]);
  expect(preview.collectionNames).toEqual({
    "shop.orders": "orders_v2-pr-42",
    "shop.dead": "dead-pr-42",
    "shop.totals": "totals-pr-42",
  });
  expect(preview.settings).toMatchObject({ manage: false, record: { connectionName: "c", owner: "shop-pr-42" } });
  expect(preview.connections).toEqual({ c: { type: "Cluster", manage: false } });
});

test("a consumer group is its own", () => {
  const kafka = { connectionName: "k", topic: "t", config: { auto_offset_reset: "earliest", group_id: "g" } };
  const { definitions, findings } = previewOf({ name: "in", pipeline: [{ $source: kafka }, orders.pipeline[1] ?? {}] });
  expect(findings).toEqual([]);
  expect(definitions[0]?.pipeline[0]).toEqual({
    $source: { ...kafka, config: { auto_offset_reset: "earliest", group_id: "g-pr-42" } },
  });
});

test.each([
  ["the topic `bus`", [{ $emit: { connectionName: "k", topic: "bus" } }]],
  ["its `$emit` writes", [{ $emit: { connectionName: "k", topic: { $concat: ["a", "$b"] } } }]],
  ["its `$emit` writes", [{ $emit: { connectionName: "s3", bucket: "b", path: "p" } }]],
  ["a computed name", [{ $merge: { into: { connectionName: "c", db: "shop_prod", coll: "$type" } } }]],
  ["`$https` sends POST", [{ $https: { connectionName: "h", method: "POST" } }, { $merge: { into: at("x") } }]],
  [
    "calls a function",
    [
      { $tumblingWindow: { interval: {}, pipeline: [{ $externalFunction: { connectionName: "l" } }] } },
      { $merge: { into: at("x") } },
    ],
  ],
  ["`consumerARN`", [{ $source: { connectionName: "k", stream: "s", config: { consumerARN: "a" } } }]],
])("what a preview could not keep to itself is an error: %s", (what, stages) => {
  const { findings } = previewOf({ name: "p", pipeline: stages });
  expect(findings).toMatchObject([
    { code: "ASP6068", severity: "error", processor: "p", message: expect.stringContaining(what) },
  ]);
});

test("reading by `$https` and a time series are harmless, and a name that gets too long is told", () => {
  const long = "a".repeat(60);
  const stages = [{ $https: { connectionName: "h", as: "a" } }, { $emit: { ...at("x"), timeseries: {} } }];
  const { findings, definitions } = previewOf({ name: long, pipeline: stages });
  expect(findings.map(({ code }) => code)).toEqual(["ASP4045"]);
  expect(definitions[0]?.pipeline[1]).toEqual({ $emit: { ...at("x-pr-42"), timeseries: {} } });
});
