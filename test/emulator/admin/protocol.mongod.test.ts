import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AdminLogEntry } from "../../../src/emulator/admin/admin-server-types.ts";
import { operations } from "../../../src/emulator/admin/operations/all-operations.ts";
import { eventsOf, freshName, mergeInto } from "../../engine/support.ts";
import { connectMongod, type TestDatabase } from "../../support/mongod.ts";
import { nonceOf, sendDigest } from "./digest-client.ts";
import { accountOf, apiKeyOf, basic, latest, openApi, type TestApi } from "./support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const virginia = { cloudProvider: "AWS", region: "VIRGINIA_USA" };
const form = { "content-type": "application/x-www-form-urlencoded" };

describe("API keys", () => {
  test("open with Digest, whose query and body are the request's own", async () => {
    const api = await openApi(mongod);
    const { publicKey: user, privateKey: password } = apiKeyOf("admin");
    const path = `/api/atlas/v2/groups/${api.project.id}/streams?pretty=true`;
    const first = await api.send("POST", path);
    expect(first.status).toBe(401);
    expect(first.headers.get("www-authenticate")).toMatch(
      /^Digest realm="MMS Public API", domain="", nonce="[^"]+", algorithm=MD5, qop="auth", stale=false$/,
    );
    expect(first.json).toMatchObject({ error: 401, errorCode: expect.any(String), reason: "Unauthorized" });
    const nonce = nonceOf(first);
    const headers = { accept: latest, "content-type": "application/json" };
    const ask = { method: "POST", path, user, password, nonce, headers };
    const body = JSON.stringify({ name: "w", dataProcessRegion: virginia });
    expect((await sendDigest(api, { ...ask, body })).status).toBe(200);
    // Once more, replayed as it was; and for another address.
    const replayed = await sendDigest(api, { ...ask, body });
    expect([replayed.status, replayed.headers.get("www-authenticate")]).toEqual([
      401,
      expect.stringContaining("stale=true"),
    ]);
    const elsewhere = await sendDigest(api, { ...ask, uri: path.replace("?pretty=true", ""), nc: "00000002" });
    expect([elsewhere.status, elsewhere.headers.get("www-authenticate")]).toEqual([
      401,
      expect.stringContaining("stale=false"),
    ]);
    expect((await sendDigest(api, { ...ask, password: "x", nc: "00000003" })).status).toBe(401);
    expect((await sendDigest(api, { ...ask, method: "GET", nc: "00000004" })).json).toMatchObject({ totalCount: 1 });
  });

  test("are told where a nonce has grown too old", async () => {
    let time = Date.UTC(2026, 0, 1);
    const api = await openApi(mongod, { now: () => time });
    const { publicKey: user, privateKey: password } = apiKeyOf("admin");
    const path = `/api/atlas/v2/groups/${api.project.id}/streams`;
    const nonce = nonceOf(await api.send("GET", path));
    time += 6 * 60_000;
    const ask = { method: "GET", path, user, password, headers: { accept: latest } };
    const late = await sendDigest(api, { ...ask, nonce });
    expect(late.headers.get("www-authenticate")).toContain("stale=true");
    expect((await sendDigest(api, { ...ask, nonce: nonceOf(late) })).status).toBe(200);
  });
});

