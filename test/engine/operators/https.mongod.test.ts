import { createServer as createTcpServer, type AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Decimal128, Long } from "bson";
import type { Document } from "bson";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { freePort } from "../../../src/mongod/free-port.ts";
import { connectMongod, type TestDatabase } from "../../support/mongod.ts";
import { dlq, eventsOf, freshName, mergeInto, run, runToEnd } from "../support.ts";
import { connectionsOf, json, serve, type TestServer } from "./http-server.ts";
import { pass, type Passed } from "./support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

interface Web {
  readonly url: string;
  readonly headers?: Record<string, string>;
}

const send = (
  web: Web,
  documents: readonly Document[],
  args: Document,
  more: readonly Document[] = [],
): Promise<Passed> =>
  pass(mongod, documents, [{ $https: { connectionName: "web", as: "got", ...args } }, ...more], {
    connections: connectionsOf({ web: { type: "Https", ...web } }),
  });

const echo = (): Promise<TestServer> =>
  serve(({ method, url, headers, body }, response) => json(response, { method, url, headers, body }));

describe("the request", () => {
  test("GET to the connection's url, without a body", async () => {
    const server = await echo();
    const { documents, letters } = await send({ url: `${server.url}/base/` }, [{ _id: 1 }], {});
    expect(letters).toEqual([]);
    expect(documents).toMatchObject([{ _id: 1, got: { method: "GET", url: "/base/", body: "" } }]);
    expect(server.received).toHaveLength(1);
  });

  test.each([
    ["/api", "/orders", "/api/orders"],
    ["/api/", "orders", "/api/orders"],
    ["", { $concat: ["/orders/", { $toString: "$_id" }] }, "/orders/1"],
    ["/api?key=k", "/orders?a=1", "/api/orders?key=k&a=1"],
    ["/api", "//elsewhere.example/x", "/api//elsewhere.example/x"],
    ["/api", "@elsewhere.example", "/api/@elsewhere.example"],
    ["/api", "/ü x", "/api/%C3%BC%20x"],
  ])("path: %s and %j give %s", async (base, path, expected) => {
    const server = await echo();
    const { documents } = await send({ url: server.url + base }, [{ _id: 1 }], { path });
    expect(documents).toMatchObject([{ got: { url: expected } }]);
  });

  test("parameters are numbers, texts, true and false; one whose field is not there is left out", async () => {
    const server = await echo();
    const parameters = {
      ...{
        "a.b": "$n",
        text: { $concat: ["x y", "&"] },
        yes: true,
        no: "$missing",
        nil: null,
        size: { $bsonSize: "$$ROOT" },
      },
      ...{ long: "$long", dec: "$dec" },
    };
    const document = { _id: 1, n: 1.5, long: Long.fromString("9007199254740993"), dec: Decimal128.fromString("1.10") };
    const { documents } = await send({ url: server.url }, [document], { parameters });
    const { searchParams } = new URL(documents[0]?.["got"].url, server.url);
    expect([...searchParams]).toEqual([
      ...[
        ["a.b", "1.5"],
        ["text", "x y&"],
        ["yes", "true"],
        ["size", expect.stringMatching(/^\d+$/)],
      ],
      ...[
        ["long", "9007199254740993"],
        ["dec", "1.10"],
      ],
    ]);
  });

  test("headers: the stage's over the connection's; what HTTP does not allow is left out", async () => {
    const server = await echo();
    const { documents, letters } = await send(
      { url: server.url.replace("//", "//me:p%40ss@"), headers: { "X-Key": "k", "X-Both": "connection" } },
      [{ _id: 1, tenant: "t", evil: "a\r\nX-Injected: 1" }],
      {
        headers: {
          ...{
            "x-both": "stage",
            "X-Tenant": "$tenant",
            "X-Evil": "$evil",
            "bad name": "v",
            "X-Number": { $add: [1, 1] },
          },
          ...{ "X-None": "$none", "Content-Length": "3", "Transfer-Encoding": "chunked" },
        },
        method: "POST",
      },
      [{ $set: { url: { $meta: "stream.https.url" } } }],
    );
    expect(letters).toEqual([]);
    const got = documents[0]?.["got"] as { readonly headers: Record<string, string> };
    expect(got.headers).toMatchObject({
      "x-key": "k",
      "x-both": "stage",
      "x-tenant": "t",
      "content-type": "application/json",
    });
    expect(got.headers["authorization"]).toBe(`Basic ${Buffer.from("me:p@ss").toString("base64")}`);
    for (const name of ["x-evil", "x-injected", "bad name", "x-number", "x-none", "transfer-encoding"]) {
      expect(got.headers).not.toHaveProperty([name]);
    }
    expect(documents[0]?.["url"]).toBe(`${server.url}/`);
  });

  test.each(["POST", "PUT", "PATCH", "DELETE"])(
    "%s sends the whole document as relaxed Extended JSON",
    async (method) => {
      const server = await echo();
      const document = { _id: 1, at: new Date(0), long: Long.fromString("9007199254740993"), n: { "1": [1.5] } };
      const { documents } = await send({ url: server.url }, [document], { method });
      expect(documents).toMatchObject([{ got: { method } }]);
      expect(JSON.parse(documents[0]?.["got"].body)).toEqual({
        _id: 1,
        at: { $date: "1970-01-01T00:00:00Z" },
        long: { $numberLong: "9007199254740993" },
        n: { "1": [1.5] },
      });
    },
  );

  test.each(["GET", "POST"])(
    "%s with `payload` sends what its stages give; the document goes on as it was",
    async (method) => {
      const server = await echo();
      const payload = [
        { $set: { total: { $multiply: ["$a", 2] }, id: { $createUUID: {} } } },
        { $addFields: { source: { $meta: "stream.source.type" } } },
        { $replaceRoot: { newRoot: { order: "$$ROOT" } } },
        { $project: { "order._id": 0 } },
      ];
      const { documents } = await send({ url: server.url }, [{ _id: 1, a: 2 }], { method, payload });
      expect(documents).toMatchObject([{ _id: 1, a: 2 }]);
      expect(JSON.parse(documents[0]?.["got"].body)).toEqual({
        order: { a: 2, total: 4, id: { $binary: { base64: expect.any(String), subType: "04" } }, source: "generated" },
      });
    },
  );
});

