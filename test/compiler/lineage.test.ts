import { describe, expect, test } from "vitest";
import type { Lineage } from "../../src/compiler/lineage/lineage.ts";
import { readLineage } from "../../src/compiler/lineage/read-lineage.ts";
import { selectLineage } from "../../src/compiler/lineage/select-lineage.ts";
import type { Environment } from "../../src/config/environment.ts";
import type { Definition } from "../../src/stages/definition.ts";
import { local } from "./support.ts";

const at = (coll: string, connectionName = "domain") => ({ connectionName, db: "shop", coll });

function processor(name: string, from: object, to: object, ...between: readonly object[]): Definition {
  return { name, pipeline: [{ $source: from }, ...between, { $merge: { into: to } }] };
}

const read = (definitions: readonly Definition[], changes: Partial<Environment> = {}): Lineage =>
  readLineage(definitions, { ...local, ...changes });

/** `orders reads shop.events`, with a dot for names that are ids otherwise. */
function sentences({ processors, resources, edges }: Lineage): readonly string[] {
  const names = new Map([...processors, ...resources].map(({ id, name }) => [id, name] as const));
  return edges.map(({ from, to, kind }) => {
    const isInput = kind === "reads" || kind === "looks up" || kind === "calls";
    const [who, what] = isInput ? [to, from] : [from, to];
    return `${names.get(who)} ${kind} ${names.get(what)}`;
  });
}

