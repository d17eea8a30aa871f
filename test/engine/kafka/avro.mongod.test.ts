import avsc from "avsc";
import { Binary, Int32, Long } from "bson";
import type { Document } from "bson";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import type { Connection } from "../../../src/config/environment.ts";
import type { Engine } from "../../../src/engine/engine.ts";
import { createMemoryBroker, type MemoryBroker } from "../../../src/engine/kafka/memory-broker.ts";
import { connectMongod, type TestDatabase } from "../../support/mongod.ts";
import { startRegistry, type RegistryServer } from "../../support/registry-server.ts";
import { dlq, freshName, mergeInto, run, stored } from "../support.ts";
import { connectionsWith, everything, json, text } from "./support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const order = {
  type: "record",
  name: "Order",
  namespace: "shop",
  fields: [
    { name: "_id", type: "int" },
    { name: "total", type: "long" },
    { name: "at", type: { type: "long", logicalType: "timestamp-millis" } },
    { name: "note", type: ["null", "string"], default: null },
  ],
} as const;
const peer = avsc.Type.forSchema(order as never);
const wire = (id: number, value: object): Uint8Array => {
  const head = Buffer.alloc(5);
  head.writeInt32BE(id, 1);
  return Buffer.concat([head, peer.toBuffer(value)]);
};

interface Setup {
  readonly registry: RegistryServer;
  readonly broker: MemoryBroker;
  readonly letters: () => Promise<readonly Document[]>;
  readonly start: (pipeline: readonly Document[]) => Promise<Engine>;
}

async function setUp(more: Partial<Connection> = {}, login?: string): Promise<Setup> {
  const registry = await startRegistry(login);
  onTestFinished(() => registry.close());
  const broker = createMemoryBroker({ now: Date.now });
  const connections = connectionsWith(broker, {
    registry: { type: "SchemaRegistry", provider: "CONFLUENT", schemaRegistryUrls: [registry.url], ...more },
    bus: { type: "Kafka", authentication: { mechanism: "PLAIN", username: "kafka", password: "secret" } },
  });
  const name = freshName();
  return {
    registry,
    broker,
    letters: () => mongod.client.db(mongod.db).collection<Document>(`${name}_dlq`).find().toArray(),
    start: (pipeline) =>
      run(mongod, [{ name, pipeline: [...pipeline], options: dlq(mongod.db, `${name}_dlq`) }], { connections }),
  };
}

const source = {
  $source: {
    connectionName: "bus",
    topic: "orders",
    schemaRegistry: { connectionName: "registry" },
    config: { auto_offset_reset: "earliest" },
  },
};

test("Avro values are read by their writer's schema, which is asked for once", async () => {
  const { registry, broker, letters, start } = await setUp();
  const id = registry.register("orders-value", order);
  const at = 1_700_000_000_000;
  const coll = freshName();
  await broker.produce(
    [
      json("orders", {}, { value: wire(id, { _id: 1, total: 5, at, note: "x" }) }),
      json("orders", {}, { value: wire(id, { _id: 2, total: 6, at, note: null }) }),
      json("orders", {}, { value: wire(999, { _id: 3, total: 6, at, note: null }) }),
      json("orders", { _id: 4 }),
      json("orders", {}, { value: wire(id, { _id: 5, total: 6, at, note: null }).subarray(0, -1) }),
    ],
    everything,
  );
  const engine = await start([source, mergeInto(mongod.db, coll)]);
  await engine.caughtUp();
  expect(await stored(mongod.client, mongod.db, coll)).toEqual([
    { _id: new Int32(1), total: Long.fromNumber(5), at: new Date(at), note: "x" },
    { _id: new Int32(2), total: Long.fromNumber(6), at: new Date(at), note: null },
  ]);
  expect((await letters()).map(({ errInfo }) => errInfo.reason as string)).toEqual([
    "the value's schema 999 cannot be used: the schema registry refuses it: Schema not found",
    "the value is not Avro: it does not begin with a schema's id",
    "the value ends too early",
  ]);
  expect(registry.requests.filter((each) => each.endsWith(`/${id}`))).toHaveLength(1);
});

test("a schema may name types of others", async () => {
  const { registry, broker, start } = await setUp();
  registry.register("money", {
    type: "record",
    name: "Money",
    namespace: "shop",
    fields: [{ name: "cents", type: "long" }],
  });
  const outer = {
    type: "record",
    name: "Bill",
    namespace: "shop",
    fields: [
      { name: "_id", type: "int" },
      { name: "sum", type: "Money" },
    ],
  };
  const id = registry.register("bills-value", outer, [{ name: "shop.Money", subject: "money", version: 1 }]);
  const coll = freshName();
  const head = Buffer.alloc(5);
  head.writeInt32BE(id, 1);
  await broker.produce([json("orders", {}, { value: Buffer.concat([head, Buffer.from([2, 10])]) })], everything);
  const engine = await start([source, mergeInto(mongod.db, coll)]);
  await engine.caughtUp();
  expect(await stored(mongod.client, mongod.db, coll)).toEqual([
    { _id: new Int32(1), sum: { cents: Long.fromNumber(5) } },
  ]);
});

