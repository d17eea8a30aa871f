import { once } from "node:events";
import { connect as connectSocket } from "node:net";
import { connect as connectTls } from "node:tls";
import { deserialize } from "bson";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createCertificates } from "../../../src/emulator/tls.ts";
import { MalformedMessage } from "../../../src/emulator/wire/protocol/malformed-message.ts";
import { parseMessage } from "../../../src/emulator/wire/protocol/parse-message.ts";
import { eventsOf, freshName, mergeInto } from "../../engine/support.ts";
import { connectMongod, type TestDatabase } from "../../support/mongod.ts";
import { piece, pour, repliesIn } from "./junk.ts";
import { int32, message, opMsg } from "./protocol/messages.ts";
import { connectRaw, openWire, type Wire } from "./support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const hiddenName = "hidden-connection";

/** A workspace with something in it that nobody is to learn or change. */
async function openGuarded(options: Parameters<typeof openWire>[1] = {}): Promise<Wire> {
  const wire = await openWire(mongod, options);
  await wire.tenant.connections.create(hiddenName, { type: "Https", url: "https://hidden" });
  const pipeline = [eventsOf(mongod.db, freshName()), mergeInto(mongod.db, freshName())];
  await wire.tenant.workspace.create({ name: "guarded", pipeline });
  return wire;
}

/** It serves whoever is entitled, and nothing has changed. */
async function expectUnharmed({ connect, tenant }: Wire): Promise<void> {
  const admin = connect();
  expect(await admin.command({ listStreamProcessors: 1 })).toMatchObject({
    streamProcessors: [{ name: "guarded", state: "CREATED" }],
  });
  expect(tenant.connections.list().map(({ name }) => name)).toContain(hiddenName);
  await admin.client.close();
}

/** What is answered before a login says nothing of the workspace. */
const open =
  /^(?:hello|isMaster|ismaster|ping|buildInfo|buildinfo|connectionStatus|logout|endSessions|refreshSessions|sasl)/u;

describe("whoever has not logged in", () => {
  test("learns and changes nothing, whatever is sent and however it is cut", async () => {
    // So few that a connection which is left behind is missed soon.
    const wire = await openGuarded({ limits: { connections: 10 } });
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 4 }), async (pieces) => {
        const received = await pour(wire.server.port, pieces);
        expect(received.includes(hiddenName)).toBe(false);
        expect(received.includes("guarded")).toBe(false);
        for (const reply of repliesIn(received)) {
          if (reply["ok"] === 1) {
            const sent = pieces.map((bytes) => nameOf(bytes)).filter((name) => name !== undefined);
            expect(sent.some((name) => open.test(name))).toBe(true);
          } else refused += 1;
        }
      }),
      { numRuns: 250 },
    );
    expect(refused).toBeGreaterThan(50);
    expect(wire.lines.every((line) => /^127\.0\.0\.1:\d+: (?:connection closed|login)/u.test(line))).toBe(true);
    await expectUnharmed(wire);
  });

  test("cannot keep a connection by being slow or silent", async () => {
    const limits = { handshakeMs: 300, messageMs: 300, openIdleMs: 300 };
    const wire = await openGuarded({ limits });
    const { port } = wire.server;
    const [silent, half, slow, idle] = await Promise.all([1, 2, 3, 4].map(() => connectRaw(port)));
    const hello = opMsg({ hello: 1, $db: "admin" });
    await idle?.ask({ hello: 1, $db: "admin" });
    half?.send(Buffer.concat([hello, hello.subarray(0, 20)]));
    slow?.send(hello);
    const trickle = setInterval(() => slow?.send(hello.subarray(0, 1)), 20);
    onTestFinished(() => clearInterval(trickle));
    await Promise.all([silent?.closed, half?.closed, slow?.closed, idle?.closed]);
    const reasons = wire.lines.map((line) => line.replace(/^.*closed: /u, "")).toSorted();
    expect(reasons.filter((reason) => reason === "no command came")).toHaveLength(1);
    expect(reasons.filter((reason) => reason === "it was idle")).toHaveLength(1);
    expect(reasons).toHaveLength(4);
    await expectUnharmed(wire);
  });

  test("is held to small messages, and nobody may send more than a server takes", async () => {
    const wire = await openGuarded();
    const header = (length: number): Buffer => Buffer.concat([int32(length), int32(1), int32(0), int32(2013)]);
    for (const length of [65_537, 48_000_001, 0x7fffffff, -1, 0, 15]) {
      const client = await connectRaw(wire.server.port);
      client.send(header(length));
      await client.closed;
      expect(client.received().length).toBe(0);
    }
    expect(wire.lines).toHaveLength(6);
    const large = "x".repeat(200_000);
    expect(await wire.connect().command({ ping: 1, comment: large })).toEqual({ ok: 1 });
    await expectUnharmed(wire);
  });

  test("cannot make it read documents without end", async () => {
    const wire = await openGuarded({ users: [] });
    const levels = 100_000;
    const deep = Buffer.alloc(levels * 8 + 5);
    for (let level = 0; level <= levels; level += 1) {
      deep.writeInt32LE(deep.length - level * 8, level * 7);
      if (level < levels) deep.set([3, 0x61, 0], level * 7 + 4);
    }
    const client = await connectRaw(wire.server.port);
    client.send(message(2013, Buffer.concat([int32(0), Buffer.from([0]), deep])));
    await client.closed;
    expect(wire.lines).toEqual([expect.stringContaining("documents in more than 200 levels")]);
  });
});

