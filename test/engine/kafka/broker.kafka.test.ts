import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Admin, Producer } from "@platformatic/kafka";
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from "vitest";
import type { Connection } from "../../../src/config/environment.ts";
import type { Broker, NewMessage, TopicMessage } from "../../../src/engine/kafka/broker.ts";
import { createKafkaBroker } from "../../../src/engine/kafka/kafka-broker.ts";
import { createMemoryBroker } from "../../../src/engine/kafka/memory-broker.ts";
import { withRetries } from "../../../src/engine/retry.ts";
import { eventHubsUser, scramUser } from "../../support/kafka-server.ts";

const kafka = inject("kafka");
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const message = (
  topic: string,
  key: string | undefined,
  value: string,
  more: Partial<NewMessage> = {},
): NewMessage => ({
  topic,
  key: key === undefined ? undefined : text(key),
  value: text(value),
  headers: [],
  ...more,
});
const all = { acks: -1, compression: "none" } as const;

async function readAll(broker: Broker, topic: string): Promise<readonly TopicMessage[]> {
  const reader = broker.openReader();
  let from = await broker.offsets([topic], "earliest");
  const end = await broker.offsets([topic], "latest");
  const found: TopicMessage[] = [];
  const isThere = (): boolean =>
    [...(end.get(topic) ?? [])].every(([partition, offset]) => (from.get(topic)?.get(partition) ?? 0n) >= offset);
  while (!isThere()) {
    const { messages, next } = await reader.fetch(from, { maxBytes: 1 << 20, waitMs: 500 });
    found.push(...messages);
    from = new Map([[topic, new Map([...(from.get(topic) ?? []), ...(next.get(topic) ?? [])])]]);
  }
  await reader.close();
  return found;
}