describe("service accounts", () => {
  const askToken = (api: TestApi, authorization: string, body: string, headers: Record<string, string> = form) =>
    api.send("POST", "/api/oauth/token", { headers: { ...headers, authorization }, body });

  test("get a token that is good for an hour, and until it is revoked", async () => {
    let time = Date.UTC(2026, 0, 1);
    const api = await openApi(mongod, { now: () => time });
    const { clientId, clientSecret } = accountOf("admin");
    const authorization = basic(clientId, clientSecret);
    const { json, headers } = await askToken(api, authorization, "grant_type=client_credentials");
    expect(json).toEqual({ access_token: expect.any(String), expires_in: 3600, token_type: "Bearer" });
    expect(headers.get("cache-control")).toBe("no-store");
    const token = String(json["access_token"]);
    const list = (bearer: string) =>
      api.send("GET", `/api/atlas/v2/groups/${api.project.id}/streams`, {
        headers: { accept: latest, authorization: `Bearer ${bearer}` },
      });
    expect((await list(token)).status).toBe(200);
    time += 3600_000;
    const expired = await list(token);
    expect([expired.status, expired.json["errorCode"]]).toEqual([401, expect.any(String)]);
    const next = await askToken(api, authorization, "grant_type=client_credentials");
    const other = String(next.json["access_token"]);
    expect((await list(other)).status).toBe(200);
    const revoke = (body: string) =>
      api.send("POST", "/api/oauth/revoke", { headers: { ...form, authorization }, body });
    expect((await revoke(`token=${encodeURIComponent(other)}&token_type_hint=access_token`)).status).toBe(200);
    expect((await list(other)).status).toBe(401);
    expect((await revoke("token=junk")).status).toBe(200);
    expect((await revoke("")).json).toMatchObject({ error: "invalid_request" });
  });

  test.each([
    ["another secret", basic(accountOf("admin").clientId, "x"), "grant_type=client_credentials", 401, "invalid_client"],
    ["another client", basic("nobody", ""), "grant_type=client_credentials", 401, "invalid_client"],
    ["no client", "", "grant_type=client_credentials", 401, "invalid_client"],
    ["another grant", undefined, "grant_type=password", 400, "unsupported_grant_type"],
    ["no grant", undefined, "", 400, "unsupported_grant_type"],
    ["a grant twice", undefined, "grant_type=a&grant_type=client_credentials", 400, "invalid_request"],
  ])("get none with %s", async (_, authorization, body, status, error) => {
    const api = await openApi(mongod);
    const { clientId, clientSecret } = accountOf("admin");
    const answer = await askToken(api, authorization ?? basic(clientId, clientSecret), body);
    expect([answer.status, answer.json["error"]]).toEqual([status, error]);
    expect(answer.text).not.toContain(clientSecret);
    const asJson = await askToken(api, basic(clientId, clientSecret), "{}", { "content-type": "application/json" });
    expect(asJson.json).toMatchObject({ error: "invalid_request" });
  });

  test("a read-only one reads what Project Read Only may, and nothing else", async () => {
    const api = await openApi(mongod);
    await api.call("POST", "/streams", { name: "w", dataProcessRegion: virginia });
    const as = "readOnly" as const;
    expect((await api.call("GET", "/streams", undefined, { as })).status).toBe(200);
    for (const [method, path] of [
      ["GET", "/streams/w/processors"],
      ["GET", "/streams/w"],
      ["POST", "/streams"],
      ["DELETE", "/streams/w"],
      ["GET", "/_emulator/faults"],
      ["GET", "/%5Femulator/faults"],
      ["GET", "/_emulator/clock"],
      ["POST", "/_emulator/clock"],
    ] as const) {
      const { status, json } = await api.call(method, path, method === "POST" ? {} : undefined, { as });
      expect([status, json["errorCode"]], path).toEqual([403, "USER_UNAUTHORIZED"]);
    }
    expect(api.project.tenants()).toHaveLength(1);
  });
});

describe("every operation", () => {
  /** With names that there are none of. */
  const pathsOf = (api: TestApi) =>
    operations.map((operation) => ({
      operation,
      path: `/api/atlas/v2${operation.path}`.replace("{groupId}", api.project.id).replaceAll(/\{\w+\}/g, "none"),
    }));

  test("asks who it is, before anything else", async () => {
    const api = await openApi(mongod);
    for (const { operation, path } of pathsOf(api)) {
      const { status, json } = await api.send(operation.method, path);
      expect([operation.id, status, json["error"]]).toEqual([operation.id, 401, 401]);
    }
    for (const path of ["/", "/api", "/_emulator/faults", "/nowhere"]) {
      expect((await api.send("GET", path)).status, path).toBe(401);
    }
  });

  test("has a version, and says which; an older one and none at all are refused", async () => {
    const api = await openApi(mongod);
    for (const { operation, path } of pathsOf(api)) {
      const suffix = operation.format;
      for (const accept of ["*/*", "application/json", `application/vnd.atlas.2023-01-01+${suffix}`]) {
        const { status, json } = await api.call(operation.method, path, undefined, { accept });
        expect([operation.id, status, json["errorCode"]]).toEqual([operation.id, 406, "INVALID_VERSION_DATE"]);
      }
      const newest = await api.call(operation.method, path, undefined, {
        accept: `application/vnd.atlas.2099-01-01+${suffix}`,
      });
      expect(newest.status, operation.id).not.toBe(406);
    }
  });

  test("is there by its own method only", async () => {
    const api = await openApi(mongod);
    for (const { operation, path } of pathsOf(api)) {
      const own = operations.filter(({ path: other }) => other === operation.path).map(({ method }) => method);
      for (const method of ["GET", "POST", "PATCH", "DELETE", "PUT"].filter((each) => !own.includes(each as never))) {
        const { status, headers, json } = await api.call(method, path, method === "GET" ? undefined : {});
        expect([path, method, status, json["error"]]).toEqual([path, method, 405, 405]);
        expect(headers.get("allow")?.split(", ").toSorted()).toEqual(own.toSorted());
      }
    }
  });

  test("is for this project only", async () => {
    const api = await openApi(mongod);
    const path = `/api/atlas/v2/groups/${"0".repeat(24)}/streams`;
    expect((await api.call("GET", path)).json).toMatchObject({ error: 404, errorCode: "GROUP_NOT_FOUND" });
  });
});

