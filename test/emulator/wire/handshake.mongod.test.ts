import { Binary, deserialize, type Document } from "bson";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compress, decompress } from "../../../src/emulator/wire/protocol/compression.ts";
import { eventsOf, freshName, mergeInto } from "../../engine/support.ts";
import { connectMongod, type TestDatabase } from "../../support/mongod.ts";
import { message, opMsg, opQuery } from "./protocol/messages.ts";
import { prove } from "./scram/prove.ts";
import { alice, connectRaw, openWire, type RawClient } from "./support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const open = async (options: Parameters<typeof openWire>[1] = {}) => {
  const wire = await openWire(mongod, options);
  return { ...wire, client: await connectRaw(wire.server.port) };
};
const ask = async (client: RawClient, command: Document): Promise<Document> =>
  deserialize(await client.ask({ ...command, $db: "admin" }));

describe("hello", () => {
  test("says that a server stands alone, in the words of whoever asks", async () => {
    const { client } = await open();
    const modern = await ask(client, { hello: 1, helloOk: true, backpressure: "2", client: { driver: { name: "x" } } });
    expect(modern).toMatchObject({
      isWritablePrimary: true,
      helloOk: true,
      maxWireVersion: 21,
      minWireVersion: 0,
      maxBsonObjectSize: 16_777_216,
      maxMessageSizeBytes: 48_000_000,
      logicalSessionTimeoutMinutes: 30,
      readOnly: false,
      ok: 1,
    });
    for (const absent of ["topologyVersion", "setName", "serviceId", "ismaster", "compression", "saslSupportedMechs"]) {
      expect(modern).not.toHaveProperty(absent);
    }
    for (const name of ["isMaster", "ismaster"]) {
      expect(await ask(client, { [name]: 1 })).toMatchObject({ ismaster: true, ok: 1 });
    }
  });

  test("is answered in the old form, and nothing else is", async () => {
    const { client } = await open();
    const askOld = async (command: Document): Promise<Document> => {
      const before = client.received().length;
      client.send(opQuery("admin.$cmd", command));
      await expect.poll(() => client.received().length).toBeGreaterThan(before);
      const reply = client.received().subarray(before);
      expect(reply.readInt32LE(12)).toBe(1);
      return deserialize(reply.subarray(36));
    };
    expect(await askOld({ ismaster: 1, helloOk: true })).toMatchObject({ ismaster: true, helloOk: true, ok: 1 });
    expect(await askOld({ listStreamProcessors: 1 })).toMatchObject({ ok: 0, code: 352 });
    expect(await askOld({ ping: 1 })).toMatchObject({ ok: 0, code: 352 });
  });

  test("names a service behind a load balancer, the same on every connection", async () => {
    const { client, server } = await open();
    const { serviceId } = await ask(client, { hello: 1, loadBalanced: true });
    expect(serviceId?._bsontype).toBe("ObjectId");
    const other = await connectRaw(server.port);
    expect((await ask(other, { hello: 1, loadBalanced: true }))["serviceId"]).toEqual(serviceId);
  });

  test("offers the same logins for every name", async () => {
    const { client } = await open();
    const mechanisms = ["SCRAM-SHA-256", "SCRAM-SHA-1"];
    for (const saslSupportedMechs of ["admin.alice", "admin.nobody"]) {
      expect(await ask(client, { hello: 1, saslSupportedMechs })).toMatchObject({ saslSupportedMechs: mechanisms });
    }
  });

  test("begins a login where it can, and is answered where it cannot", async () => {
    const { client } = await open();
    const login = (payload: string, mechanism = "SCRAM-SHA-256"): Document => ({
      hello: 1,
      speculativeAuthenticate: { saslStart: 1, mechanism, payload: new Binary(Buffer.from(payload)), db: "admin" },
    });
    expect(await ask(client, login("n,,n=nobody,r=abc"))).toMatchObject({
      ok: 1,
      speculativeAuthenticate: { conversationId: 1, done: false, ok: 1 },
    });
    for (const wrong of [login("junk"), login("n,,n=a,r=abc", "PLAIN"), { hello: 1, speculativeAuthenticate: 1 }]) {
      const reply = await ask(client, wrong);
      expect(reply).toMatchObject({ ok: 1 });
      expect(reply).not.toHaveProperty("speculativeAuthenticate");
    }
  });
});

