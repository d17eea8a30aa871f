import { Double, Long, serialize, type Document } from "bson";
import type { Db } from "mongodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createCertificates } from "../../../src/emulator/tls.ts";
import { startWireServer, type WireServerOptions } from "../../../src/emulator/wire/start-wire-server.ts";
import { eventsOf, freshName, mergeInto } from "../../engine/support.ts";
import { connectMongod, type TestDatabase } from "../../support/mongod.ts";
import { opMsg } from "./protocol/messages.ts";
import { idsIn, insert } from "../workspace/support.ts";
import { alice, connectRaw, openWire, reader, refusalOf, type ClientOptions } from "./support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

async function secure(): Promise<readonly [Partial<WireServerOptions>, ClientOptions]> {
  const { ca, cert, key } = await createCertificates();
  return [{ tls: { cert, key } }, { tls: true, ca }];
}

type Way = () => Promise<readonly [Partial<WireServerOptions>, ClientOptions]>;
const login =
  (authMechanism: "SCRAM-SHA-1" | "SCRAM-SHA-256"): Way =>
  async () => [{}, { authMechanism }];
const ways: readonly (readonly [string, Way])[] = [
  ["plain TCP and SCRAM-SHA-256", login("SCRAM-SHA-256")],
  ["SCRAM-SHA-1", login("SCRAM-SHA-1")],
  ["TLS", secure],
  ["a load balancer", async () => [{}, { query: "?loadBalanced=true" }]],
  [
    "a load balancer and TLS",
    async () => {
      const [server, client] = await secure();
      return [server, { ...client, query: "?loadBalanced=true" }];
    },
  ],
  ["a direct connection", async () => [{}, { directConnection: true }]],
  ["zlib", async () => [{}, { compressors: ["zlib"] }]],
  ["compressors of which none is known", async () => [{}, { compressors: ["snappy", "zstd"] as never }]],
];