describe("a lineage has", () => {
  test("sources, look-ups with what their pipelines read on the cluster, sinks and dead letters", () => {
    const lookup = {
      $lookup: {
        from: at("customers"),
        localField: "c",
        foreignField: "_id",
        as: "c",
        pipeline: [
          { $unionWith: { coll: "former", pipeline: [{ $lookup: { from: "cities", as: "x" } }] } },
          { $facet: { a: [{ $graphLookup: { from: "people" } }] } },
        ],
      },
    };
    const definition = {
      ...processor("orders", at("events", "events"), at("orders"), lookup, {
        $tumblingWindow: {
          interval: { size: 1, unit: "hour" },
          pipeline: [{ $lookup: { from: at("prices"), localField: "p", foreignField: "_id", as: "p" } }],
        },
      }),
      options: { dlq: { connectionName: "domain", db: "ops", coll: "dead" } },
    };
    expect(sentences(read([definition]))).toEqual([
      "orders reads shop.events",
      "orders looks up shop.customers",
      "orders looks up shop.former",
      "orders looks up shop.cities",
      "orders looks up shop.people",
      "orders looks up shop.prices",
      "orders writes shop.orders",
      "orders dead letters ops.dead",
    ]);
  });

  test.each<[string, object, object, readonly string[]]>([
    [
      "topics",
      { connectionName: "bus", topic: ["a", "b"] },
      { $emit: { connectionName: "bus", topic: "c" } },
      ["p reads a", "p reads b", "p writes c"],
    ],
    [
      "schedules and requests",
      { schedule: "* * * * * *" },
      { $https: { connectionName: "web", path: "/x" } },
      ["p reads * * * * * *", "p writes /x"],
    ],
    [
      "sample data and functions",
      { connectionName: "sample_stream_solar" },
      { $externalFunction: { connectionName: "lambda", functionName: "f" } },
      ["p reads sample_stream_solar", "p writes f"],
    ],
    [
      "inline documents and buckets",
      { documents: [] },
      { $emit: { connectionName: "b", bucket: "acme", path: "x/y" } },
      ["p reads inline documents", "p writes acme/x/y"],
    ],
    [
      "containers",
      { connectionName: "events" },
      { $emit: { connectionName: "b", container: "c", path: "p" } },
      ["p reads *", "p writes c/p"],
    ],
    [
      "Kinesis",
      { connectionName: "k", stream: "s" },
      { $emit: { connectionName: "k", stream: "t", partitionKey: "a" } },
      ["p reads s", "p writes t"],
    ],
    [
      "Pub/Sub and whole databases",
      { connectionName: "events", db: "shop" },
      { $emit: { connectionName: "g", projectId: "pr", topic: "t", region: "r" } },
      ["p reads shop.*", "p writes pr/t"],
    ],
    [
      "tables",
      { documents: [] },
      { $iceberg: { connectionName: "b", bucket: "w", databaseName: "d", tableName: "t", path: "x" } },
      ["p reads inline documents", "p writes w/d/t"],
    ],
    [
      "time series",
      { documents: [] },
      { $emit: { ...at("prices"), timeseries: { timeField: "t" } } },
      ["p reads inline documents", "p writes shop.prices"],
    ],
  ])("%s", (_, source, sink, expected) => {
    expect(sentences(read([{ name: "p", pipeline: [{ $source: source }, sink] }]))).toEqual(expected);
  });

  test("one resource for two connections to one cluster, and two for two clusters", () => {
    const two = [processor("a", at("events", "events"), at("orders")), processor("b", at("orders", "events"), at("x"))];
    const cluster = (more: object) => ({ type: "Cluster" as const, ...more });
    const orders = (connections: Environment["connections"], target: Environment["target"] = "emulator") =>
      read(two, { connections, target })
        .resources.filter(({ name }) => name === "shop.orders")
        .map((each) => each.connections);
    expect(orders({ events: cluster({ uri: "u" }), domain: cluster({ uri: "u" }) })).toEqual([["domain", "events"]]);
    expect(orders({ events: cluster({ uri: "u" }), domain: cluster({ uri: "v" }) })).toEqual([["domain"], ["events"]]);
    const named = {
      a: cluster({ name: "events", clusterName: "C" }),
      b: cluster({ name: "domain", clusterName: "C" }),
    };
    expect(orders(named, "admin-api")).toEqual([["domain", "events"]]);
    expect(orders(named)).toEqual([["domain"], ["events"]]);
  });

  test("no address: it may hold a password", () => {
    const uri = "mongodb://u:s3cret@h/";
    const lineage = read([processor("a", at("e"), at("o"))], { connections: { domain: { type: "Cluster", uri } } });
    expect(JSON.stringify(lineage)).not.toContain("s3cret");
  });

  test("what is computed for each processor alone, with its expression as the name", () => {
    const to = { connectionName: "domain", db: "shop", coll: { $concat: ["a_", "$b"] } };
    const { resources } = read([processor("a", at("e"), to), processor("b", at("e"), to)]);
    expect(resources.filter(({ isComputed }) => isComputed).map(({ name }) => name)).toEqual([
      'shop.{"$concat":["a_","$b"]}',
      'shop.{"$concat":["a_","$b"]}',
    ]);
  });

  test("a written collection within the database that another one reads", () => {
    const lineage = read([
      processor("a", at("events"), at("orders")),
      processor(
        "all",
        { connectionName: "domain", db: "shop" },
        { connectionName: "domain", db: "audit", coll: "log" },
      ),
    ]);
    expect(sentences(lineage)).toContain("shop.orders within shop.*");
    expect(sentences(lineage)).not.toContain("audit.log within shop.*");
  });
});

test("of a few names: what flows into them, and what becomes of what they write", () => {
  const dlq = { connectionName: "domain", db: "ops", coll: "dead" };
  const lineage = read([
    { ...processor("a", at("events"), at("orders")), options: { dlq } },
    { ...processor("b", at("orders"), at("big")), options: { dlq } },
    processor("c", at("big"), at("report"), { $cachedLookup: { from: at("customers") } }),
    { ...processor("other", at("events"), at("mail")), options: { dlq } },
  ]);
  const named = (...names: readonly string[]) =>
    selectLineage(lineage, new Set(names)).processors.map(({ name }) => name);
  expect(named("b")).toEqual(["a", "b", "c"]);
  expect(named("other")).toEqual(["other"]);
  const asked = read([
    processor("customers", at("events"), at("customers")),
    processor("c", at("big"), at("report"), { $cachedLookup: { from: at("customers") } }),
  ]);
  expect(selectLineage(asked, new Set(["customers"])).processors.map(({ name }) => name)).toEqual(["customers", "c"]);
  expect(named("nobody")).toEqual([]);
  expect(selectLineage(lineage, new Set(["c"])).resources.map(({ name }) => name)).toContain("shop.customers");
});
