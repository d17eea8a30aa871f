import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventsOf, freshName, mergeInto } from "../../engine/support.ts";
import { connectMongod, type TestDatabase } from "../../support/mongod.ts";
import { idsIn, insert } from "../workspace/support.ts";
import { openApi, type TestApi } from "./support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const virginia = { cloudProvider: "AWS", region: "VIRGINIA_USA" };

async function withWorkspace(): Promise<TestApi> {
  const api = await openApi(mongod);
  await api.call("POST", "/streams", { name: "w", dataProcessRegion: virginia });
  await api.call("POST", "/streams/w/connections", { name: "c", type: "Cluster", clusterName: "Cluster0" });
  return api;
}

describe("workspaces", () => {
  test("are made, shown, listed, changed and deleted", async () => {
    const api = await openApi(mongod);
    const made = await api.call("POST", "/streams", { name: "w", dataProcessRegion: virginia });
    expect(made.json).toEqual({
      _id: expect.stringMatching(/^[0-9a-f]{24}$/),
      dataProcessRegion: virginia,
      failoverRegions: [],
      groupId: api.project.id,
      hostnames: [],
      name: "w",
      streamConfig: { tier: "SP30" },
    });
    expect(made.headers.get("content-type")).toBe("application/vnd.atlas.2023-02-01+json;charset=utf-8");
    expect(Object.keys(made.json)).toEqual(Object.keys(made.json).toSorted());
    expect((await api.call("GET", "/streams/w")).json).toEqual(made.json);
    const changed = await api.call("PATCH", "/streams/w", { streamConfig: { tier: "SP10", maxTierSize: "SP30" } });
    expect(changed.json).toMatchObject({ streamConfig: { tier: "SP10", maxTierSize: "SP30" } });
    const moved = await api.call("PATCH", "/streams/w", { cloudProvider: "AZURE", region: "eastus" });
    expect(moved.json).toMatchObject({ dataProcessRegion: { cloudProvider: "AZURE", region: "eastus" } });
    expect((await api.call("GET", "/streams")).json).toMatchObject({ totalCount: 1, results: [{ name: "w" }] });
    const gone = await api.call("DELETE", "/streams/w");
    expect([gone.status, gone.text]).toEqual([202, "{}"]);
    expect((await api.call("GET", "/streams/w")).json).toMatchObject({
      error: 404,
      errorCode: "STREAM_TENANT_NOT_FOUND_FOR_NAME",
      parameters: [api.project.id, "w"],
    });
  });

  test("come with a sample connection where they are asked to, and show connections only then", async () => {
    const api = await openApi(mongod);
    await api.call("POST", "/streams:withSampleConnections", { name: "a", dataProcessRegion: virginia });
    await api.call("POST", "/streams", { name: "b", dataProcessRegion: virginia, sampleConnections: { solar: true } });
    for (const name of ["a", "b"]) {
      const { json } = await api.call("GET", `/streams/${name}?includeConnections=true`);
      expect(json["connections"]).toMatchObject([{ name: "sample_stream_solar", type: "Sample", state: "READY" }]);
      expect((await api.call("GET", `/streams/${name}`)).json).not.toHaveProperty("connections");
    }
  });

  test.each([
    ["a name that is taken", { name: "w" }, 409, "STREAM_TENANT_NAME_ALREADY_EXISTS"],
    ["a name that cannot be", { name: "a b" }, 400, "INVALID_ATTRIBUTE"],
    [
      "a region of another form",
      { dataProcessRegion: { cloudProvider: "AWS", region: "us-east-1" } },
      400,
      "INVALID_ATTRIBUTE",
    ],
    ["a name that is a path", { name: "accountDetails" }, 400, "INVALID_ATTRIBUTE"],
    ["a tier above the largest", { streamConfig: { tier: "SP30", maxTierSize: "SP10" } }, 400, "INVALID_ATTRIBUTE"],
    ["a tier that there is not", { streamConfig: { tier: "SP11" } }, 400, "INVALID_ATTRIBUTE"],
    ["a field that nobody knows", { tier: "SP10" }, 400, "INVALID_ATTRIBUTE"],
    ["no region", { dataProcessRegion: undefined }, 400, "INVALID_ATTRIBUTE"],
  ])("are refused with %s", async (_, change, status, errorCode) => {
    const api = await withWorkspace();
    const { json } = await api.call("POST", "/streams", { name: "v", dataProcessRegion: virginia, ...change });
    expect(json).toMatchObject({ error: status, errorCode, reason: expect.any(String), detail: expect.any(String) });
    expect(api.project.tenants()).toHaveLength(1);
  });

  test("stop and start all processors at once, and stay while one runs", async () => {
    const api = await withWorkspace();
    for (const name of ["p", "q"]) {
      const pipeline = [eventsOf(mongod.db, freshName()), mergeInto(mongod.db, freshName())];
      await api.call("POST", "/streams/w/processor", { name, pipeline });
    }
    const states = async (): Promise<unknown> =>
      (await api.call("GET", "/streams/w/processors")).json["results"].map(({ state }: { state: string }) => state);
    const bulk = (processorStatus: object) => api.call("PATCH", "/streams/w", { processorStatus });
    await bulk({ status: "STARTED" });
    expect(await states()).toEqual(["STARTED", "STARTED"]);
    expect((await api.call("DELETE", "/streams/w")).json).toMatchObject({
      error: 403,
      errorCode: "STREAM_TENANT_HAS_STREAM_PROCESSORS",
      // Words that clients look for.
      detail: expect.stringMatching(/active.*processor/i),
    });
    await bulk({ status: "STOPPED", mode: "GRACEFUL" });
    expect(await states()).toEqual(["STOPPED", "STOPPED"]);
    await bulk({ status: "STARTED" });
    await bulk({ status: "STOPPED", mode: "FORCED" });
    expect(await states()).toEqual(["STOPPED", "STOPPED"]);
    expect((await bulk({ status: "FAILED_OVER", region: "OHIO_USA" })).status).toBe(400);
    expect((await api.call("DELETE", "/streams/w")).status).toBe(202);
  });
});