async function sample(admin: Db, name: string, wanted: number, start = { startSampleStreamProcessor: name }) {
  let { cursorId }: Document = await admin.command(start, { promoteLongs: false });
  const messages: Document[] = [];
  for (let round = 0; round < 200 && String(cursorId) !== "0" && messages.length < wanted; round += 1) {
    const reply = await admin.command({ getMoreSampleStreamProcessor: name, cursorId }, { promoteLongs: false });
    messages.push(...reply["messages"]);
    ({ cursorId } = reply);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return { messages, cursorId: String(cursorId) };
}

describe("the life of a processor", () => {
  test.each(ways)("over %s", async (_, way) => {
    const [server, client] = await way();
    const wire = await openWire(mongod, server);
    const admin = wire.connect(client);
    const [from, to] = [freshName(), freshName()];
    const pipeline = [eventsOf(mongod.db, from), mergeInto(mongod.db, to)];
    expect(await admin.command({ createStreamProcessor: "orders", pipeline, options: { tier: "SP30" } })).toEqual({
      ok: 1,
    });
    expect(await admin.command({ getStreamProcessorStats: "orders" })).toMatchObject({
      state: "CREATED",
      stats: { name: "orders", inputMessageCount: 0 },
      pipeline,
      ok: 1,
    });
    expect(await admin.command({ startStreamProcessor: "orders" })).toEqual({ ok: 1 });
    const { cursorId } = await admin.command({ startSampleStreamProcessor: "orders" });
    await insert(mongod, mongod.db, from, [{ _id: 1 }, { _id: 2 }]);
    await wire.tenant.workspace.caughtUp();
    expect(await idsIn(mongod, mongod.db, to)).toEqual([1, 2]);
    const { messages } = await admin.command({ getMoreSampleStreamProcessor: "orders", cursorId });
    expect(messages).toMatchObject([{ _id: 1 }, { _id: 2 }]);
    expect(await admin.command({ getStreamProcessorStats: "orders", options: { verbose: true } })).toMatchObject({
      state: "STARTED",
      stats: { inputMessageCount: 2, outputMessageCount: 2, operatorStats: expect.any(Array) },
    });
    await admin.command({ stopStreamProcessor: "orders" });
    await admin.command({ modifyStreamProcessor: "orders", name: "renamed", tier: "SP10" });
    const { streamProcessors } = await admin.command({ listStreamProcessors: 1, filter: null });
    expect(streamProcessors).toMatchObject([{ name: "renamed", state: "STOPPED", tier: "SP10", pipeline }]);
    expect(await admin.command({ dropStreamProcessor: "renamed" })).toEqual({ ok: 1 });
    expect(await admin.command({ listStreamProcessors: 1 })).toEqual({ ok: 1, streamProcessors: [] });
    expect(wire.lines).toEqual([]);
  });
});

describe("what a client is told", () => {
  test("`ok` is a double, and a cursor an int64", async () => {
    const { connect } = await openWire(mongod);
    const admin = connect();
    const types = { promoteValues: false } as const;
    const list = await admin.command({ listStreamProcessors: 1 }, types);
    expect(list["ok"]).toEqual(new Double(1));
    const documents = [{ a: 1 }];
    const run = await admin.command({ processStreamProcessor: [{ $source: { documents } }] }, types);
    expect(run["cursorId"]["_bsontype"]).toBe("Long");
    const { ok } = await admin.command({ ping: 1 }, types);
    expect(ok).toEqual(new Double(1));
  });

  test("a pipeline comes back with every type and the order of its keys", async () => {
    const { tenant, server } = await openWire(mongod, { users: [] });
    const project = new Map<string, unknown>([
      ["b", 1],
      ["10", { $literal: new Double(5) }],
      ["2", { $literal: Long.fromNumber(7) }],
    ]);
    const pipeline = [eventsOf(mongod.db, freshName()), { $project: project }, mergeInto(mongod.db, freshName())];
    const client = await connectRaw(server.port);
    await client.ask({ createStreamProcessor: "typed", pipeline, $db: "admin" });
    expect(tenant.workspace.list()).toMatchObject([{ name: "typed" }]);
    const written = Buffer.from(serialize({ pipeline })).subarray(4, -1);
    for (const filter of [null, { name: "typed" }]) {
      const reply = await client.ask({ listStreamProcessors: 1, filter, $db: "admin" });
      expect(reply.includes(written)).toBe(true);
    }
  });

  test("lists are filtered by a query over what they show", async () => {
    const { connect, tenant } = await openWire(mongod);
    const admin = connect();
    await tenant.connections.create("k", {
      type: "Kafka",
      bootstrapServers: "broker:9092",
      authentication: { mechanism: "PLAIN", username: "u", password: "hidden" },
    });
    await tenant.connections.create("h", {
      type: "Https",
      url: "https://u:hidden@host/path?token=hidden",
      headers: { a: "hidden" },
    });
    const { connections } = await admin.command({ listStreamConnections: 1, filter: null });
    expect(connections).toEqual([
      { id: expect.any(String), name: "sample_stream_solar", type: "Sample", state: "READY", region: "VIRGINIA_USA" },
      expect.objectContaining({ name: "c", type: "Cluster", clusterName: "Cluster0" }),
      expect.objectContaining({ name: "k", type: "Kafka", bootstrapServers: "broker:9092" }),
      expect.objectContaining({ name: "h", type: "Https", url: "https://host/path" }),
    ]);
    expect(JSON.stringify(connections)).not.toContain("hidden");
    const listed = await admin.command({ listStreamConnections: 1, filter: { type: { $in: ["Kafka", "Https"] } } });
    expect(listed["connections"].map(({ name }: Document) => name)).toEqual(["k", "h"]);
    for (const name of ["a", "b"]) {
      const dlq = { connectionName: "c", db: "d", coll: name };
      const pipeline = [eventsOf(mongod.db, freshName()), mergeInto(mongod.db, freshName())];
      await admin.command({ createStreamProcessor: name, pipeline, options: { dlq } });
    }
    const named = async (filter: Document): Promise<readonly string[]> =>
      (await admin.command({ listStreamProcessors: 1, filter }))["streamProcessors"].map(({ name }: Document) => name);
    expect(await named({})).toEqual(["a", "b"]);
    expect(await named({ "options.dlq.coll": "b", state: "CREATED" })).toEqual(["b"]);
    expect(await refusalOf(named({ $bad: 1 }) as never)).toMatchObject({ code: 2 });
    expect(await refusalOf(admin.command({ listStreamProcessors: 1, filter: 1 }))).toMatchObject({ code: 14 });
  });

  test("the defaults of the workspace, and one processor", async () => {
    const { connect } = await openWire(mongod);
    const admin = connect();
    expect(await admin.command({ listWorkspaceDefaults: 1 })).toEqual({
      defaultTierSize: "SP10",
      maxTierSize: "SP50",
      ok: 1,
    });
    const pipeline = [eventsOf(mongod.db, freshName()), mergeInto(mongod.db, freshName())];
    await admin.command({
      createStreamProcessor: "p",
      pipeline,
      options: { dlq: { connectionName: "c", db: "d", coll: "l" } },
    });
    expect(await admin.command({ getStreamProcessor: "p" })).toMatchObject({
      name: "p",
      state: "CREATED",
      pipelineVersion: 1,
      hasStarted: false,
      dlq: { coll: "l" },
      lastModifiedAt: expect.any(Date),
      stats: { inputMessageCount: 0 },
    });
  });
});

describe("options are taken wherever clients put them", () => {
  const pipeline = (): Document[] => [eventsOf(mongod.db, freshName()), mergeInto(mongod.db, freshName())];
  const dlq = { connectionName: "c", db: "d", coll: "l" };

  test("of a creation and a change", async () => {
    const { connect } = await openWire(mongod);
    const admin = connect();
    await admin.command({ createStreamProcessor: "inside", pipeline: pipeline(), options: { dlq, tier: "SP30" } });
    await admin.command({ createStreamProcessor: "beside", pipeline: pipeline(), dlq, tier: "SP30", options: null });
    const { streamProcessors } = await admin.command({ listStreamProcessors: 1 });
    for (const one of streamProcessors) expect(one).toMatchObject({ options: { dlq }, tier: "SP30" });
    const changed = pipeline();
    await admin.command({
      modifyStreamProcessor: "beside",
      dlq: {},
      resumeFromCheckpoint: false,
      pipeline: changed,
    });
    await admin.command({
      modifyStreamProcessor: "inside",
      options: { dlq: {}, resumeFromCheckpoint: false },
      pipeline: changed,
    });
    await admin.command({ modifyStreamProcessor: "inside", pipeline: null, tier: "SP10", autoscaling: null });
    const after = await admin.command({ listStreamProcessors: 1 });
    for (const one of after["streamProcessors"]) {
      expect(one["pipeline"]).toEqual(changed);
      expect(one["options"]?.dlq).toBeUndefined();
    }
  });

  test("of a start, a stop, statistics and a drop", async () => {
    const { connect } = await openWire(mongod);
    const admin = connect();
    for (const placed of [
      { resumeFromCheckpoint: false, tier: "SP30", workers: 1 },
      { options: { resumeFromCheckpoint: false, tier: "SP30" } },
      { options: { clearCheckpoints: true, enableAutoScaling: true } },
    ]) {
      await admin.command({ createStreamProcessor: "p", pipeline: pipeline() });
      await admin.command({ startStreamProcessor: "p", ...placed });
      const flat = await admin.command({ getStreamProcessorStats: "p", verbose: true, scale: 1024 });
      const nested = await admin.command({ getStreamProcessorStats: "p", options: { verbose: true, scale: 1024 } });
      for (const { stats } of [flat, nested])
        expect(stats).toMatchObject({ scaleFactor: 1024, operatorStats: [{}, {}] });
      await admin.command({ stopStreamProcessor: "p", force: true });
      await admin.command({ dropStreamProcessor: "p", force: true, ttl: { unit: "day", size: 30 } });
    }
  });

  test("an unknown one is refused, or ignored where that was asked for", async () => {
    const { connect } = await openWire(mongod);
    const admin = connect();
    const create = { createStreamProcessor: "p", pipeline: pipeline() };
    expect(await refusalOf(admin.command({ ...create, options: { teir: "SP10" } }))).toEqual({
      code: 72,
      text: "`createStreamProcessor` has no option `teir`; did you mean `tier`?",
    });
    expect(await refusalOf(admin.command({ ...create, tier: "SP10", options: { tier: "SP10" } }))).toMatchObject({
      code: 72,
    });
    expect(await refusalOf(admin.command({ ...create, options: [] }))).toMatchObject({ code: 14 });
    const lenient = await openWire(mongod, { unknownOptions: "ignore" });
    await lenient.connect().command({ ...create, options: { teir: "SP10" } });
    expect(lenient.tenant.workspace.list()).toMatchObject([{ name: "p" }]);
  });
});

describe("what is refused leaves the connection as it is", () => {
  const refusals: readonly (readonly [string, Document, number, RegExp])[] = [
    ["an empty name", { createStreamProcessor: "", pipeline: [] }, 2, /needs the name/u],
    ["a name that is none", { startStreamProcessor: 1 }, 14, /must be the name of a processor/u],
    [
      "a field that there is not",
      { createStreamProcessor: "p", pipeline: [{ $source: { conectionName: "c" } }, { $merge: {} }] },
      9,
      /^IDLUnknownField: .*conectionName.*\[ASP5192\]$/u,
    ],
    ["an empty pipeline", { createStreamProcessor: "p", pipeline: [] }, 9, /`p` is refused/u],
    ["an empty pipeline to process", { processStreamProcessor: [] }, 9, /is refused/u],
    ["a pipeline that is no array", { createStreamProcessor: "p", pipeline: {} }, 14, /array of stages/u],
    ["no pipeline", { createStreamProcessor: "p" }, 14, /array of stages/u],
    ["stages that are none", { processStreamProcessor: [1] }, 14, /array of stages/u],
    [
      "a connection that there is not",
      {
        createStreamProcessor: "p",
        pipeline: [
          { $source: { connectionName: "x", db: "d", coll: "e" } },
          { $merge: { into: { connectionName: "c", db: "d", coll: "o" } } },
        ],
      },
      9,
      /connection named x does not exist\. Check sp\.listConnections\(\)/u,
    ],
    ["a processor that there is not", { stopStreamProcessor: "nobody" }, 125, /stream processor doesn't exist/u],
    ["a sample of none", { startSampleStreamProcessor: "nobody" }, 125, /doesn't exist/u],
    [
      "a cursor that there is not",
      { getMoreSampleStreamProcessor: "p", cursorId: Long.fromNumber(7) },
      43,
      /cursor id 7/u,
    ],
    ["a cursor that is none", { getMoreSampleStreamProcessor: "p", cursorId: "7" }, 14, /number/u],
    ["a failover", { startStreamProcessor: "p", failover: { region: "x" } }, 125, /doesn't exist/u],
    [
      "a command that there is not",
      { aggregate: "atlascli", pipeline: [], cursor: {} },
      59,
      /no such command: 'aggregate'/u,
    ],
    ["a parameter that there is not", { getParameter: "foo" }, 72, /no option found to get/u],
  ];

  test("a command that is wrong", async () => {
    const { connect, lines } = await openWire(mongod);
    const admin = connect({ maxPoolSize: 1 });
    for (const [what, command, code, text] of refusals) {
      const refusal = await refusalOf(admin.command(command));
      expect.soft(refusal, what).toEqual({ code, text: expect.stringMatching(text) });
      expect.soft(await admin.command({ ping: 1 }), what).toEqual({ ok: 1 });
    }
    expect(lines).toEqual([]);
  });

  test("a command in a wrong state", async () => {
    const { connect } = await openWire(mongod);
    const admin = connect();
    const pipeline = [eventsOf(mongod.db, freshName()), mergeInto(mongod.db, freshName())];
    await admin.command({ createStreamProcessor: "p", pipeline });
    expect(await refusalOf(admin.command({ createStreamProcessor: "p", pipeline }))).toMatchObject({ code: 125 });
    expect(await refusalOf(admin.command({ stopStreamProcessor: "p" }))).toMatchObject({ code: 125 });
    await admin.command({ startStreamProcessor: "p" });
    expect(await refusalOf(admin.command({ startStreamProcessor: "p" }))).toMatchObject({ code: 125 });
    expect(await refusalOf(admin.command({ modifyStreamProcessor: "p", tier: "SP30" }))).toEqual({
      code: 125,
      text: expect.stringContaining("must be stopped"),
    });
  });

  test("commands of streams in another database", async () => {
    const { connect } = await openWire(mongod);
    const { client } = connect();
    expect(await refusalOf(client.db("test").command({ listStreamProcessors: 1 }))).toMatchObject({ code: 13 });
    expect(await client.db("test").command({ ping: 1 })).toEqual({ ok: 1 });
  });
});

describe("who may do what", () => {
  test("a wrong password and an unknown user get the same answer", async () => {
    const { connect, lines } = await openWire(mongod);
    for (const [username, password] of [
      ["alice", "wrong"],
      ["nobody", "wrong"],
    ] as const) {
      for (const authMechanism of ["SCRAM-SHA-1", "SCRAM-SHA-256"] as const) {
        const admin = connect({ auth: { username, password }, authMechanism });
        expect(await refusalOf(admin.command({ ping: 1 }))).toEqual({ code: 18, text: "Authentication failed." });
      }
    }
    expect(lines.length).toBeGreaterThanOrEqual(4);
    expect(
      lines.every((line) =>
        /^127\.0\.0\.1:\d+: login as `(?:alice|nobody)` failed: a proof that is wrong$/u.test(line),
      ),
    ).toBe(true);
  });

  test("without a login only the handshake is answered", async () => {
    const { connect } = await openWire(mongod);
    const admin = connect({ isNobody: true });
    for (const command of [
      { listStreamProcessors: 1 },
      { createStreamProcessor: "p", pipeline: [] },
      { getParameter: 1, featureCompatibilityVersion: 1 },
      { atlasVersion: 1 },
    ]) {
      expect(await refusalOf(admin.command(command))).toMatchObject({ code: 13 });
    }
    expect(await admin.command({ hello: 1 })).toMatchObject({ isWritablePrimary: true, ok: 1 });
    expect(await admin.command({ connectionStatus: 1 })).toMatchObject({ authInfo: { authenticatedUsers: [] } });
  });

  test("who may only read sees everything and changes nothing", async () => {
    const { connect, tenant } = await openWire(mongod);
    const pipeline = [eventsOf(mongod.db, freshName()), mergeInto(mongod.db, freshName())];
    await tenant.workspace.create({ name: "p", pipeline });
    const admin = connect({ auth: { username: reader.name, password: reader.password } });
    for (const command of [
      { listStreamProcessors: 1, filter: { name: "p" } },
      { listStreamConnections: 1 },
      { listWorkspaceDefaults: 1 },
      { getStreamProcessor: "p" },
      { getStreamProcessorStats: "p" },
    ]) {
      expect(await admin.command(command)).toMatchObject({ ok: 1 });
    }
    for (const [command, action] of [
      [{ createStreamProcessor: "q", pipeline }, "createStreamProcessor"],
      [{ processStreamProcessor: pipeline }, "processStreamProcessor"],
      [{ startStreamProcessor: "p" }, "startStreamProcessor"],
      [{ stopStreamProcessor: "p" }, "stopStreamProcessor"],
      [{ modifyStreamProcessor: "p", tier: "SP30" }, "modifyStreamProcessor"],
      [{ dropStreamProcessor: "p" }, "dropStreamProcessor"],
      [{ startSampleStreamProcessor: "p" }, "sampleStreamProcessor"],
      [{ getMoreSampleStreamProcessor: "p", cursorId: 1 }, "sampleStreamProcessor"],
    ] as const) {
      expect(await refusalOf(admin.command(command))).toEqual({
        code: 13,
        text: expect.stringContaining(`missing privilege for action ${action}`),
      });
    }
    expect(tenant.workspace.list()).toMatchObject([{ name: "p", state: "CREATED", tier: "SP10" }]);
    expect(await admin.command({ connectionStatus: 1 })).toMatchObject({
      authInfo: { authenticatedUserRoles: [{ role: "readAnyDatabase" }] },
    });
  });

  test("changes are in the audit log, with who made them", async () => {
    const { connect, tenant } = await openWire(mongod);
    const admin = connect();
    const pipeline = [eventsOf(mongod.db, freshName()), mergeInto(mongod.db, freshName())];
    await admin.command({ createStreamProcessor: "p", pipeline });
    await admin.command({ listStreamProcessors: 1 });
    await admin.command({ dropStreamProcessor: "p" });
    const entries = (await tenant.logs({ kind: "audit" })).filter(({ processor }) => processor === "p");
    expect(entries.map(({ message, detail }) => [message, detail?.["user"]])).toEqual([
      ["createStreamProcessor", "alice"],
      ["dropStreamProcessor", "alice"],
    ]);
  });
});

describe("process", () => {
  const documents = Array.from({ length: 12 }, (_, index) => ({ _id: index }));

  test("hands over everything, also what became dead letters, and its name is dropped", async () => {
    const { connect } = await openWire(mongod);
    const admin = connect();
    const pipeline = [{ $source: { documents } }, { $set: { a: { $divide: [1, "$_id"] } } }];
    const { name, cursorId } = await admin.command({ processStreamProcessor: pipeline, options: {} });
    let next: unknown = cursorId;
    const messages: Document[] = [];
    while (String(next) !== "0") {
      const reply = await admin.command({ getMoreSampleStreamProcessor: name, cursorId: next, batchSize: 7 });
      expect(reply["messages"].length).toBeLessThanOrEqual(7);
      messages.push(...reply["messages"]);
      next = reply["cursorId"];
    }
    expect(messages.filter((message) => "_dlqMessage" in message)).toMatchObject([
      { _dlqMessage: { doc: { _id: 0 } } },
    ]);
    expect(messages).toHaveLength(12);
    expect(await admin.command({ dropStreamProcessor: name })).toEqual({ ok: 1 });
    expect(await refusalOf(admin.command({ dropStreamProcessor: name }))).toMatchObject({ code: 125 });
  });

  const changing = (): Document[] => [eventsOf(mongod.db, freshName()), mergeInto(mongod.db, freshName())];
  const isOver = async (admin: Db, name: string): Promise<boolean> =>
    admin.command({ dropStreamProcessor: name }).then(
      () => false,
      () => true,
    );

  test("an interrupt drops it while it runs", async () => {
    const { connect } = await openWire(mongod);
    const admin = connect();
    const { name, cursorId } = await admin.command({ processStreamProcessor: changing() });
    expect(await admin.command({ getMoreSampleStreamProcessor: name, cursorId })).toMatchObject({ messages: [] });
    await admin.command({ dropStreamProcessor: name });
    expect(await refusalOf(admin.command({ getMoreSampleStreamProcessor: name, cursorId }))).toMatchObject({
      code: 43,
    });
  });

  test("it is dropped when its client goes away, and not while another one asks for it", async () => {
    const { connect } = await openWire(mongod, { limits: { abandonedMs: 50 } });
    const [first, second, watcher] = [connect({ maxPoolSize: 1 }), connect({ maxPoolSize: 1 }), connect()];
    const { name, cursorId } = await first.command({ processStreamProcessor: changing() });
    await second.command({ getMoreSampleStreamProcessor: name, cursorId });
    await first.client.close();
    await new Promise((resolve) => setTimeout(resolve, 150));
    await second.command({ getMoreSampleStreamProcessor: name, cursorId });
    await second.client.close();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await isOver(watcher, name)).toBe(true);
  });

  test("it is dropped when its client goes away before it has heard of it", async () => {
    const { tenant, server } = await openWire(mongod, { users: [], limits: { abandonedMs: 50 } });
    const client = await connectRaw(server.port);
    client.send(opMsg({ processStreamProcessor: changing(), $db: "admin" }));
    client.leave();
    const checkpoints = mongod.client.db(`asp_${tenant.record.id}`).collection("asp_checkpoints");
    const actions = async (): Promise<readonly string[]> =>
      (await tenant.logs({ kind: "audit" })).map(({ message }) => message);
    await expect.poll(actions, { timeout: 5000 }).toContain("processStreamProcessor");
    await expect.poll(() => checkpoints.countDocuments(), { timeout: 5000 }).toBe(0);
  });

  test("it is dropped when nobody asks for it any more", async () => {
    const { connect } = await openWire(mongod, { limits: { sampleIdleMs: 100 } });
    const admin = connect();
    const { name } = await admin.command({ processStreamProcessor: changing() });
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(await isOver(admin, name)).toBe(true);
  });
});

describe("a sample", () => {
  test("ends with its limit, and its last documents come with the end", async () => {
    const wire = await openWire(mongod);
    const admin = wire.connect();
    const from = freshName();
    await admin.command({
      createStreamProcessor: "p",
      pipeline: [eventsOf(mongod.db, from), mergeInto(mongod.db, freshName())],
    });
    await admin.command({ startStreamProcessor: "p" });
    const start = { startSampleStreamProcessor: "p", limit: 3 };
    const sampling = sample(admin, "p", 100, start);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await insert(
      mongod,
      mongod.db,
      from,
      Array.from({ length: 9 }, (_, index) => ({ _id: index })),
    );
    const { messages, cursorId } = await sampling;
    expect([messages.map(({ _id }) => _id), cursorId]).toEqual([[0, 1, 2], "0"]);
  });

  test("is one user's own, has another cursor with each reply, and is over after a while", async () => {
    const wire = await openWire(mongod, { limits: { sampleIdleMs: 300, openSamples: 2 } });
    const admin = wire.connect();
    await admin.command({
      createStreamProcessor: "p",
      pipeline: [eventsOf(mongod.db, freshName()), mergeInto(mongod.db, freshName())],
    });
    await admin.command({ startStreamProcessor: "p" });
    const { cursorId } = await admin.command({ startSampleStreamProcessor: "p" });
    const more = (cursor: unknown): Promise<Document> =>
      admin.command({ getMoreSampleStreamProcessor: "p", cursorId: cursor });
    const { cursorId: next } = await more(cursorId);
    expect(String(next)).not.toBe(String(cursorId));
    await more(next);
    await more(cursorId);
    expect(await refusalOf(admin.command({ getMoreSampleStreamProcessor: "q", cursorId }))).toMatchObject({ code: 43 });
    await admin.command({ startSampleStreamProcessor: "p" });
    expect(await refusalOf(admin.command({ startSampleStreamProcessor: "p" }))).toMatchObject({ code: 125 });
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(await refusalOf(more(cursorId))).toMatchObject({ code: 43 });
    await admin.command({ startSampleStreamProcessor: "p" });
  });
});

describe("an endpoint", () => {
  test("does not start on a port that is taken, nor open to others without users", async () => {
    const wire = await openWire(mongod);
    const { tenant, server } = wire;
    await expect(startWireServer({ tenant, users: [alice], port: server.port })).rejects.toMatchObject({
      code: "ASP5308",
    });
    await expect(startWireServer({ tenant, users: [], host: "0.0.0.0" })).rejects.toMatchObject({ code: "ASP5351" });
  });

  test("asks nobody for a password where there are no users", async () => {
    const { connect } = await openWire(mongod, { users: [] });
    const admin = connect({ isNobody: true });
    expect(await admin.command({ listStreamProcessors: 1 })).toMatchObject({ ok: 1 });
  });

  test("closes while its clients are there, lets a command come to its end, and frees the port", async () => {
    const { connect, server, tenant } = await openWire(mongod);
    const admin = connect();
    const pipeline = [eventsOf(mongod.db, freshName()), mergeInto(mongod.db, freshName())];
    await admin.command({ createStreamProcessor: "p", pipeline });
    const starting = admin.command({ startStreamProcessor: "p" });
    await new Promise((resolve) => setTimeout(resolve, 20));
    await server.close();
    expect(await starting).toEqual({ ok: 1 });
    await server.close();
    expect(tenant.workspace.get("p").state).toBe("STARTED");
    const again = await startWireServer({ tenant, users: [alice], port: server.port });
    await again.close();
  });
});