const emitted = async (
  { broker, start }: Setup,
  documents: readonly Document[],
  valueSchema: unknown,
  more: Document = {},
): Promise<{ readonly values: readonly (Uint8Array | null)[]; readonly engine: Engine }> => {
  const schemaRegistry = { connectionName: "registry", valueSchema };
  const engine = await start([
    { $source: { documents } },
    { $emit: { connectionName: "bus", topic: "out", schemaRegistry, ...more } },
  ]);
  await engine.ended;
  return { values: broker.messages("out").map(({ value }) => value), engine };
};
const document = (_id: number): Document => ({ _id, total: Long.fromNumber(5), at: new Date(7), strange: true });

test("Avro values are written with the id of their schema, which is registered once", async () => {
  const setup = await setUp();
  const { values } = await emitted(setup, [document(1), document(2), { _id: "x" }], { type: "avro", schema: order });
  expect(values.map((value) => peer.fromBuffer(Buffer.from(value ?? []).subarray(5)) as object)).toMatchObject([
    { _id: 1, total: 5, at: 7, note: null },
    { _id: 2, total: 5, at: 7, note: null },
  ]);
  expect(Buffer.from(values[0] ?? []).readInt32BE(1)).toBe(101);
  expect((await setup.letters()).map(({ errInfo }) => errInfo.reason as string)).toEqual([
    "`_id` is a string, the schema wants int",
  ]);
  expect(setup.registry.requests).toEqual(["POST /subjects/out-value/versions"]);
});

test("a schema is called after the topic, the record, or both", async () => {
  for (const [subjectNameStrategy, path] of [
    ["TopicNameStrategy", "POST /subjects/out-value/versions"],
    ["RecordNameStrategy", "POST /subjects/shop.Order/versions"],
    ["TopicRecordNameStrategy", "POST /subjects/out-shop.Order/versions"],
  ]) {
    const setup = await setUp();
    await emitted(setup, [document(1)], { type: "avro", schema: order, options: { subjectNameStrategy } });
    expect(setup.registry.requests).toEqual([path]);
  }
});

test("a schema that is not to be registered must be there", async () => {
  const setup = await setUp();
  const valueSchema = { type: "avro", schema: order, options: { autoRegisterSchemas: false } };
  expect((await emitted(setup, [document(1)], valueSchema)).values).toEqual([]);
  expect((await setup.letters()).map(({ errInfo }) => errInfo.reason as string)).toEqual([
    "the schema of `out-value` cannot be used: the schema registry refuses it: Schema not found",
  ]);
  const other = await setUp();
  other.registry.register("out-value", order);
  expect((await emitted(other, [document(1)], valueSchema)).values).toHaveLength(1);
});

test("a schema that the registry refuses makes dead letters, and so does one that is none", async () => {
  const setup = await setUp();
  const bad = { ...order, name: "incompatible" };
  await emitted(setup, [document(1)], { type: "avro", schema: bad });
  const other = await setUp();
  await emitted(other, [document(1)], { type: "avro", schema: { type: "strange" } });
  const reasons = [...(await setup.letters()), ...(await other.letters())].map(
    ({ errInfo }) => errInfo.reason as string,
  );
  expect(reasons).toEqual([
    "the schema of `out-value` cannot be used: the schema registry refuses it: Schema being registered is incompatible",
    "there is no Avro type `strange`",
  ]);
});

test("the schema may come with the document, and a tombstone needs none", async () => {
  const setup = await setUp();
  const schema = { type: "avro", schema: { type: "record", name: "R", fields: [{ name: "n", type: "int" }] } };
  const more = { config: { key: "$n", keyFormat: "int", tombstoneWhen: { $eq: ["$n", 2] } } };
  const { values } = await emitted(setup, [{ n: 1, schema }, { n: 2 }], "$schema", more);
  expect(values.map((value) => value && Buffer.from(value).toString("hex"))).toEqual(["000000006502", null]);
});

test("a registry that does not answer is asked again; one that lets nobody in fails the processor", async () => {
  const setup = await setUp();
  setup.registry.fail(503);
  const emitting = emitted(setup, [document(1)], { type: "avro", schema: order });
  await vi.waitFor(() => expect(setup.registry.requests.length).toBeGreaterThan(2), { timeout: 10_000 });
  setup.registry.fail(undefined);
  expect((await emitting).values).toHaveLength(1);

  const locked = await setUp({}, "user:secret");
  const { engine } = await emitted(locked, [document(1)], { type: "avro", schema: order });
  expect(engine.stats()[0]).toMatchObject({ state: "FAILED", error: { code: "ASP5127" } });
});

test("the registry gets the user of its own, or that of Kafka", async () => {
  for (const [schemaRegistryAuthentication, login] of [
    [{ type: "USER_INFO", username: "u", password: "p" }, "u:p"],
    [{ type: "SASL_INHERIT" }, "kafka:secret"],
  ] as const) {
    const setup = await setUp({ schemaRegistryAuthentication }, login);
    expect((await emitted(setup, [document(1)], { type: "avro", schema: order })).values).toHaveLength(1);
  }
});

test("a dead letter of an Avro value holds its bytes", async () => {
  const { broker, letters, start } = await setUp();
  await broker.produce(
    [json("orders", {}, { value: new Uint8Array([1, 255]) }), json("orders", {}, { value: text("x") })],
    everything,
  );
  const engine = await start([source, mergeInto(mongod.db, freshName())]);
  await engine.caughtUp();
  expect((await letters()).map(({ doc }) => doc as Document)).toEqual([
    { value: new Binary(new Uint8Array([1, 255])) },
    { value: "x" },
  ]);
});