describe("what fails before a request makes a dead letter, whatever onError says", () => {
  test.each<[string, Document, string]>([
    ["path", { path: { $divide: [1, "$by"] } }, "divide by zero"],
    ["a path that is no text", { path: { $add: ["$by", 1] } }, "`path` must evaluate to a text"],
    ["a path that is missing", { path: "$none" }, "`path` must evaluate to a text"],
    ["a header", { headers: { "X-A": { $toString: { $divide: [1, "$by"] } } } }, "divide by zero"],
    ["a parameter", { parameters: { a: { $divide: [1, "$by"] } } }, "divide by zero"],
    [
      "a parameter that is a document",
      { parameters: { a: { $cond: ["$by", 1, { b: 1 }] } } },
      "the parameter `a` must be",
    ],
    [
      "payload",
      { method: "POST", payload: [{ $set: { a: { $divide: [1, "$by"] } } }] },
      "$set of `payload`: can't $divide by zero",
    ],
    [
      "payload that gives no document",
      { method: "POST", payload: [{ $replaceRoot: { newRoot: "$by" } }] },
      "$replaceRoot of `payload`",
    ],
  ])("%s", async (_, args, reason) => {
    const server = await echo();
    for (const onError of ["ignore", "fail"]) {
      const { letters, documents, stats } = await send(
        { url: server.url },
        [
          { _id: 1, by: 0 },
          { _id: 2, by: 0 },
        ],
        { ...args, onError },
      );
      expect(letters).toMatchObject(
        [1, 2].map((_id) => ({
          operatorName: "$https",
          doc: { _id, by: 0 },
          errInfo: { reason: expect.stringContaining(reason) },
        })),
      );
      expect(documents).toEqual([]);
      expect(stats?.state).toBe("STOPPED");
    }
    expect(server.received).toEqual([]);
  });

  test("only of the document that fails", async () => {
    const server = await echo();
    const payload = [{ $set: { a: { $divide: [1, "$by"] } } }];
    const documents = [1, 0, 2].map((by, index) => ({ _id: index, by }));
    const passed = await send({ url: server.url }, documents, { method: "POST", payload });
    expect(passed.documents.map(({ _id, got }) => [_id, JSON.parse(got.body).a])).toEqual([
      [0, 1],
      [2, 0.5],
    ]);
    expect(passed.letters.map(({ doc }) => doc._id)).toEqual([1]);
  });
});