describe("connections", () => {
  test("are PENDING, then READY; what is secret never comes back", async () => {
    const api = await withWorkspace();
    const secrets = { password: "S3CRET", sslKey: "S3CRET", sslKeyPassword: "S3CRET", clientSecret: "S3CRET" };
    const body = {
      name: "k",
      type: "Kafka",
      bootstrapServers: "a:9092,b:9092",
      authentication: { mechanism: "PLAIN", username: "u", ...secrets },
      security: { protocol: "SASL_SSL" },
      config: { "auto.offset.reset": "earliest", password: "shown" },
    };
    const made = await api.call("POST", "/streams/w/connections", body);
    expect(made.json).toEqual({
      authentication: { mechanism: "PLAIN", username: "u" },
      bootstrapServers: "a:9092,b:9092",
      config: { "auto.offset.reset": "earliest", password: "shown" },
      id: expect.any(String),
      name: "k",
      networking: { access: { type: "PUBLIC" } },
      region: "VIRGINIA_USA",
      security: { protocol: "SASL_SSL" },
      state: "PENDING",
      type: "Kafka",
    });
    const shown = await api.call("GET", "/streams/w/connections/k");
    expect(shown.json).toEqual({ ...made.json, state: "READY" });
    const patched = await api.call("PATCH", "/streams/w/connections/k", {
      name: "k",
      type: "Kafka",
      bootstrapServers: "c:1",
    });
    expect(patched.json).toMatchObject({ bootstrapServers: "c:1", authentication: { username: "u" } });
    const listed = await api.call("GET", "/streams/w/connections");
    const whole = await api.call("GET", "/streams/w?includeConnections=true");
    for (const { text } of [made, shown, patched, listed, whole]) expect(text).not.toContain("S3CRET");
    expect(api.project.find("w")?.connections.find("k")?.settings.authentication?.password).toBe("S3CRET");
    expect((await api.call("DELETE", "/streams/w/connections/k")).text).toBe("{}");
    expect((await api.call("GET", "/streams/w/connections/k")).json).toMatchObject({
      error: 404,
      errorCode: "STREAM_CONNECTION_NOT_FOUND_FOR_NAME",
    });
  });

  test("keep a secret that a change does not bring, as long as its user stays", async () => {
    const api = await withWorkspace();
    const authentication = { mechanism: "PLAIN", username: "u", password: "S3CRET" };
    await api.call("POST", "/streams/w/connections", { name: "k", type: "Kafka", authentication });
    const { json } = await api.call("GET", "/streams/w/connections/k");
    const patch = async (own: object): Promise<unknown> => {
      await api.call("PATCH", "/streams/w/connections/k", own);
      return api.project.find("w")?.connections.find("k")?.settings.authentication;
    };
    expect(await patch({ ...json, bootstrapServers: "a:1" })).toEqual(authentication);
    expect(await patch({ authentication: { ...json["authentication"], password: "other" } })).toMatchObject({
      password: "other",
    });
    expect(await patch({ authentication: { mechanism: "PLAIN", username: "v" } })).toEqual({
      mechanism: "PLAIN",
      username: "v",
    });
  });

  test.each([
    ["a name that is taken", { name: "c", type: "Cluster", clusterName: "Cluster0" }, 409],
    ["another type's field", { name: "d", type: "Kafka", url: "http://a" }, 400],
    ["a type that there is not", { name: "d", type: "Kafkaa" }, 400],
    ["a cluster that there is not", { name: "d", type: "Cluster", clusterName: "Cluster9" }, 400],
    ["servers as an array", { name: "d", type: "Kafka", bootstrapServers: ["a:1"] }, 400],
    ["no type", { name: "d" }, 400],
    ["no name", { type: "Https" }, 400],
  ])("are refused with %s", async (_, body, status) => {
    const api = await withWorkspace();
    const { json } = await api.call("POST", "/streams/w/connections", body);
    expect(json).toMatchObject({ error: status, errorCode: expect.any(String) });
  });

  test("keep their name and type, and are read-only while a started processor uses them", async () => {
    const api = await withWorkspace();
    const patch = (body: object) => api.call("PATCH", "/streams/w/connections/c", body);
    expect((await patch({ name: "d" })).status).toBe(400);
    expect((await patch({ type: "Kafka" })).status).toBe(400);
    const pipeline = [eventsOf(mongod.db, freshName()), mergeInto(mongod.db, freshName())];
    await api.call("POST", "/streams/w/processor", { name: "p", pipeline });
    await api.call("POST", "/streams/w/processor/p:start");
    const refused = { error: 403, errorCode: "STREAM_CONNECTION_HAS_STREAM_PROCESSORS" };
    expect((await patch({ clusterName: "Cluster0" })).json).toMatchObject(refused);
    expect((await api.call("DELETE", "/streams/w/connections/c")).json).toMatchObject(refused);
    await api.call("POST", "/streams/w/processor/p:stop");
    expect((await api.call("DELETE", "/streams/w/connections/c")).status).toBe(202);
  });
});

