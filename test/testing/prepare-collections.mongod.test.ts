import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CollectionSpec } from "../../src/config/config.ts";
import type { Environment } from "../../src/config/environment.ts";
import { openClusters } from "../../src/engine/open-clusters.ts";
import { prepareCluster } from "../../src/engine/prepare-collections.ts";
import type { Definition } from "../../src/stages/definition.ts";
import { connectMongod } from "../support/mongod.ts";
import type { TestDatabase } from "../support/mongod.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

describe("preparing collections", () => {
  const prepare = async (spec: Partial<CollectionSpec>, db = mongod.freshDb()): Promise<string> => {
    const collection = { connectionName: "domain", db: "shop", coll: "orders", ...spec };
    await prepareCluster(mongod.client, [collection], { databases: { shop: db } });
    return db;
  };
  const full: Partial<CollectionSpec> = {
    indexes: [
      { key: { customerId: 1, at: -1 }, unique: true, name: "by customer" },
      { key: { status: 1 }, partialFilterExpression: { at: { $gt: { $date: "2020-01-01T00:00:00Z" } } } },
    ],
    validator: { total: { $type: "number" } },
    validationAction: "error",
    changeStreamPreAndPostImages: { enabled: true },
  };

  test("makes indexes, validators and pre-images, and makes them again without a word", async () => {
    const db = await prepare(full);
    await prepare(full, db);
    const [orders] = await mongod.client.db(db).listCollections().toArray();
    expect(orders).toMatchObject({
      name: "orders",
      options: { validator: { total: { $type: "number" } }, changeStreamPreAndPostImages: { enabled: true } },
    });
    expect(await mongod.client.db(db).collection("orders").indexes()).toMatchObject([
      { key: { _id: 1 } },
      { key: { customerId: 1, at: -1 }, unique: true, name: "by customer" },
      { key: { status: 1 }, partialFilterExpression: { at: { $gt: new Date("2020-01-01T00:00:00Z") } } },
    ]);
  });

  test("gives a collection that is there what it lacks", async () => {
    const db = await prepare({});
    await mongod.client.db(db).collection("orders").insertOne({ total: 1 });
    await prepare(full, db);
    await expect(mongod.client.db(db).collection("orders").insertOne({ total: "one" })).rejects.toThrow("validation");
    expect(await mongod.client.db(db).collection("orders").countDocuments()).toBe(1);
  });

  test("refuses an index that is there with other options, and names the collection", async () => {
    const db = await prepare({ indexes: [{ key: { a: 1 } }] });
    await expect(prepare({ indexes: [{ key: { a: 1 }, unique: true }] }, db)).rejects.toMatchObject({
      code: "ASP4130",
      message: expect.stringMatching(/^`t_.*\.orders` has an index that conflicts with .*"unique":true/),
    });
  });

  test("refuses a plain collection where a time series is wanted, and a view", async () => {
    const db = await prepare({});
    await expect(prepare({ timeseries: { timeField: "at" } }, db)).rejects.toMatchObject({ code: "ASP4130" });
    const other = mongod.freshDb();
    await mongod.client.db(other).createCollection("orders", { viewOn: "events", pipeline: [] });
    await expect(prepare({}, other)).rejects.toMatchObject({ code: "ASP4130" });
  });

  test("makes a time series, twice", async () => {
    const timeseries = { timeField: "at", metaField: "sensor", granularity: "minutes" } as const;
    const db = await prepare({ timeseries, expireAfterSeconds: 3600 });
    await prepare({ timeseries, expireAfterSeconds: 3600 }, db);
    const names = (await mongod.client.db(db).listCollections().toArray()).map(({ type }) => type);
    expect(names).toContain("timeseries");
  });

  test("says what the server says of what it refuses", async () => {
    await expect(prepare({ validator: { $jsonSchem: {} } })).rejects.toMatchObject({
      code: "ASP4131",
      message: expect.stringMatching(/orders` as the config has it: .*\$jsonSchem/),
    });
  });
});

describe("opening clusters", () => {
  const definition = (...names: string[]): Definition => ({
    name: "p",
    pipeline: [
      { $source: { connectionName: names[0], db: "a", coll: "b" } },
      { $merge: { into: { connectionName: names[1], db: "a", coll: "c" } } },
    ],
  });
  const environment = (uris: Readonly<Record<string, string | undefined>>): Environment => ({
    name: "local",
    target: "emulator",
    databases: {},
    connections: Object.fromEntries(
      Object.entries(uris).map(([name, uri]) => [name, { type: "Cluster", ...(uri === undefined ? {} : { uri }) }]),
    ),
    collections: [],
    checkpoints: { db: "asp" },
  });
  const { env } = process;

  test("connections of one address share a client, and checkpoints stand with the first sink", async () => {
    const both = environment({ events: "${URI}", domain: mongod.uri });
    const opened = await openClusters(both, [definition("events", "domain")], { env: { URI: mongod.uri } });
    await using clusters = opened.clusters;
    expect(clusters?.cluster("events")).toBe(clusters?.cluster("domain"));
    expect(clusters?.checkpoints).toEqual({ cluster: clusters?.cluster("domain"), db: "asp" });
    expect(clusters?.mongod).toBeUndefined();
  });

  test("connections without an address are one mongod, beside those with one", async () => {
    const mixed = environment({ events: mongod.uri, domain: undefined, other: undefined });
    const opened = await openClusters(mixed, [definition("events", "domain"), definition("other", "domain")], { env });
    await using clusters = opened.clusters;
    expect(clusters?.cluster("other")).toBe(clusters?.cluster("domain"));
    expect(clusters?.cluster("events")).not.toBe(clusters?.cluster("domain"));
    expect(await clusters?.cluster("domain").client.db("admin").command({ ping: 1 })).toMatchObject({ ok: 1 });
  });

  test("what is wrong with a connection is a finding, and nothing is opened", async () => {
    const opened = await openClusters(environment({ events: "${NOWHERE}" }), [definition("events", "domain")], {
      env: {},
    });
    expect(opened.clusters).toBeUndefined();
    expect(opened.findings.map(({ code }) => code)).toEqual(["ASP4006", "ASP4014"]);
  });
});