describe("the status", () => {
  test.each([200, 201, 202, 203])("%i is a success", async (status) => {
    const server = await serve((_, response) => json(response, { ok: true }, status));
    const { documents } = await send({ url: server.url }, [{ _id: 1 }], {}, [
      { $set: { meta: { $meta: "stream.https" } } },
    ]);
    expect(documents).toEqual([
      {
        _id: 1,
        got: { ok: true },
        meta: { url: `${server.url}/`, method: "GET", httpStatusCode: status, responseTimeMs: expect.any(Number) },
      },
    ]);
  });

  test("204, without a body, does not set `as`", async () => {
    const server = await serve((_, response) => response.writeHead(204).end());
    expect((await send({ url: server.url }, [{ _id: 1, got: "old" }], {})).documents).toEqual([{ _id: 1, got: "old" }]);
  });

  describe.each([400, 404, 410, 413, 414, 431])("%i", (status) => {
    const answer = (): Promise<TestServer> =>
      serve(({ url }, response) => json(response, { url }, url === "/1" ? status : 200));
    const documents = [{ _id: 1 }, { _id: 2 }];
    const path = { $concat: ["/", { $toString: "$_id" }] };

    test.each([undefined, "dlq"])(
      "with onError %s makes a dead letter, which says where it happened",
      async (onError) => {
        const { url } = await answer();
        const args = { path, ...(onError === undefined ? {} : { onError }) };
        const passed = await send({ url }, documents, args);
        expect(passed.documents).toEqual([{ _id: 2, got: { url: "/2" } }]);
        expect(passed.letters).toMatchObject([
          {
            doc: { _id: 1 },
            operatorName: "$https",
            errInfo: { reason: expect.stringContaining(`the endpoint has answered with status ${status}`) },
            _stream_meta: {
              source: { type: "generated" },
              https: { url: `${url}/1`, method: "GET", httpStatusCode: status },
            },
          },
        ]);
      },
    );

    test("with onError ignore lets the document go on, and its metadata tell", async () => {
      const { url } = await answer();
      const passed = await send({ url }, documents, { path, onError: "ignore" }, [
        { $set: { status: { $meta: "stream.https.httpStatusCode" } } },
      ]);
      expect(passed.letters).toEqual([]);
      expect(passed.documents).toEqual([
        { _id: 1, status },
        { _id: 2, got: { url: "/2" }, status: 200 },
      ]);
    });

    test("with onError fail FAILs the processor", async () => {
      const { url } = await answer();
      const { stats, letters } = await send({ url }, documents, { path, onError: "fail" });
      expect(stats).toMatchObject({
        state: "FAILED",
        error: { code: "ASP5144", message: expect.stringContaining(`${status}`) },
      });
      expect(letters).toEqual([]);
    });
  });

  test.each([301, 302, 307, 304, 401, 402, 403, 405, 409, 418, 422, 429, 500, 502, 503, 504, 599])(
    "%i FAILs the processor, whatever onError says, and is not asked for again or elsewhere",
    async (status) => {
      const server = await serve((_, response) => response.writeHead(status, { location: "/elsewhere" }).end());
      for (const onError of ["dlq", "ignore"]) {
        const { stats, letters, documents } = await send({ url: server.url }, [{ _id: 1 }], { onError });
        expect(stats).toMatchObject({
          state: "FAILED",
          error: { code: "ASP5143", message: expect.stringContaining(`has answered with status ${status}`) },
        });
        expect([...letters, ...documents]).toEqual([]);
      }
      expect(server.received.map(({ url }) => url)).toEqual(["/", "/"]);
    },
  );
});