describe.skipIf(kafka.missing !== undefined)("a real Kafka", () => {
  if (kafka.missing !== undefined) return;
  const { plaintext, saslSsl, certificate } = kafka;
  const connection: Connection = { type: "Kafka", bootstrapServers: plaintext };
  let admin: Admin;
  let broker: Broker;
  beforeAll(() => {
    admin = new Admin({ clientId: "test", bootstrapBrokers: [plaintext] });
    broker = createKafkaBroker("bus", connection);
  });
  afterAll(async () => {
    await admin.close();
    await broker.close();
  });
  const freshTopic = async (partitions = 3, config: Readonly<Record<string, string>> = {}): Promise<string> => {
    const topic = `t-${randomBytes(6).toString("hex")}`;
    const configs = Object.entries(config).map(([name, value]) => ({ name, value }));
    await admin.createTopics({ topics: [topic], partitions, replicas: 1, configs });
    return topic;
  };

  test("gives back what was written: keys, values, tombstones, headers that repeat, timestamps", async () => {
    const topic = await freshTopic(1);
    const headers = [
      { key: "a", value: text("1") },
      { key: "a", value: text("2") },
      { key: "none", value: null },
    ];
    const written = [
      message(topic, "k", "v", { headers, timestampMs: 1_700_000_000_000 }),
      { ...message(topic, undefined, ""), value: null },
    ];
    expect(await broker.produce(written, all)).toEqual([undefined, undefined]);
    const found = await readAll(broker, topic);
    expect(
      found.map(({ key, value, headers: read, offset, timestampMs }) => ({ key, value, read, offset, timestampMs })),
    ).toEqual([
      {
        key: Buffer.from("k"),
        value: Buffer.from("v"),
        read: headers.map((each) => ({ key: each.key, value: each.value === null ? null : Buffer.from(each.value) })),
        offset: 0n,
        timestampMs: 1_700_000_000_000,
      },
      { key: undefined, value: null, read: [], offset: 1n, timestampMs: expect.any(Number) as number },
    ]);
  });
  test.each(["none", "gzip", "snappy", "lz4"] as const)(
    "takes %s, and what brokers write in it is read",
    async (compression) => {
      // Of another compression than the messages have: the broker takes them apart and writes them anew.
      const topic = await freshTopic(1, { "compression.type": compression === "none" ? "gzip" : "uncompressed" });
      const other = await freshTopic(1, { "compression.type": compression === "none" ? "uncompressed" : compression });
      const values = Array.from({ length: 500 }, (_, index) => `${index} ${"x".repeat(index)}`);
      for (const [name, how] of [
        [topic, compression],
        [other, "none"],
      ] as const) {
        await broker.produce(
          values.map((value) => message(name, "k", value)),
          { acks: -1, compression: how },
        );
        expect((await readAll(broker, name)).map(({ value }) => Buffer.from(value ?? []).toString())).toEqual(values);
      }
    },
  );
  test("says that zstd needs a newer Node, or takes it", async () => {
    const refusal = broker.refusesCompression("zstd");
    const topic = await freshTopic(1, { "compression.type": "zstd" });
    await broker.produce([message(topic, "k", "v".repeat(1000))], all);
    if (refusal === undefined) expect(await readAll(broker, topic)).toHaveLength(1);
    else await expect(readAll(broker, topic)).rejects.toMatchObject({ code: "ASP5124", retryable: false });
  });
  test("refuses a message that is too large for itself, and takes those beside it", async () => {
    const topic = await freshTopic(1, { "max.message.bytes": "10000" });
    const large = "x".repeat(20_000);
    const reasons = await broker.produce(
      [message(topic, "a", "1"), message(topic, "a", large), message(topic, "a", "2"), message("no/name", "a", "3")],
      all,
    );
    expect(reasons).toEqual([
      undefined,
      `the message is larger than the topic \`${topic}\` takes`,
      undefined,
      "`no/name` is not a name that a topic can have",
    ]);
    expect((await readAll(broker, topic)).map(({ value }) => String(Buffer.from(value ?? [])))).toEqual(["1", "2"]);
  });
  test("sends nothing more once it is told to stop", async () => {
    const topic = await freshTopic(1);
    const abort = new AbortController();
    const value = "x".repeat(1000);
    const many = Array.from({ length: 20_000 }, (_, index) => message(topic, "k", `${index} ${value}`));
    const producing = broker.produce(many, all, abort.signal);
    setTimeout(() => abort.abort(), 20);
    await expect(producing).rejects.toThrow("aborted");
    const { length } = await readAll(broker, topic);
    expect(length).toBeLessThan(20_000);
  });

  test("reads a message that is larger than what is asked for at once", async () => {
    const topic = await freshTopic(1, { "max.message.bytes": "8000000" });
    await broker.produce([message(topic, "a", "x".repeat(5_000_000)), message(topic, "a", "y")], all);
    expect((await readAll(broker, topic)).map(({ value }) => value?.length)).toEqual([5_000_000, 1]);
  });
  test("creates a topic that is written to, and has none that is read", async () => {
    const topic = `t-${randomBytes(6).toString("hex")}`;
    await expect(broker.partitions([topic])).rejects.toMatchObject({
      code: "ASP5121",
      message: `There is no topic \`${topic}\``,
    });
    await broker.produce([message(topic, "a", "1")], all);
    expect((await broker.partitions([topic])).get(topic)).toEqual([0, 1, 2]);
  });
  test("leaves out what transactions took back, several of one producer and those that were read in parts", async () => {
    const topic = await freshTopic(1);
    const producer = new Producer({
      clientId: "test",
      bootstrapBrokers: [plaintext],
      idempotent: true,
      transactionalId: topic,
    });
    for (const [index, end] of ["abort", "commit", "abort", "abort", "commit"].entries()) {
      const transaction = await producer.beginTransaction();
      for (const part of [1, 2]) {
        const value = Buffer.from(`${end} ${index}.${part} ${"x".repeat(1000)}`);
        await transaction.send({ messages: [{ topic, partition: 0, value }] });
      }
      await (end === "abort" ? transaction.abort() : transaction.commit());
    }
    await producer.close();
    const wanted = ["commit 1.1", "commit 1.2", "commit 4.1", "commit 4.2"];
    const starts = (found: readonly TopicMessage[]): readonly string[] =>
      found.map(({ value }) =>
        Buffer.from(value ?? [])
          .toString()
          .slice(0, 10),
      );
    expect(starts(await readAll(broker, topic))).toEqual(wanted);
    const inParts = createKafkaBroker("parts", { ...connection, config: { "max.partition.fetch.bytes": 1500 } });
    expect(starts(await readAll(inParts, topic))).toEqual(wanted);
    await inParts.close();
  });

  test("keeps what a group has committed", async () => {
    const topic = await freshTopic(2);
    // The first to ask makes the brokers create what they keep groups in.
    const committed = await withRetries(() => broker.committed("g1", [topic]), new AbortController().signal);
    expect(committed).toEqual(new Map([[topic, new Map()]]));
    await broker.commit("g1", new Map([[topic, new Map([[1, 5n]])]]));
    expect(await broker.committed("g1", [topic])).toEqual(new Map([[topic, new Map([[1, 5n]])]]));
  });
  test("says that an offset is lost", async () => {
    const topic = await freshTopic(2);
    await broker.produce([message(topic, "a", "1", { partition: 1 })], all);
    await admin.deleteRecords({ topics: [{ name: topic, partitions: [{ partition: 1, offset: 1n }] }] });
    const reader = broker.openReader();
    onTestFinished(() => reader.close());
    const from = new Map([
      [
        topic,
        new Map([
          [0, 0n],
          [1, 0n],
        ]),
      ],
    ]);
    await expect(reader.fetch(from, { maxBytes: 1000, waitMs: 100 })).rejects.toMatchObject({
      code: "ASP5122",
      message: `Partition 1 of the topic \`${topic}\` no longer holds offset 0, where the processor left off: messages are lost to it`,
    });
  });
  test("puts keys into the partitions that the broker in memory chooses", async () => {
    const topic = await freshTopic(7);
    const memory = createMemoryBroker({ now: Date.now });
    memory.createTopic(topic, 7);
    const messages = Array.from({ length: 100 }, (_, index) => message(topic, `key ${index}`, String(index)));
    const found = await Promise.all(
      [broker, memory].map(async (each) => {
        await each.produce(messages, all);
        return new Map(
          (await readAll(each, topic)).map(({ value, partition }) => [String(Buffer.from(value ?? [])), partition]),
        );
      }),
    );
    expect(found[0]).toEqual(found[1]);
  });

  describe("with users, over TLS", () => {
    const security = { protocol: "SASL_SSL", brokerPublicCertificate: certificate } as const;
    const connect = async (more: Partial<Connection>): Promise<void> => {
      const secure = createKafkaBroker("hubs", { type: "Kafka", bootstrapServers: saslSsl, security, ...more });
      onTestFinished(() => secure.close());
      await secure.connect();
    };
    test.each([
      ["PLAIN", eventHubsUser],
      ["SCRAM-256", scramUser],
      ["SCRAM-512", scramUser],
    ] as const)("knows %s", async (mechanism, user) => {
      await expect(connect({ authentication: { mechanism, ...user } })).resolves.toBeUndefined();
    });
    test("knows OAUTHBEARER, with a token that it fetches", async () => {
      const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
      const seconds = Math.floor(Date.now() / 1000);
      const token = `${part({ alg: "none" })}.${part({ sub: "asp", iat: seconds, exp: seconds + 300 })}.`;
      let given = token;
      const server = createServer((_, response) => {
        response.end(JSON.stringify({ access_token: given }));
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      onTestFinished(() => void server.close());
      const tokenEndpointUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      const authentication = {
        mechanism: "OAUTHBEARER",
        clientId: "id",
        clientSecret: "secret",
        tokenEndpointUrl,
      } as const;
      await expect(connect({ authentication })).resolves.toBeUndefined();
      given = "junk";
      await expect(connect({ authentication })).rejects.toMatchObject({ code: "ASP4137" });
      await expect(
        connect({ authentication: { ...authentication, tokenEndpointUrl: "http://127.0.0.1:1/" } }),
      ).rejects.toMatchObject({ code: "ASP4135" });
    });
    test.each(["PLAIN", "SCRAM-256"] as const)("says of a wrong password that it is one, for %s", async (mechanism) => {
      await expect(connect({ authentication: { mechanism, ...scramUser, password: "wrong" } })).rejects.toMatchObject({
        code: "ASP4137",
        retryable: false,
      });
    });
    test("says of a certificate that nobody vouches for what it is", async () => {
      await expect(
        connect({ authentication: { mechanism: "PLAIN", ...eventHubsUser }, security: { protocol: "SASL_SSL" } }),
      ).rejects.toMatchObject({ code: "ASP4138", retryable: false });
    });
  });

  test("says of brokers that are away that they may come back", async () => {
    const away = createKafkaBroker("away", { type: "Kafka", bootstrapServers: "127.0.0.1:1" });
    onTestFinished(() => away.close());
    await expect(away.connect()).rejects.toMatchObject({ code: "ASP5120", retryable: true });
    await expect(
      away.openReader().fetch(new Map([["t", new Map([[0, 0n]])]]), { maxBytes: 10, waitMs: 10 }),
    ).rejects.toMatchObject({ code: "ASP5120" });
    await expect(away.produce([message("t", "a", "b")], all)).rejects.toMatchObject({ code: "ASP5120" });
  });
});