describe("messages", () => {
  test("are answered in their order", async () => {
    const { client } = await open();
    const commands = [{ ping: 1 }, { nothing: 1 }, { hello: 1 }, { ping: 1 }];
    client.send(
      Buffer.concat(commands.map((command, id) => opMsg({ ...command, $db: "admin" }, { requestId: id + 7 }))),
    );
    const answered = (): readonly number[] => {
      const ids: number[] = [];
      for (let rest = client.received(); rest.length >= 16; rest = rest.subarray(rest.readInt32LE(0))) {
        ids.push(rest.readInt32LE(8));
      }
      return ids;
    };
    await expect.poll(answered).toEqual([7, 8, 9, 10]);
  });

  test("that want no reply get none, whatever comes of them", async () => {
    const { client } = await open();
    for (const command of [{ endSessions: [], writeConcern: { w: 0 } }, { nothing: 1 }, { listStreamProcessors: 1 }]) {
      client.send(opMsg({ ...command, $db: "admin" }, { flags: 2 }));
    }
    expect(await ask(client, { ping: 1 })).toEqual({ ok: 1 });
  });

  test("are compressed where that was agreed on, and answered in the same way", async () => {
    const { client, lines } = await open();
    expect(await ask(client, { hello: 1, compression: ["snappy", "zlib"] })).toMatchObject({ compression: ["zlib"] });
    const before = client.received().length;
    client.send(await compress(opMsg({ ping: 1, $db: "admin" })));
    await expect.poll(() => client.received().length).toBeGreaterThan(before);
    const reply = client.received().subarray(before);
    expect(reply.readInt32LE(12)).toBe(2012);
    expect(deserialize((await decompress(reply, 1000)).subarray(21))).toEqual({ ok: 1 });
    expect(lines).toEqual([]);
  });

  test("that are compressed without that end their connection", async () => {
    const { client, lines } = await open();
    expect(await ask(client, { hello: 1, compression: ["snappy"] })).not.toHaveProperty("compression");
    client.send(await compress(opMsg({ ping: 1, $db: "admin" })));
    await client.closed;
    expect(lines).toEqual([expect.stringMatching(/connection closed: compressed, which was not agreed on$/u)]);
  });

  test("may have a pipeline beside the command", async () => {
    const { client, tenant } = await open({ users: [] });
    const pipeline = [eventsOf(mongod.db, freshName()), mergeInto(mongod.db, freshName())];
    client.send(opMsg({ createStreamProcessor: "p", $db: "admin" }, { sequences: { pipeline } }));
    await expect.poll(() => tenant.workspace.list()).toMatchObject([{ name: "p", pipeline }]);
    client.send(opMsg({ createStreamProcessor: "q", pipeline, $db: "admin" }, { sequences: { pipeline } }));
    await expect.poll(() => client.received().toString()).toContain("given in the command and beside it");
  });

  test("without a database, or with what no type takes, are refused and do no harm", async () => {
    const { client, lines } = await open();
    expect(deserialize(await client.ask({ ping: 1 }))).toMatchObject({ ok: 0, code: 40571 });
    const damaged = opMsg({ ping: /a/i, $db: "admin" });
    damaged[damaged.indexOf("a\0i\0") + 2] = 0x5a;
    const before = client.received().length;
    client.send(damaged);
    await expect.poll(() => client.received().length).toBeGreaterThan(before);
    expect(deserialize(client.received().subarray(before + 21))).toMatchObject({ ok: 0, code: 22 });
    expect(await ask(client, { ping: 1 })).toEqual({ ok: 1 });
    expect(deserialize(await client.ask({}))).toMatchObject({ ok: 0 });
    expect(lines).toEqual([]);
  });
});