describe("the response", () => {
  const answer = (body: string | Buffer, contentType?: string): Promise<TestServer> =>
    serve((_, response) =>
      response.writeHead(200, contentType === undefined ? {} : { "content-type": contentType }).end(body),
    );
  const typed = "application/json; charset=utf-8";
  const long = Long.fromString("9007199254740993");

  test.each<[string, string, string | undefined, unknown]>([
    ["JSON", '{"b":1,"a":[1.5,null,"x",true]}', typed, { b: 1, a: [1.5, null, "x", true] }],
    ["JSON, as nothing else is said", '{"a":1}', undefined, { a: 1 }],
    ["an array", "[1,2]", typed, [1, 2]],
    ["a text of JSON", '"x"', typed, "x"],
    ["null", "null", typed, null],
    [
      "whole numbers beyond those of JavaScript",
      '{"n":9007199254740993,"t":"9007199254740993 1"}',
      typed,
      { n: long, t: "9007199254740993 1" },
    ],
    ["Extended JSON", '{"at":{"$date":"1970-01-01T00:00:00Z"}}', typed, { at: new Date(0) }],
    ["text", "plain {", "text/plain", "plain {"],
    ["JSON as text", '{"a":1}', "Text/Plain; charset=utf-8", '{"a":1}'],
    ["texts of JSON, left as they are", '{"a":"{\\"b\\":1}"}', typed, { a: '{"b":1}' }],
  ])("%s", async (_, body, contentType, expected) => {
    const { url } = await answer(body, contentType);
    const { documents, letters } = await send({ url }, [{ _id: 1 }], {});
    expect(letters).toEqual([]);
    expect(documents).toEqual([{ _id: 1, got: expected }]);
  });

  test("parseJsonStrings parses texts that hold documents and arrays, and the texts in those", async () => {
    const body = JSON.stringify({ a: JSON.stringify({ b: JSON.stringify([1, "2"]) }), n: "5", t: "[no", s: " [] " });
    const config = { parseJsonStrings: true };
    const { documents } = await send(await answer(body, typed), [{ _id: 1 }], { config });
    expect(documents).toEqual([{ _id: 1, got: { a: { b: [1, "2"] }, n: "5", t: "[no", s: [] } }]);
    const text = await send(await answer('{"a":1}', "text/plain"), [{ _id: 1 }], { config });
    expect(text.documents).toEqual([{ _id: 1, got: { a: 1 } }]);
  });

  test("a body of no bytes does not set `as`", async () => {
    const { url } = await answer("", typed);
    expect((await send({ url }, [{ _id: 1 }], {})).documents).toEqual([{ _id: 1 }]);
  });

  test("`as` may be a path", async () => {
    const { url } = await answer('{"b":1}', typed);
    const { documents } = await send({ url }, [{ _id: 1, a: { x: 1, got: 0 }, z: 1 }], { as: "a.got" });
    expect(JSON.stringify(documents)).toBe('[{"_id":1,"a":{"x":1,"got":{"b":1}},"z":1}]');
  });

  test.each<[string, string | Buffer, string | undefined, string]>([
    ["junk", "<html>", typed, "the response is not JSON"],
    ["JSON that is cut off", '{"a":', undefined, "the response is not JSON"],
    ["bytes that are no text", Buffer.from([0xff, 0xfe, 0x00]), typed, "the response is not JSON"],
    ["wrong Extended JSON", '{"_id":{"$oid":"x"}}', typed, "the response is not JSON"],
    ["a wrong date", '{"at":{"$date":"then"}}', typed, "the response is not JSON"],
    ["another type", "<html>", "text/html", "the response is of the type `text/html`"],
    ["what is almost JSON by its type", "{}", "application/problem+json", "the response is of the type"],
    ["an array that is too deep", `${"[".repeat(100_000)}${"]".repeat(100_000)}`, typed, "the response is"],
    ["more than 16 MB", `"${"x".repeat(17 * 1024 * 1024)}"`, typed, "the response is larger than 16 MB"],
  ])("%s is what onError speaks of", async (_, body, contentType, reason) => {
    const server = await answer(body, contentType);
    const dead = await send(server, [{ _id: 1 }], {});
    expect(dead.letters).toMatchObject([
      {
        doc: { _id: 1 },
        operatorName: "$https",
        errInfo: { reason: expect.stringContaining(reason) },
        _stream_meta: { https: { httpStatusCode: 200 } },
      },
    ]);
    expect((await send(server, [{ _id: 1 }], { onError: "ignore" })).documents).toEqual([{ _id: 1 }]);
    expect((await send(server, [{ _id: 1 }], { onError: "fail" })).stats).toMatchObject({ error: { code: "ASP5144" } });
  });
});