describe("paths", () => {
  test("that there are not are 404, with a body", async () => {
    const api = await openApi(mongod);
    for (const path of [
      "/streams/w/processors/p",
      "/streams/w/processor/p:pause",
      "/streams/w/processor/p/:start",
      "/streams/",
      "/streams/w/../w",
      "/streams//w",
      "/streams/%2e%2e/x/y",
      "/streams/w/connections/a/b",
    ]) {
      const { status, json } = await api.call("GET", path);
      expect([path, status, json["errorCode"]]).toEqual([path, 404, expect.any(String)]);
    }
  });

  test("may have their colon encoded, which the log shows", async () => {
    const log: AdminLogEntry[] = [];
    const api = await openApi(mongod, { log: (entry) => log.push(entry) });
    await api.call("POST", "/streams", { name: "w", dataProcessRegion: virginia });
    await api.call("POST", "/streams/w/connections", { name: "c", type: "Cluster", clusterName: "Cluster0" });
    const pipeline = [eventsOf(mongod.db, freshName()), mergeInto(mongod.db, freshName())];
    await api.call("POST", "/streams/w/processor", { name: "p", pipeline });
    expect((await api.call("POST", "/streams/w/processor/p%3Astart")).status).toBe(200);
    expect(log.at(-1)).toEqual({
      method: "POST",
      target: expect.stringContaining("/processor/p%3Astart"),
      status: 200,
      ms: expect.any(Number),
      who: accountOf("admin").clientId,
      operation: "startGroupStreamProcessor",
    });
  });
});

describe("replies", () => {
  test("come in pages, linked with each other, also of more than a hundred", async () => {
    const api = await openApi(mongod);
    const { resources } = api.project;
    await Promise.all(
      Array.from({ length: 130 }, (_, index) => resources.create("privateLink", { provider: "AWS", arn: `a${index}` })),
    );
    const seen: string[] = [];
    let target: string | undefined = `/api/atlas/v2/groups/${api.project.id}/streams/privateLinkConnections`;
    const sizes: number[] = [];
    while (target !== undefined) {
      const { json } = await api.call("GET", target);
      expect(json["totalCount"]).toBe(130);
      sizes.push(json["results"].length);
      seen.push(...json["results"].map(({ arn }: { arn: string }) => arn));
      const next: string | undefined = json["links"].find(({ rel }: { rel: string }) => rel === "next")?.href;
      target = next?.slice(api.origin.length);
    }
    expect(sizes).toEqual([100, 30]);
    expect(new Set(seen).size).toBe(130);
    const few = await api.call("GET", "/streams/privateLinkConnections?itemsPerPage=7&pageNum=2&includeCount=false");
    expect(few.json["results"]).toHaveLength(7);
    expect(few.json).not.toHaveProperty("totalCount");
    for (const query of ["itemsPerPage=0", "itemsPerPage=501", "pageNum=0", "itemsPerPage=x", "pageNum=1.5"]) {
      expect((await api.call("GET", `/streams/privateLinkConnections?${query}`)).status, query).toBe(400);
    }
  });

  test("come in an envelope or indented, where they are asked to", async () => {
    const api = await openApi(mongod);
    const { json } = await api.call("GET", "/streams?envelope=true");
    expect(json).toEqual({ content: expect.objectContaining({ results: [] }), envelope: true, status: 200 });
    expect((await api.call("GET", "/streams/none?envelope=true")).json).toMatchObject({
      status: 404,
      content: { error: 404 },
    });
    expect((await api.call("GET", "/streams")).text).not.toContain("\n");
    expect((await api.call("GET", "/streams?pretty=true")).text).toContain('\n  "results": []');
  });

  test("say how many requests are left, and refuse more where the limit is enforced", async () => {
    let time = Date.UTC(2026, 0, 1);
    const rate = { capacity: 2, refillPerMinute: 6, enforced: true };
    const api = await openApi(mongod, { now: () => time, limits: { rate } });
    const ask = () => api.call("GET", "/streams");
    const rest = ({ headers }: { headers: Headers }) => [
      headers.get("ratelimit-limit"),
      headers.get("ratelimit-remaining"),
    ];
    expect(rest(await ask())).toEqual(["2", "1"]);
    expect(rest(await ask())).toEqual(["2", "0"]);
    const refused = await ask();
    expect([refused.status, refused.headers.get("retry-after"), rest(refused)]).toEqual([429, "10", ["2", "0"]]);
    expect(refused.json).toMatchObject({
      errorCode: "RATE_LIMITED_TOKEN_BUCKET",
      parameters: [expect.stringContaining("/streams"), 10, 2, 6, 60],
    });
    time += 10_000;
    expect((await ask()).status).toBe(200);
    const usual = await openApi(mongod);
    expect(rest(await usual.call("GET", "/streams"))[0]).toBe("1200");
  });

  test("leave out what a body has too much, where that is not refused", async () => {
    const api = await openApi(mongod, { strict: false });
    const body = { name: "w", dataProcessRegion: virginia, colour: "red" };
    expect((await api.call("POST", "/streams", body)).status).toBe(200);
  });
});