describe("a login", () => {
  const payload = (text: string): Binary => new Binary(Buffer.from(text));

  test("is complete with the empty message, where the client does not spare itself that", async () => {
    const { client } = await open();
    const bare = `n=${alice.name},r=abc`;
    const start = { saslStart: 1, mechanism: "SCRAM-SHA-256", payload: payload(`n,,${bare}`) };
    const first = await ask(client, start);
    expect(first).toMatchObject({ conversationId: 1, done: false, ok: 1 });
    const proof = prove(first["payload"].value(), alice.password, bare);
    const second = await ask(client, { saslContinue: 1, conversationId: 1, payload: payload(proof) });
    expect(second).toMatchObject({ done: false, ok: 1 });
    expect(Buffer.from(second["payload"].value()).toString()).toMatch(/^v=/u);
    expect(await ask(client, { listStreamProcessors: 1 })).toMatchObject({ ok: 0, code: 13 });
    const last = await ask(client, { saslContinue: 1, conversationId: 1, payload: payload("") });
    expect(last).toMatchObject({ done: true, ok: 1 });
    expect(await ask(client, { listStreamProcessors: 1 })).toMatchObject({ ok: 1 });
    expect(await ask(client, start)).toMatchObject({ ok: 0, code: 17 });
  });

  test("that has not begun, or by another mechanism or in another database, is refused", async () => {
    const { client } = await open();
    const start = { saslStart: 1, mechanism: "SCRAM-SHA-256", payload: payload("n,,n=alice,r=abc") };
    const next = { saslContinue: 1, conversationId: 1, payload: payload("") };
    expect(await ask(client, next)).toMatchObject({ ok: 0, code: 17 });
    expect(await ask(client, { ...start, mechanism: "PLAIN" })).toMatchObject({ ok: 0, code: 334 });
    expect(deserialize(await client.ask({ ...start, $db: "$external" }))).toMatchObject({ ok: 0, code: 18 });
    expect(await ask(client, { ...start, payload: payload("junk") })).toMatchObject({ ok: 0, code: 18 });
    expect(await ask(client, { ...start, payload: 1 })).toMatchObject({ ok: 0, code: 18 });
    expect(await ask(client, start)).toMatchObject({ ok: 1 });
    expect(await ask(client, { ...next, conversationId: 2 })).toMatchObject({ ok: 0, code: 17 });
    expect(await ask(client, next)).toMatchObject({ ok: 0, code: 18 });
    expect(await ask(client, next)).toMatchObject({ ok: 0, code: 17 });
  });

  test("is over with logout", async () => {
    const { connect } = await open();
    const admin = connect({ maxPoolSize: 1 });
    await admin.command({ listStreamProcessors: 1 });
    await admin.command({ logout: 1 });
    await expect(admin.command({ listStreamProcessors: 1 })).rejects.toMatchObject({ code: 13 });
  });
});

test("what mongosh asks while it connects is answered or refused as a server does", async () => {
  const { connect } = await open();
  const admin = connect();
  expect(await admin.command({ buildInfo: 1 })).toMatchObject({ version: "7.0.0", versionArray: [7, 0, 0, 0] });
  expect(await admin.command({ atlasVersion: 1 })).toMatchObject({ atlasVersion: expect.any(String) });
  expect(await admin.command({ getParameter: 1, featureCompatibilityVersion: 1 })).toMatchObject({
    featureCompatibilityVersion: { version: "7.0" },
  });
  expect(await admin.command({ killCursors: "x", cursors: [1] })).toMatchObject({ cursorsNotFound: [1] });
  expect(await admin.command({ endSessions: [] })).toEqual({ ok: 1 });
  for (const command of [{ getLog: "startupWarnings" }, { aggregate: "atlascli", pipeline: [], cursor: {} }]) {
    await expect(admin.command(command)).rejects.toMatchObject({ code: 59, codeName: "CommandNotFound" });
  }
});

test("a message of an unknown kind ends its connection, and no other", async () => {
  const { client, server, lines } = await open();
  const other = await connectRaw(server.port);
  client.send(message(2002, Buffer.alloc(10)));
  await client.closed;
  expect(lines).toEqual([expect.stringMatching(/^127\.0\.0\.1:\d+: connection closed: unknown opcode 2002$/u)]);
  expect(await ask(other, { ping: 1 })).toEqual({ ok: 1 });
});