test("who takes no replies holds up nobody else, and is let go", async () => {
  const wire = await openGuarded({ users: [], limits: { messageMs: 300 } });
  const text = "x".repeat(1_000_000);
  const pipeline = [{ $source: { documents: [{ text }] } }, mergeInto(mongod.db, freshName())];
  await wire.tenant.workspace.create({ name: "large", pipeline });
  const socket = connectSocket(wire.server.port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => undefined);
  await once(socket, "connect");
  socket.pause();
  const list = opMsg({ listStreamProcessors: 1, $db: "admin" });
  socket.write(Buffer.concat(Array.from({ length: 50 }, () => list)));
  const other = await connectRaw(wire.server.port);
  expect(deserialize(await other.ask({ ping: 1, $db: "admin" }))).toEqual({ ok: 1 });
  await expect
    .poll(() => wire.lines, { timeout: 10_000 })
    .toContainEqual(expect.stringContaining("a reply was not taken"));
});

test("more connections than there may be are refused, and there is room again when others go", async () => {
  const wire = await openGuarded({ limits: { connections: 3 } });
  const clients = await Promise.all([1, 2, 3].map(() => connectRaw(wire.server.port)));
  const refused = await connectRaw(wire.server.port);
  await refused.closed;
  expect(wire.lines).toEqual([expect.stringContaining("there are 3 connections")]);
  for (const client of clients) client.send(Buffer.from("GET / HTTP/1.1\r\n\r\n"));
  await Promise.all(clients.map(({ closed }) => closed));
  const again = await connectRaw(wire.server.port);
  expect(deserialize(await again.ask({ ping: 1, $db: "admin" }))).toEqual({ ok: 1 });
});

test("with TLS, who speaks another language or none is let go", async () => {
  const { ca, cert, key } = await createCertificates();
  const wire = await openGuarded({ tls: { cert, key }, limits: { handshakeMs: 500 } });
  const { port } = wire.server;
  const plain = await connectRaw(port);
  plain.send(opMsg({ ping: 1, $db: "admin" }));
  await plain.closed;
  expect(plain.received().includes("ok")).toBe(false);
  const silent = await connectRaw(port);
  await silent.closed;
  const leaving = connectTls({ port, host: "127.0.0.1", ca });
  await once(leaving, "secureConnect");
  leaving.destroy();
  expect(wire.lines).toHaveLength(2);
  expect(wire.lines.every((line) => line.includes("no TLS"))).toBe(true);
  await expectUnharmed({ ...wire, connect: () => wire.connect({ tls: true, ca }) });
});

/** The command's name, where a message can be read. */
function nameOf(bytes: Buffer): string | undefined {
  try {
    return Object.keys(deserialize(parseMessage(bytes).command, { promoteValues: false }))[0];
  } catch (error) {
    if (error instanceof MalformedMessage || error instanceof Error) return undefined;
    throw error;
  }
}