describe("many at once", () => {
  const documents = Array.from({ length: 60 }, (_, _id) => ({ _id }));
  const slow = (): Promise<TestServer> =>
    serve(async ({ url }, response) => {
      await sleep(Number(url.slice(1)) % 2 === 0 ? 20 : 1);
      json(response, url);
    });
  const path = { $concat: ["/", { $toString: "$_id" }] };

  test("GETs go out together, no more than eight, and documents keep their order", async () => {
    const server = await slow();
    const passed = await send(server, documents, { path });
    expect(passed.documents.map(({ got }) => got as unknown)).toEqual(documents.map(({ _id }) => `/${_id}`));
    expect(server.mostAtOnce()).toBeGreaterThan(1);
    expect(server.mostAtOnce()).toBeLessThanOrEqual(8);
  });

  test("what may change something goes out one after the other, in the order of the stream", async () => {
    const server = await slow();
    await send(server, documents, { path, method: "PUT" });
    expect(server.received.map(({ url }) => url)).toEqual(documents.map(({ _id }) => `/${_id}`));
    expect(server.mostAtOnce()).toBe(1);
  });
});

describe("an endpoint that does not answer", () => {
  /** Runs a processor of a collection until the test ends. */
  async function start(url: string, args: Document = {}) {
    const [coll, target] = [freshName(), freshName()];
    const pipeline = [
      eventsOf(mongod.db, coll),
      { $https: { connectionName: "web", as: "got", ...args } },
      mergeInto(mongod.db, target),
    ];
    const engine = await run(mongod, [{ name: coll, pipeline, options: dlq(mongod.db, `${target}_letters`) }], {
      connections: connectionsOf({ web: { type: "Https", url } }),
    });
    const db = mongod.client.db(mongod.db);
    return {
      engine,
      insert: (document: Document) => db.collection<Document>(coll).insertOne(document),
      stored: () => db.collection(target).find().sort({ _id: 1 }).toArray(),
    };
  }

  test("is asked again until it is there; no other document's request is sent again", async () => {
    const port = await freePort();
    const { engine, insert, stored } = await start(`http://127.0.0.1:${port}`);
    await insert({ _id: 1 });
    await sleep(300);
    expect(engine.stats()[0]?.state).toBe("STARTED");
    const server = await serve((_, response) => json(response, "here"), port);
    await engine.caughtUp();
    expect(await stored()).toEqual([{ _id: 1, got: "here" }]);
    expect(server.received).toHaveLength(1);
  });

  test("within requestTimeoutSec, or breaks off, is asked again", async () => {
    let asked = 0;
    const server = await serve((_, response) => {
      asked += 1;
      if (asked === 1) return;
      if (asked === 2) return response.writeHead(200, { "content-length": "100" }).write("{");
      if (asked === 3) return response.destroy();
      json(response, asked);
    });
    const { engine, insert, stored } = await start(server.url, { config: { requestTimeoutSec: 1 } });
    await insert({ _id: 1 });
    await engine.caughtUp();
    expect(await stored()).toEqual([{ _id: 1, got: 4 }]);
  });

  test("with a connection within connectionTimeoutSec is asked again, and given up in the end", async () => {
    let connections = 0;
    // It never gets to the end of a TLS handshake.
    const silent = createTcpServer((socket) => {
      connections += 1;
      socket.on("error", () => undefined);
    });
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void silent.close());
    const url = `https://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const $https = { connectionName: "web", config: { connectionTimeoutSec: 1, requestTimeoutSec: 600 } };
    const { stats } = await pass(mongod, [{ _id: 1 }], [{ $https }], {
      connections: connectionsOf({ web: { type: "Https", url } }),
      callPatienceMs: 1500,
    });
    expect(stats).toMatchObject({ state: "FAILED", error: { code: "ASP5142" } });
    expect(stats?.error?.message).toContain("no connection within 1 s");
    expect(connections).toBeGreaterThan(1);
  });

  test("does not hold up a stop, nor a kill", async () => {
    for (const how of ["stop", "kill"] as const) {
      const server = await serve(() => undefined);
      const { engine, insert } = await start(server.url);
      await insert({ _id: 1 });
      await expect.poll(() => server.received.length).toBe(1);
      const startedAt = performance.now();
      await engine[how]();
      expect(performance.now() - startedAt).toBeLessThan(how === "stop" ? 8000 : 1500);
      expect(engine.stats()[0]).toMatchObject({ state: "STOPPED" });
    }
  });

  test("that wants to speak another protocol has answered with status 101", async () => {
    const other = createTcpServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () =>
        socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"),
      );
    });
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void other.close());
    const { engine, insert } = await start(`http://127.0.0.1:${(other.address() as AddressInfo).port}`);
    await insert({ _id: 1 });
    await expect
      .poll(() => engine.stats()[0]?.error?.message, { timeout: 5000 })
      .toContain("has answered with status 101");
  });

  test("ASP5142: what speaks no HTTP FAILs the processor at once", async () => {
    const junk = createTcpServer((socket) => socket.end("SSH-2.0-junk\r\n"));
    await new Promise<void>((resolve) => junk.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void junk.close());
    const { stats } = await send({ url: `http://127.0.0.1:${(junk.address() as AddressInfo).port}` }, [{ _id: 1 }], {});
    expect(stats).toMatchObject({ state: "FAILED", error: { code: "ASP5142" } });
  });

  test.each([{ url: undefined }, { url: "ftp://localhost" }, { url: "localhost:80/x y" }])(
    "ASP5141: %j is found at the start",
    async (web) => {
      const { stats } = await send(web as Web, [{ _id: 1 }], {});
      expect(stats).toMatchObject({ state: "FAILED", error: { code: "ASP5141" }, input: 0 });
    },
  );

  test("stages of `payload` that mongod refuses are found at the start", async () => {
    const { url } = await echo();
    const { stats } = await send({ url }, [{ _id: 1 }], { payload: [{ $set: { a: { $nothing: 1 } } }] });
    expect(stats).toMatchObject({ state: "FAILED", error: { code: "ASP5107" }, input: 0 });
  });
});

