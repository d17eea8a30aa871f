import { randomBytes } from "node:crypto";
import { Admin } from "@platformatic/kafka";
import type { Document } from "bson";
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test, vi } from "vitest";
import type { Environment } from "../../../src/config/environment.ts";
import type { Engine } from "../../../src/engine/engine.ts";
import type { Broker, TopicMessage } from "../../../src/engine/kafka/broker.ts";
import { mergeOffsets } from "../../../src/engine/core/kafka/offsets.ts";
import { openConnections } from "../../../src/engine/open-connections.ts";
import { withRetries } from "../../../src/engine/retry.ts";
import type { Definition } from "../../../src/stages/definition.ts";
import { eventHubsUser, startKafka } from "../../support/kafka-server.ts";
import { connectMongod, type TestDatabase } from "../../support/mongod.ts";
import { dlq, eventsOf, freshName, mergeInto, run } from "../support.ts";
import { everything, fromText, header, json, text } from "./support.ts";

const kafka = inject("kafka");
const never = new AbortController().signal;
const earliest = { auto_offset_reset: "earliest" };

describe.skipIf(kafka.missing !== undefined)("processors on a real Kafka", () => {
  if (kafka.missing !== undefined) return;
  let mongod: TestDatabase;
  beforeAll(async () => {
    mongod = await connectMongod();
  });
  afterAll(() => mongod.close());

  const freshTopic = (): string => `t-${randomBytes(6).toString("hex")}`;

  const environmentOf = (bus: object): Environment => ({
    name: "local",
    target: "emulator",
    databases: {},
    connections: { bus: { type: "Kafka", ...bus }, c: { type: "Cluster" } },
    collections: [],
    checkpoints: { db: "asp" },
  });

  interface Started {
    readonly engine: Engine;
    readonly broker: Broker;
  }

  /** Starts processors as `asp run` does. */
  const start = async (
    definitions: readonly Definition[],
    bus: object = { bootstrapServers: kafka.plaintext },
    env: Readonly<Record<string, string>> = {},
  ): Promise<Started> => {
    const { connections, findings } = await openConnections(environmentOf(bus), definitions, { env, captureDir: "" });
    if (connections === undefined) throw new Error(findings.map(({ message }) => message).join("; "));
    onTestFinished(() => connections.close());
    return { engine: await run(mongod, definitions, { connections }), broker: connections.broker("bus") };
  };

  const createTopic = async (
    servers: string,
    topic: string,
    partitions: number,
    config: Readonly<Record<string, string>> = {},
  ): Promise<void> => {
    const admin = new Admin({ clientId: "test", bootstrapBrokers: [servers] });
    const configs = Object.entries(config).map(([name, value]) => ({ name, value }));
    await admin.createTopics({ topics: [topic], partitions, replicas: 1, configs });
    await admin.close();
  };

  const readTopic = async (broker: Broker, topic: string): Promise<readonly TopicMessage[]> => {
    const reader = broker.openReader();
    const found: TopicMessage[] = [];
    let from = await broker.offsets([topic], "earliest");
    for (;;) {
      const { messages, next, more } = await reader.fetch(from, { maxBytes: 1 << 22, waitMs: 300 });
      found.push(...messages);
      from = mergeOffsets(from, next);
      if (!more && messages.length === 0) break;
    }
    await reader.close();
    return found;
  };

  const idsIn = async (coll: string): Promise<readonly number[]> => {
    const found = await mongod.client
      .db(mongod.db)
      .collection<Document>(coll)
      .find({}, { sort: { _id: 1 } })
      .toArray();
    return found.map(({ _id }) => Number(_id));
  };

  test("statistics tell how far each partition is read", async () => {
    const [topic, coll] = [freshTopic(), freshName()];
    await createTopic(kafka.plaintext, topic, 2);
    const source = { $source: { connectionName: "bus", topic, config: earliest } };
    const { engine, broker } = await start([{ name: coll, pipeline: [source, mergeInto(mongod.db, coll)] }]);
    const messages = [0, 0, 0, 1].map((partition, at) => json(topic, { _id: at }, { partition }));
    await broker.produce(messages, everything);
    await vi.waitFor(() => expect(engine.stats()[0]?.output).toBe(4), 30_000);
    const [details] = await engine.details();
    const common = { topic, partitionOffsetLag: 0n, isIdle: false };
    expect(details?.kafkaPartitions).toMatchObject([
      { ...common, partition: 0, currentOffset: 3n },
      { ...common, partition: 1, currentOffset: 1n },
    ]);
    await engine.stop();
    await broker.produce(messages, everything);
    const [after] = await engine.details();
    expect(after?.kafkaPartitions).toMatchObject([
      { currentOffset: 3n, checkpointOffset: 3n, partitionOffsetLag: 3n },
      { currentOffset: 1n, checkpointOffset: 1n, partitionOffsetLag: 1n },
    ]);
  });

  test("what one processor emits, another reads: keys, headers, tombstones, types", async () => {
    const topic = freshTopic();
    await createTopic(kafka.plaintext, topic, 3);
    const [events, coll] = [freshName(), freshName()];
    const emit = {
      $emit: {
        connectionName: "bus",
        topic,
        config: {
          key: "$customer",
          keyFormat: "string",
          headers: { tenant: "t1", n: "$n" },
          tombstoneWhen: { $eq: ["$gone", true] },
          compression_type: "lz4",
          acks: "all",
          outputFormat: "canonicalJson",
        },
      },
    };
    const read = [
      { $source: { connectionName: "bus", topic, config: { ...earliest, keyFormat: "string" } } },
      { $addFields: { key: { $meta: "stream.source.key" }, headers: { $meta: "stream.source.headers" } } },
      { $addFields: { _id: { $ifNull: ["$_id", "tombstone"] } } },
      mergeInto(mongod.db, coll),
    ];
    const { engine } = await start([
      { name: `writes-${coll}`, pipeline: [eventsOf(mongod.db, events), emit] },
      { name: `reads-${coll}`, pipeline: read },
    ]);
    await mongod.client
      .db(mongod.db)
      .collection<Document>(events)
      .insertMany([
        { _id: 1 as never, customer: "a", n: 1, at: new Date(5) },
        { _id: 2 as never, customer: "b", n: 2, gone: true },
      ]);
    await vi.waitFor(
      async () => expect(await mongod.client.db(mongod.db).collection(coll).countDocuments()).toBe(2),
      30_000,
    );
    expect(engine.stats().map(({ error }) => error)).toEqual([undefined, undefined]);
    const found = await mongod.client
      .db(mongod.db)
      .collection<Document>(coll)
      .find({}, { sort: { customer: -1 }, promoteBuffers: true })
      .toArray();
    expect(
      found.map(({ _id, customer, key, at, headers }) => [
        _id,
        customer,
        key,
        at,
        (headers as Document[]).map(({ k, v }) => [k, Buffer.from(v as Uint8Array).toString("hex")]),
      ]),
    ).toEqual([
      [
        1,
        "a",
        "a",
        new Date(5),
        [
          ["tenant", "7431"],
          ["n", "00000001"],
        ],
      ],
      [
        "tombstone",
        undefined,
        "b",
        undefined,
        [
          ["tenant", "7431"],
          ["n", "00000002"],
        ],
      ],
    ]);
  });

  describe("`acks`", () => {
    /** Emits documents to a topic that takes 10,000 bytes; reads what is there, and which became dead letters. */
    const emit = async (acks: string, texts: readonly string[]) => {
      const [topic, name] = [freshTopic(), freshName()];
      await createTopic(kafka.plaintext, topic, 1, { "max.message.bytes": "10000" });
      const documents = texts.map((t, _id) => ({ _id, t }));
      const $emit = { connectionName: "bus", topic, config: { acks } };
      const { engine, broker } = await start([
        { name, pipeline: [{ $source: { documents } }, { $emit }], options: dlq(mongod.db, `${name}_dlq`) },
      ]);
      await engine.ended;
      expect(engine.stats()[0]?.error).toBeUndefined();
      const written = async (): Promise<readonly unknown[]> =>
        (await readTopic(broker, topic)).map(({ value }) => JSON.parse(fromText(value) ?? "null")["_id"] as unknown);
      const letters = await mongod.client.db(mongod.db).collection<Document>(`${name}_dlq`).find().toArray();
      return { written, letters: letters.map(({ doc }) => doc._id as unknown) };
    };
    const large = "x".repeat(20_000);

    test.each(["all", "-1", "1"])("%s: the broker says what it has not taken", async (acks) => {
      const { written, letters } = await emit(acks, ["x", large, "y"]);
      expect(await written()).toEqual([0, 2]);
      expect(letters).toEqual([1]);
    });

    test("0: messages are written, and the broker says nothing of one that it has not taken", async () => {
      const { written, letters } = await emit("0", ["x", "y"]);
      expect(letters).toEqual([]);
      await vi.waitFor(async () => expect(await written()).toEqual([0, 1]), 30_000);
      expect((await emit("0", [large])).letters).toEqual([]);
    });
  });

  test("group offsets follow, and a restart goes on at the checkpoint", async () => {
    const topic = freshTopic();
    await createTopic(kafka.plaintext, topic, 2);
    const coll = freshName();
    const definition = {
      name: coll,
      pipeline: [{ $source: { connectionName: "bus", topic, config: earliest } }, mergeInto(mongod.db, coll)],
    };
    const first = await start([definition]);
    const messages = (from: number) =>
      Array.from({ length: 500 }, (_, at) => json(topic, { _id: from + at }, { key: text(String(at)) }));
    await first.broker.produce(messages(0), everything);
    await first.engine.caughtUp();
    await first.engine.stop();
    const committed = await withRetries(() => first.broker.committed(`asp-${coll}-consumer`, [topic]), never);
    expect(committed).toEqual(await first.broker.offsets([topic], "latest"));
    await first.broker.produce(messages(500), everything);
    const second = await start([definition]);
    await second.engine.caughtUp();
    expect(second.engine.stats()[0]).toMatchObject({ input: 500, state: "STARTED" });
    expect(await idsIn(coll)).toEqual(Array.from({ length: 1000 }, (_, index) => index));
  });

  test("wrong settings say what is wrong before anything starts", async () => {
    const definition = {
      name: "reads",
      pipeline: [{ $source: { connectionName: "bus", topic: "x" } }, mergeInto(mongod.db, "x")],
    };
    await expect(start([definition], { bootstrapServers: "127.0.0.1:1" })).rejects.toMatchObject({
      code: "ASP4135",
      retryable: true,
    });
    const authentication = { mechanism: "PLAIN", username: "nobody", password: "${SECRET}" };
    const security = { protocol: "SASL_SSL", brokerPublicCertificate: kafka.certificate };
    const wrong = start(
      [definition],
      { bootstrapServers: kafka.saslSsl, authentication, security },
      { SECRET: "s3cret" },
    );
    await expect(wrong).rejects.toMatchObject({ code: "ASP4137", retryable: false });
    await wrong.catch((error: unknown) => expect(String(error)).not.toContain("s3cret"));
    await expect(start([definition], { bootstrapServers: kafka.saslSsl, authentication, security })).rejects.toThrow(
      "`SECRET` is not set",
    );
    const { engine } = await start([definition]);
    expect(engine.stats()[0]).toMatchObject({
      state: "FAILED",
      error: { code: "ASP5121", message: "There is no topic `x`" },
    });
  });

  test("as Event Hubs wants it: SASL PLAIN over TLS, with the user `$ConnectionString`", async () => {
    const topic = freshTopic();
    const coll = freshName();
    const bus = {
      bootstrapServers: kafka.saslSsl,
      security: { protocol: "SASL_SSL", brokerPublicCertificate: "${CA}" },
      authentication: { mechanism: "PLAIN", username: "$ConnectionString", password: "${EVENTHUBS_CONNECTION}" },
    };
    await createTopic(kafka.plaintext, topic, 1);
    const env = { CA: kafka.certificate, EVENTHUBS_CONNECTION: eventHubsUser.password };
    const documents = [{ _id: 1 }, { _id: 2 }];
    const { engine, broker } = await start(
      [
        { name: `writes-${coll}`, pipeline: [{ $source: { documents } }, { $emit: { connectionName: "bus", topic } }] },
        {
          name: coll,
          pipeline: [{ $source: { connectionName: "bus", topic, config: earliest } }, mergeInto(mongod.db, coll)],
        },
      ],
      bus,
      env,
    );
    await vi.waitFor(async () => expect(await idsIn(coll)).toEqual([1, 2]), 30_000);
    expect(engine.stats().map(({ error }) => error)).toEqual([undefined, undefined]);
    expect((await readTopic(broker, topic)).map(({ value }) => fromText(value))).toEqual(['{"_id":1}', '{"_id":2}']);
  });

  test("brokers that go away and come back: nothing is lost, in either direction", async () => {
    const server = await startKafka(kafka.classpath);
    onTestFinished(() => server.close());
    const [topic, out, coll] = [freshTopic(), freshTopic(), freshName()];
    for (const name of [topic, out]) await createTopic(server.plaintext, name, 3);
    const { engine, broker } = await start(
      [
        {
          name: `in-${coll}`,
          pipeline: [{ $source: { connectionName: "bus", topic, config: earliest } }, mergeInto(mongod.db, coll)],
        },
        {
          name: `out-${coll}`,
          pipeline: [
            eventsOf(mongod.db, coll),
            { $emit: { connectionName: "bus", topic: out, config: { key: "$k", keyFormat: "string" } } },
          ],
        },
      ],
      { bootstrapServers: server.plaintext },
    );
    const total = 2000;
    const write = async (): Promise<void> => {
      for (let from = 0; from < total; from += 50) {
        const messages = Array.from({ length: 50 }, (_, at) =>
          json(
            topic,
            { _id: from + at, k: `key ${(from + at) % 17}` },
            { key: text(String(at)), headers: [header("h", "1")] },
          ),
        );
        await withRetries(() => broker.produce(messages, everything), never);
      }
    };
    const writing = write();
    await vi.waitFor(async () => expect((await idsIn(coll)).length).toBeGreaterThan(0), 30_000);
    await server.kill();
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await server.start();
    await writing;
    await vi.waitFor(async () => expect((await idsIn(coll)).length).toBe(total), 60_000);
    expect(engine.stats().map(({ state, error }) => [state, error])).toEqual([
      ["STARTED", undefined],
      ["STARTED", undefined],
    ]);

    const idOf = ({ value }: TopicMessage): number => (JSON.parse(String(fromText(value))) as { _id: number })._id;
    const emitted = async (): Promise<readonly TopicMessage[]> => readTopic(broker, out);
    await vi.waitFor(async () => expect(new Set((await emitted()).map(idOf)).size).toBe(total), {
      timeout: 60_000,
      interval: 1000,
    });
    // Also of what came twice, equal keys went to one partition.
    const partitions = new Map<string, Set<number>>();
    for (const { key, partition } of await emitted()) {
      const own = partitions.get(String(fromText(key))) ?? new Set();
      partitions.set(String(fromText(key)), own.add(partition));
    }
    expect([...partitions.values()].map(({ size }) => size)).toEqual(Array.from({ length: 17 }, () => 1));

    // Nor do brokers that hang hold up a stop.
    server.freeze();
    const stoppedAt = performance.now();
    await engine.stop();
    expect(performance.now() - stoppedAt).toBeLessThan(10_000);
  });
});