describe("processors", () => {
  test("are created, started, read, stopped, changed, renamed and deleted while events flow", async () => {
    const api = await withWorkspace();
    const [from, to] = [freshName(), freshName()];
    const pipeline = [eventsOf(mongod.db, from), mergeInto(mongod.db, to)];
    const dlq = { connectionName: "c", db: mongod.db, coll: freshName() };
    const made = await api.call("POST", "/streams/w/processor", {
      name: "p",
      pipeline,
      options: { dlq },
      tier: "SP10",
    });
    expect(made.json).toEqual({ _id: expect.any(String), name: "p", options: { dlq }, pipeline, tier: "SP10" });
    const one = "/streams/w/processor/p";
    expect((await api.call("GET", one)).json).toMatchObject({
      _id: made.json["_id"],
      state: "CREATED",
      tier: "SP10",
      effectiveTier: "SP10",
      stats: { inputMessageCount: 0, outputMessageCount: 0, dlqMessageCount: 0 },
    });
    expect((await api.call("POST", `${one}:start`)).text).toBe("{}");
    await insert(mongod, mongod.db, from, [{ _id: 1 }, { _id: 2 }]);
    await api.project.find("w")?.workspace.caughtUp();
    expect(await idsIn(mongod, mongod.db, to)).toEqual([1, 2]);
    const running = await api.call("GET", one);
    expect(running.json).toMatchObject({ state: "STARTED", stats: { inputMessageCount: 2, outputMessageCount: 2 } });
    expect((await api.call("PATCH", one, { name: "q" })).json).toMatchObject({
      error: 400,
      errorCode: "STREAM_PROCESSOR_GENERIC_ERROR",
      detail: expect.stringContaining("must be stopped"),
    });
    await api.call("POST", `${one}:stop`);
    const changed = await api.call("PATCH", one, { name: "q", tier: "SP30", options: { dlq: {} } });
    expect(changed.json).toMatchObject({ _id: made.json["_id"], name: "q", state: "STOPPED", tier: "SP30" });
    expect(changed.json).not.toHaveProperty("options");
    await insert(mongod, mongod.db, from, [{ _id: 3 }]);
    await api.call("POST", "/streams/w/processor/q:startWith", { tier: "SP50", resumeFromCheckpoint: true });
    await api.project.find("w")?.workspace.caughtUp();
    expect(await idsIn(mongod, mongod.db, to)).toEqual([1, 2, 3]);
    expect((await api.call("GET", "/streams/w/processor/q")).json).toMatchObject({ state: "STARTED", tier: "SP50" });
    const gone = await api.call("DELETE", "/streams/w/processor/q");
    expect([gone.status, gone.text]).toEqual([204, ""]);
    expect((await api.call("GET", "/streams/w/processor/q")).json).toMatchObject({ error: 404 });
  });

  test("keep types and the order of keys, and come back as plain JSON", async () => {
    const api = await withWorkspace();
    const [from, to] = [freshName(), freshName()];
    const [source, sink] = [JSON.stringify(eventsOf(mongod.db, from)), JSON.stringify(mergeInto(mongod.db, to))];
    const stage =
      '{"$set":{"b":{"z":1,"2":1.0,"1":{"$numberLong":"5"}},"a":{"$literal":5000000000},"d":{"$date":"2026-01-01T00:00:00Z"}}}';
    const text = `{"pipeline":[${source},${stage},${sink}],"name":"p"}`;
    const made = await api.call("POST", "/streams/w/processor", undefined, { text });
    expect(made.text).toContain(
      '{"$set":{"b":{"z":1,"2":1,"1":5},"a":{"$literal":5000000000},"d":{"$date":"2026-01-01T00:00:00Z"}}}',
    );
    await api.call("POST", "/streams/w/processor/p:start");
    await insert(mongod, mongod.db, from, [{ _id: 1 }]);
    await api.project.find("w")?.workspace.caughtUp();
    const raw = await mongod.client.db(mongod.db).collection(to).findOne({}, { promoteValues: false });
    expect(raw).toMatchObject({ b: { 2: { _bsontype: "Double", value: 1 }, 1: { _bsontype: "Long" } } });
    expect(raw?.["a"]).toMatchObject({ _bsontype: "Long" });
    expect((await api.call("GET", "/streams/w/processor/p")).text).toContain('"b":{"z":1,"2":1,"1":5}');
  });

  test("start and stop only from states that allow it, and are looked for by name", async () => {
    const api = await withWorkspace();
    const pipeline = [eventsOf(mongod.db, freshName()), mergeInto(mongod.db, freshName())];
    await api.call("POST", "/streams/w/processor", { name: "p", pipeline });
    expect((await api.call("POST", "/streams/w/processor", { name: "p", pipeline })).status).toBe(409);
    const generic = { error: 400, errorCode: "STREAM_PROCESSOR_GENERIC_ERROR" };
    expect((await api.call("POST", "/streams/w/processor/p:stop")).json).toMatchObject(generic);
    await api.call("POST", "/streams/w/processor/p:start");
    expect((await api.call("POST", "/streams/w/processor/p:start")).json).toMatchObject(generic);
    for (const [method, verb] of [
      ["GET", ""],
      ["DELETE", ""],
      ["POST", ":start"],
      ["POST", ":stop"],
    ] as const) {
      expect((await api.call(method, `/streams/w/processor/none${verb}`)).status).toBe(404);
    }
    expect((await api.call("PATCH", "/streams/w/processor/none", {})).json).toMatchObject({
      ...generic,
      detail: expect.stringContaining("stream processor doesn't exist"),
    });
    expect((await api.call("DELETE", "/streams/w/processor/p")).status).toBe(204);
  });

  test.each([
    [
      "a connection that there is not",
      [{ $source: { connectionName: "x", db: "a", coll: "b" } }],
      "connection named x does not exist. Check sp.listConnections()",
    ],
    ["a field that there is not", [{ $source: { connectionName: "c", db: "a", col: "b" } }], "IDLUnknownField"],
    ["no sink", [{ $source: { connectionName: "c", db: "a", coll: "b" } }], "sink"],
  ])("are refused with %s, in the service's words where they are known", async (_, pipeline, text) => {
    const api = await withWorkspace();
    const { json } = await api.call("POST", "/streams/w/processor", { name: "p", pipeline });
    expect(json).toMatchObject({
      error: 400,
      errorCode: "STREAM_PROCESSOR_GENERIC_ERROR",
      detail: expect.stringMatching(/^Streams Processor with this name \(p\) had a problem occur: /),
      parameters: ["p", expect.stringContaining(text)],
    });
    expect(api.project.find("w")?.workspace.list()).toEqual([]);
  });

  test("a change is refused in the same words, and leaves the processor as it was", async () => {
    const api = await withWorkspace();
    const pipeline = [eventsOf(mongod.db, freshName()), mergeInto(mongod.db, freshName())];
    await api.call("POST", "/streams/w/processor", { name: "p", pipeline });
    const before = (await api.call("GET", "/streams/w/processor/p")).json;
    const patch = (body: object) => api.call("PATCH", "/streams/w/processor/p", body);
    const dlq = { connectionName: "x", db: "a", coll: "b" };
    expect((await patch({ options: { dlq } })).json["detail"]).toContain("connection named x does not exist");
    expect((await patch({ pipeline: [...pipeline, { $set: { a: 1 } }] })).status).toBe(400);
    const other = [eventsOf(mongod.db, freshName()), pipeline[1]];
    expect((await patch({ pipeline: other })).json["detail"]).toContain("resumeFromCheckpoint: false");
    expect((await api.call("GET", "/streams/w/processor/p")).json).toEqual(before);
    expect((await patch({ pipeline: other, options: { resumeFromCheckpoint: false } })).json).toMatchObject({
      pipeline: other,
    });
  });

  test("a hundred of them are listed quickly, in pages", async () => {
    const api = await withWorkspace();
    const pipeline = [eventsOf(mongod.db, freshName()), mergeInto(mongod.db, freshName())];
    const { workspace } = api.project.find("w") ?? {};
    for (let index = 0; index < 110; index += 1) {
      await workspace?.create({ name: `p${index}`, pipeline });
    }
    const seen: string[] = [];
    for (const page of [1, 2]) {
      const started = performance.now();
      const { json } = await api.call("GET", `/streams/w/processors?pageNum=${page}`);
      expect(performance.now() - started).toBeLessThan(2000);
      expect(json["totalCount"]).toBe(110);
      seen.push(...json["results"].map(({ name }: { name: string }) => name));
    }
    expect(seen).toEqual(Array.from({ length: 110 }, (_, index) => `p${index}`));
  });

  test("a tier that is too small is refused at the start, with the text that clients read", async () => {
    const api = await withWorkspace();
    const sink = mergeInto(mongod.db, freshName());
    const pipeline = [eventsOf(mongod.db, freshName()), { $merge: { ...sink["$merge"], parallelism: 16 } }];
    expect((await api.call("POST", "/streams/w/processor", { name: "p", pipeline, tier: "SP2" })).status).toBe(200);
    expect((await api.call("POST", "/streams/w/processor/p:start")).json["detail"]).toContain(
      "Operator parallelism requested exceeds limit for this tier. (Requested: 15, Limit: 1). Minimum tier for this workload: SP30 or larger.",
    );
    expect((await api.call("POST", "/streams/w/processor/p:startWith", { tier: "SP30" })).status).toBe(200);
  });

  test("answer a dry run of a failover, and refuse the failover itself", async () => {
    const api = await withWorkspace();
    const pipeline = [eventsOf(mongod.db, freshName()), mergeInto(mongod.db, freshName())];
    await api.call("POST", "/streams/w/processor", { name: "p", pipeline });
    const ask = (failover: object) => api.call("POST", "/streams/w/processor/p:startWith", { failover });
    expect((await ask({ region: "OHIO_USA", dryRun: true })).json["detail"]).toContain("no failover region");
    await api.call("PATCH", "/streams/w", { failoverRegions: [{ cloudProvider: "AWS", region: "OHIO_USA" }] });
    expect((await api.call("GET", "/streams/w/processor/p")).json).toMatchObject({ eligibleForFailover: true });
    expect((await ask({ region: "OHIO_USA", dryRun: true })).status).toBe(200);
    expect((await ask({ region: "DUBLIN_IRL", dryRun: true })).status).toBe(400);
    expect((await ask({ region: "OHIO_USA" })).json["detail"]).toContain("one region");
    expect((await api.call("GET", "/streams/w/processor/p")).json).toMatchObject({ state: "CREATED" });
  });

  test("that fail say why", async () => {
    const api = await withWorkspace();
    await api.call("POST", "/streams/w/connections", { name: "d", type: "Cluster", clusterName: "Cluster0" });
    const sink = mergeInto(mongod.db, freshName());
    const pipeline = [{ $source: { connectionName: "d", db: mongod.db, coll: freshName() } }, sink];
    await api.call("POST", "/streams/w/processor", { name: "p", pipeline });
    await api.call("DELETE", "/streams/w/connections/d");
    await api.call("POST", "/streams/w/processor/p:start");
    expect((await api.call("GET", "/streams/w/processor/p")).json).toMatchObject({
      state: "FAILED",
      errorMsg: expect.stringContaining("connection named d does not exist"),
    });
  });
});