describe("as the last stage", () => {
  async function sink(url: string, documents: readonly Document[], args: Document, stages: readonly Document[] = []) {
    const [name, letters] = [freshName(), freshName()];
    const pipeline = [
      { $source: { documents } },
      ...stages,
      { $https: { connectionName: "web", method: "POST", ...args } },
    ];
    const [stats] = await runToEnd(mongod, [{ name, pipeline, options: dlq(mongod.db, letters) }], {
      connections: connectionsOf({ web: { type: "Https", url } }),
    });
    return {
      stats,
      letters: await mongod.client.db(mongod.db).collection(letters).find().sort({ "doc._id": 1 }).toArray(),
    };
  }

  test("sends each document in order, with its expressions, its payload and its metadata", async () => {
    const server = await echo();
    const documents = Array.from({ length: 30 }, (_, _id) => ({ _id, sku: `s${_id}` }));
    const { stats, letters } = await sink(
      server.url,
      documents,
      {
        path: { $concat: ["/", "$sku"] },
        headers: { "X-Route": { $meta: "stream.route" } },
        parameters: { id: "$_id" },
        payload: [{ $project: { sku: 1, route: { $meta: "stream.route" } } }],
        as: "ignored",
      },
      [{ $setStreamMeta: { "stream.route": { $concat: ["r", "$sku"] } } }],
    );
    expect(letters).toEqual([]);
    expect(stats).toMatchObject({ state: "STOPPED", output: 30, deadLetters: 0 });
    expect(server.received.map(({ url, headers, body }) => [url, headers["x-route"], JSON.parse(body)])).toEqual(
      documents.map(({ _id, sku }) => [`/${sku}?id=${_id}`, `r${sku}`, { _id, sku, route: `r${sku}` }]),
    );
  });

  test("a refused request, and an expression that fails, make dead letters", async () => {
    const server = await serve(({ url }, response) => response.writeHead(url === "/2" ? 404 : 204).end());
    const documents = [1, 2, "x", 4].map((a, index) => ({ _id: index + 1, a }));
    const { stats, letters } = await sink(server.url, documents, {
      path: { $concat: ["/", { $toString: { $abs: "$a" } }] },
    });
    expect(stats).toMatchObject({ state: "STOPPED", deadLetters: 2 });
    expect(letters).toMatchObject([
      {
        doc: { _id: 2 },
        operatorName: "$https",
        _stream_meta: { source: { type: "generated" }, https: { httpStatusCode: 404 } },
      },
      {
        doc: { _id: 3 },
        operatorName: "$https",
        errInfo: { reason: expect.stringContaining("$abs only supports numeric types") },
      },
    ]);
  });

  test.each<[string, readonly Document[]]>([
    ["as the last stage", []],
    ["in the middle", [mergeInto("x", "x")]],
  ])("%s, a kill repeats no more than what was under way", async (_, sinks) => {
    const coll = freshName();
    let received = 0;
    const server = await serve((_request, response) => {
      received += 1;
      response.writeHead(204).end();
    });
    const sink = sinks.map(() => mergeInto(mongod.db, `${coll}_out`));
    const pipeline = [eventsOf(mongod.db, coll), { $https: { connectionName: "web", method: "POST" } }, ...sink];
    const options = {
      connections: connectionsOf({ web: { type: "Https", url: server.url } }),
      checkpointIntervalMs: 0,
    };
    const engine = await run(mongod, [{ name: coll, pipeline }], options);
    const documents = Array.from({ length: 3000 }, (_each, _id) => ({ _id }) as never);
    await mongod.client.db(mongod.db).collection(coll).insertMany(documents);
    while (received < 2000) await sleep(1);
    await engine.kill();
    const again = await run(mongod, [{ name: coll, pipeline }], options);
    await again.caughtUp();
    expect(new Set(server.received.map(({ body }) => body)).size).toBe(3000);
    expect(received).toBeGreaterThanOrEqual(3000);
    // What waited for the sink, what was in the stages.
    expect(received).toBeLessThanOrEqual(3000 + 500);
  });

  test("another status FAILs the processor, and what it was sending comes again at the next start", async () => {
    const coll = freshName();
    let status = 500;
    const server = await serve((_, response) => response.writeHead(status).end());
    const pipeline = [eventsOf(mongod.db, coll), { $https: { connectionName: "web", method: "POST" } }];
    const options = { connections: connectionsOf({ web: { type: "Https", url: server.url } }) };
    const engine = await run(mongod, [{ name: coll, pipeline }], options);
    await mongod.client
      .db(mongod.db)
      .collection<Document>(coll)
      .insertOne({ _id: 1 } as never);
    await engine.caughtUp();
    expect(engine.stats()[0]).toMatchObject({ state: "FAILED", error: { code: "ASP5143" } });
    await engine.stop();
    status = 200;
    const again = await run(mongod, [{ name: coll, pipeline }], options);
    await again.caughtUp();
    expect(again.stats()[0]).toMatchObject({ state: "STARTED", output: 1 });
    expect(server.received.map(({ body }) => body)).toEqual(['{"_id":1}', '{"_id":1}']);
  });
});
