import { connect as connectTls } from "node:tls";
import { connect } from "node:net";
import { once } from "node:events";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AdminLogEntry, AdminServerOptions } from "../../../src/emulator/admin/admin-server-types.ts";
import { createCertificates } from "../../../src/emulator/tls.ts";
import { connectMongod, type TestDatabase } from "../../support/mongod.ts";
import { junk, readAll, sendRaw, statusClasses } from "./raw-requests.ts";
import { credentials, latest, openApi, type TestApi } from "./support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

async function open(options: Partial<AdminServerOptions> = {}): Promise<TestApi & { readonly log: AdminLogEntry[] }> {
  const log: AdminLogEntry[] = [];
  return { ...(await openApi(mongod, { log: (entry) => log.push(entry), ...options })), log };
}

/** It still answers, and nothing has been made. */
async function isUnharmed(api: TestApi): Promise<void> {
  expect((await api.call("GET", "/streams")).json).toMatchObject({ results: [], totalCount: 0 });
}

const secrets = [
  credentials.tokenKey,
  ...credentials.apiKeys.map(({ privateKey }) => privateKey),
  ...credentials.serviceAccounts.map(({ clientSecret }) => clientSecret),
];

describe("what is no request", () => {
  test("is answered as an error or not at all, and never as a success", async () => {
    const api = await open();
    await fc.assert(
      fc.asyncProperty(junk, async (bytes) => {
        const statuses = statusClasses(await sendRaw(api.server.port, bytes, 20));
        expect(statuses.filter((first) => first !== "4")).toEqual([]);
      }),
      { numRuns: 150 },
    );
    await isUnharmed(api);
  });

  test.each([
    ["GET /api/atlas/v2/orgs/../../../etc/passwd HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"],
    ["GET /api/atlas/v2/orgs/%2e%2e%2f%2e%2e%2fetc%2fpasswd HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"],
    ["GET http://elsewhere/api/atlas/v2/orgs HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"],
    ["GET //api/atlas/v2/orgs HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"],
    ["GET /api/oauth/../atlas/v2/orgs HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"],
    ["GET /api/atlas/v2/orgs?x=/api/oauth/token HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"],
    ["OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"],
  ])("%j opens nothing", async (request) => {
    const api = await open();
    expect(await sendRaw(api.server.port, request)).toMatch(/^HTTP\/1\.1 40[0145] /);
  });

  test("an address that cannot be decoded is an error with a body", async () => {
    const api = await open();
    const answer = await sendRaw(api.server.port, "GET /api/%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    expect(answer).toMatch(/^HTTP\/1\.1 40[01] /);
    expect(answer).toContain('"errorCode"');
  });
});

describe("what is too much", () => {
  test("headers above the limit are refused with a body", async () => {
    const api = await open({ limits: { headerBytes: 2000 } });
    const answer = await sendRaw(api.server.port, `GET / HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(3000)}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    expect(answer).toContain('"errorCode"');
    await isUnharmed(api);
  });

  test("a body above the limit is refused, however it is sent", async () => {
    const api = await open({ limits: { bodyBytes: 1000 } });
    const text = JSON.stringify({ name: "x".repeat(2000) });
    expect((await api.call("POST", "/streams", undefined, { text })).json).toMatchObject({ error: 413 });
    const token = await api.tokenOf("admin");
    const chunk = `400\r\n${"x".repeat(0x400)}\r\n`;
    const head = `POST /api/atlas/v2/groups/${api.project.id}/streams HTTP/1.1\r\nHost: a\r\nAccept: ${latest}\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
    expect(await sendRaw(api.server.port, head + chunk.repeat(5))).toMatch(/^HTTP\/1\.1 413 /);
    const promised = head.replace("Transfer-Encoding: chunked", "Content-Length: 99999999");
    expect(await sendRaw(api.server.port, promised)).toMatch(/^HTTP\/1\.1 413 /);
    await isUnharmed(api);
  });

  test("who is not known is refused before the body is read", async () => {
    const api = await open();
    const head = "POST /api/atlas/v2/orgs HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\n";
    expect(await sendRaw(api.server.port, head)).toMatch(/^HTTP\/1\.1 401 /);
  });

  test("connections above the limit are hung up on", async () => {
    const api = await open({ limits: { connections: 2 } });
    const sockets = await Promise.all(
      [1, 2].map(async () => {
        const socket = connect(api.server.port, "127.0.0.1");
        await once(socket, "connect");
        return socket;
      }),
    );
    expect(await sendRaw(api.server.port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")).toBe("");
    for (const socket of sockets) socket.destroy();
    await expect.poll(async () => (await api.send("GET", "/")).status).toBe(401);
  });

  test("who sends too slowly is hung up on", async () => {
    const api = await open({ limits: { headersTimeoutMs: 200, requestTimeoutMs: 400 } });
    const started = performance.now();
    expect(await sendRaw(api.server.port, "GET / HTTP/1.1\r\nHost:", 5000)).toMatch(/^HTTP\/1\.1 408 /);
    const token = await api.tokenOf("admin");
    const head = `POST /api/atlas/v2/groups/${api.project.id}/streams HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\nAccept: ${latest}\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"na`;
    expect(await sendRaw(api.server.port, head, 5000)).not.toMatch(/^HTTP\/1\.1 [2]/);
    expect(performance.now() - started).toBeLessThan(4000);
    await isUnharmed(api);
  });

  test("silence after TLS's first byte ends, too", async () => {
    const { cert, key, ca } = await createCertificates();
    const api = await open({ tls: { cert, key }, limits: { headersTimeoutMs: 200 } });
    const started = performance.now();
    await sendRaw(api.server.port, Uint8Array.of(22), 5000);
    expect(performance.now() - started).toBeLessThan(4000);
    const socket = connectTls({ port: api.server.port, host: "127.0.0.1", ca });
    await once(socket, "secureConnect");
    socket.write("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    expect(await readAll(socket, 1000)).toMatch(/^HTTP\/1\.1 401 /);
  });
});

describe("a body", () => {
  test.each([
    ["half a document", '{"name":'],
    ["a prototype", '{"__proto__":{"name":"w"}}'],
    ["an array", "[]"],
    ["null", "null"],
    ["a text", '"x"'],
    ["a hundred thousand brackets", "[".repeat(100_000)],
    ["wrong UTF-8 after all", '{"name":"\ud800"}'],
  ])("that is %s is refused as the client's mistake", async (_, text) => {
    const api = await open();
    const { status, json } = await api.call("POST", "/streams", undefined, { text });
    expect([status, json["error"]]).toEqual([400, 400]);
    await isUnharmed(api);
  });

  test("of any JSON makes nothing but what its schema says", async () => {
    const api = await open();
    const paths = ["/streams", "/streams:withSampleConnections", "/streams/privateLinkConnections"];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), fc.jsonValue(), async (path, value) => {
        const { status, json } = await api.call("POST", path, value);
        expect([status, json["error"]]).toEqual([400, 400]);
      }),
      { numRuns: 60 },
    );
    await isUnharmed(api);
  });

  test("of a pipeline of any JSON is refused, and breaks nothing", async () => {
    const api = await open();
    await api.call("POST", "/streams", {
      name: "w",
      dataProcessRegion: { cloudProvider: "AWS", region: "VIRGINIA_USA" },
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.dictionary(fc.string(), fc.jsonValue())), async (pipeline) => {
        const { status } = await api.call("POST", "/streams/w/processor", { name: "p", pipeline });
        expect(status).toBe(400);
      }),
      { numRuns: 60 },
    );
    expect(api.project.find("w")?.workspace.list()).toEqual([]);
  });

  test("of another kind is refused", async () => {
    const api = await open();
    const headers = { "content-type": "text/plain" };
    expect((await api.call("POST", "/streams", {}, { headers })).status).toBe(415);
  });
});

test("no secret is logged or told, whatever is asked", async () => {
  const api = await open();
  const answers: string[] = [];
  for (const secret of secrets) {
    for (const authorization of [
      `Bearer ${secret}`,
      `Basic ${Buffer.from(`x:${secret}`).toString("base64")}`,
      `Digest ${secret}`,
    ]) {
      answers.push((await api.send("GET", "/api/atlas/v2/orgs", { headers: { authorization } })).text);
      answers.push(
        (await api.send("POST", `/api/oauth/token?client_secret=${secret}`, { headers: { authorization } })).text,
      );
    }
  }
  await api.call("GET", "/streams");
  const seen = JSON.stringify(api.log) + answers.join("");
  expect(api.log.length).toBeGreaterThan(secrets.length);
  for (const secret of [...secrets, await api.tokenOf("admin")]) expect(seen).not.toContain(secret);
});