describe("logs", () => {
  test("are gzip with what has really happened, of the time and the processor that are asked for", async () => {
    const api = await withWorkspace();
    const pipeline = [eventsOf(mongod.db, freshName()), mergeInto(mongod.db, freshName())];
    await api.call("POST", "/streams/w/processor", { name: "p", pipeline });
    await api.call("POST", "/streams/w/processor/p:start");
    await api.call("POST", "/streams/w/processor/p:start");
    const { clientId } = (await import("./support.ts")).accountOf("admin");
    const load = async (path: string, date: string): Promise<readonly unknown[]> => {
      const reply = await fetch(`${api.origin}/api/atlas/v2/groups/${api.project.id}${path}`, {
        headers: {
          accept: `application/vnd.atlas.${date}+gzip`,
          authorization: `Bearer ${await api.tokenOf("admin")}`,
        },
      });
      expect(reply.headers.get("content-type")).toBe(`application/vnd.atlas.${date}+gzip`);
      expect(reply.headers.get("content-disposition")).toMatch(
        /^attachment; filename="w_\d+_\d+_(audit|operational)\.log\.gz"$/,
      );
      const lines = gunzipSync(Buffer.from(await reply.arrayBuffer()))
        .toString()
        .split("\n");
      return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as unknown);
    };
    const audit = await load("/streams/w/auditLogs?spName=p", "2023-02-01");
    expect(audit).toMatchObject([
      { kind: "audit", message: "createGroupStreamProcessor", detail: { who: clientId, status: 200 } },
      { message: "startGroupStreamProcessor", detail: { status: 200 } },
      { message: "startGroupStreamProcessor", detail: { status: 400, errorCode: "STREAM_PROCESSOR_GENERIC_ERROR" } },
    ]);
    const operational = await load("/streams/w:downloadOperationalLogs", "2025-03-12");
    expect(operational.map((each) => (each as { message: string }).message)).toEqual([
      "CREATED",
      "CREATED -> STARTING",
      "STARTING -> STARTED",
    ]);
    expect(await load("/streams/w/auditLogs?startDate=0&endDate=1", "2023-02-01")).toEqual([]);
    const asJson = await api.call("GET", "/streams/w/auditLogs");
    expect(asJson.json).toMatchObject({ error: 406, errorCode: "INVALID_VERSION_DATE" });
  });
});