describe("what is stored as it is sent", () => {
  test("private links echo, then are IDLE; one that a connection uses stays", async () => {
    const api = await openApi(mongod);
    const body = { provider: "AWS", serviceEndpointId: "com.amazonaws.vpce.1", dnsDomain: "a.b" };
    const all = "/streams/privateLinkConnections";
    const { json } = await api.call("POST", all, body);
    expect(json).toEqual({ _id: expect.any(String), ...body });
    const one = `${all}/${json["_id"]}`;
    expect((await api.call("GET", one)).json).toEqual({ ...json, state: "IDLE", vendor: "GENERIC" });
    expect((await api.call("POST", all, body)).json).toMatchObject({
      error: 409,
      errorCode: "STREAM_PRIVATE_LINK_ALREADY_EXISTS",
    });
    expect((await api.call("PATCH", one, { dnsDomain: "c.d" })).json).toMatchObject({ dnsDomain: "c.d" });
    expect((await api.call("PATCH", one, { arn: "x" })).status).toBe(400);
    await api.call("POST", "/streams", { name: "w", dataProcessRegion: virginia });
    const networking = { access: { type: "PRIVATE_LINK", connectionId: json["_id"] } };
    await api.call("POST", "/streams/w/connections", { name: "k", type: "Kafka", networking });
    expect((await api.call("DELETE", one)).json).toMatchObject({ errorCode: "STREAM_PRIVATE_LINK_IN_USE" });
    await api.call("DELETE", "/streams/w/connections/k");
    expect((await api.call("DELETE", one)).text).toBe("{}");
    expect((await api.call("GET", one)).status).toBe(404);
  });

  test("peerings are made at the cloud, then accepted or rejected", async () => {
    const api = await openApi(mongod);
    const peering = { requesterAccountId: "1", requesterVpcId: "vpc-1" };
    const ask = async () => String((await api.call("POST", "/_emulator/vpcPeeringConnections", peering)).json["_id"]);
    const [first, second] = [await ask(), await ask()];
    const all = "/streams/vpcPeeringConnections";
    expect((await api.call("GET", `${all}?requesterAccountId=1`)).json["results"]).toMatchObject([
      { _id: first, localStatus: "PENDING", groupId: api.project.id },
      { _id: second },
    ]);
    expect((await api.call("GET", `${all}?requesterAccountId=2`)).json["results"]).toEqual([]);
    expect((await api.call("POST", `${all}/${first}:accept`, { ...peering, requesterVpcId: "other" })).status).toBe(
      400,
    );
    expect((await api.call("POST", `${all}/${first}:accept`, peering)).status).toBe(202);
    expect((await api.call("POST", `${all}/${second}:reject`)).status).toBe(202);
    expect((await api.call("GET", "/streams/activeVpcPeeringConnections")).json["results"]).toMatchObject([
      { _id: first },
    ]);
    expect((await api.call("DELETE", `${all}/${second}`)).status).toBe(202);
    expect((await api.call("DELETE", `${all}/${second}`)).status).toBe(404);
  });

  test("failover connections belong to a connection of a type that has them, without its secrets", async () => {
    const api = await openApi(mongod);
    await api.call("POST", "/streams", { name: "w", dataProcessRegion: virginia });
    await api.call("POST", "/streams/w/connections", { name: "k", type: "Kafka", bootstrapServers: "a:1" });
    await api.call("POST", "/streams/w/connections", { name: "h", type: "Https", url: "http://a" });
    const all = "/streams/w/connections/k/failoverConnections";
    const authentication = { username: "u", password: "S3CRET" };
    const made = await api.call("POST", all, {
      name: "f",
      region: "OHIO_USA",
      bootstrapServers: "b:1",
      authentication,
    });
    expect(made.json).toEqual({
      authentication: { username: "u" },
      bootstrapServers: "b:1",
      id: expect.any(String),
      name: "f",
      region: "OHIO_USA",
      state: "READY",
      type: "Kafka",
    });
    const one = `${all}/${made.json["id"]}`;
    expect((await api.call("PATCH", one, { bootstrapServers: "c:1" })).json).toMatchObject({ bootstrapServers: "c:1" });
    expect((await api.call("GET", all)).json).toMatchObject({ totalCount: 1, results: [{ bootstrapServers: "c:1" }] });
    expect((await api.call("POST", "/streams/w/connections/h/failoverConnections", {})).status).toBe(400);
    expect((await api.call("GET", "/streams/w/connections/h/failoverConnections")).json["results"]).toEqual([]);
    expect((await api.call("DELETE", one)).status).toBe(204);
    expect((await api.call("GET", one)).status).toBe(404);
    await api.call("POST", all, { name: "f" });
    await api.call("DELETE", "/streams/w/connections/k");
    expect(api.project.resources.list("failoverConnection")).toEqual([]);
  });

  test("account details are those of the cloud that is asked for, and the same each time", async () => {
    const api = await openApi(mongod);
    const ask = (query: string) => api.call("GET", `/streams/accountDetails?${query}`);
    const aws = await ask("cloudProvider=AWS&regionName=VIRGINIA_USA");
    expect(aws.json).toMatchObject({
      awsAccountId: expect.stringMatching(/^\d{12}$/),
      vpcId: expect.stringMatching(/^vpc-/),
    });
    expect((await ask("cloudProvider=AWS&regionName=VIRGINIA_USA")).json).toEqual(aws.json);
    expect((await ask("cloudProvider=AZURE&regionName=eastus")).json).toHaveProperty("azureSubscriptionId");
    expect((await ask("cloudProvider=GCP&regionName=US_EAST4")).json).toHaveProperty("gcpProjectId");
    expect((await ask("cloudProvider=AWS")).status).toBe(400);
    expect((await ask("cloudProvider=AWS&regionName=eastus")).status).toBe(400);
  });

  test("organization, project and clusters are there to be found", async () => {
    const api = await openApi(mongod);
    const query = "itemsPerPage=10&pageNum=1&includeCount=false";
    const { json } = await api.call("GET", `/api/atlas/v2/orgs?${query}`);
    const [{ id }] = json["results"];
    expect((await api.call("GET", `/api/atlas/v2/orgs/${id}/groups`)).json["results"]).toMatchObject([
      { id: api.project.id, orgId: id },
    ]);
    expect((await api.call("GET", `/api/atlas/v2/groups?${query}`)).json["results"]).toMatchObject([
      { id: api.project.id },
    ]);
    expect((await api.call("GET", `/api/atlas/v2/groups/${api.project.id}`)).json).toMatchObject({
      id: api.project.id,
    });
    expect((await api.call("GET", "/clusters")).json["results"]).toMatchObject([{ name: "Cluster0" }]);
    expect((await api.call("GET", "/clusters/Cluster0")).json).toMatchObject({ name: "Cluster0", stateName: "IDLE" });
    expect((await api.call("GET", "/clusters/none")).json).toMatchObject({ errorCode: "CLUSTER_NOT_FOUND" });
    expect((await api.call("GET", "/flexClusters/none")).status).toBe(404);
  });
});
