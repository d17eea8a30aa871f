import { setTimeout as sleep } from "node:timers/promises";
import type { Document } from "bson";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectMongod, type TestDatabase } from "../../support/mongod.ts";
import { dlq, freshName, runToEnd } from "../support.ts";
import { connectionsOf, json, serve, type TestServer } from "./http-server.ts";
import { pass, type Passed } from "./support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const call = (url: string, documents: readonly Document[], args: Document): Promise<Passed> =>
  pass(mongod, documents, [{ $externalFunction: { connectionName: "lambda", functionName: "enrich", ...args } }], {
    connections: connectionsOf({ lambda: { type: "AWSLambda", url } }),
  });

describe("a call", () => {
  test("is what a call of Lambda is", async () => {
    const server = await serve((request, response) => json(response, { id: JSON.parse(request.body)._id, n: 1.5 }));
    const { documents, letters } = await call(server.url, [{ _id: 1, at: new Date(0) }], { as: "got.it" });
    expect(letters).toEqual([]);
    expect(documents).toEqual([{ _id: 1, at: new Date(0), got: { it: { id: 1, n: 1.5 } } }]);
    expect(server.received).toMatchObject([
      {
        method: "POST",
        url: "/2015-03-31/functions/enrich/invocations",
        headers: { "x-amz-invocation-type": "RequestResponse", "content-type": "application/json" },
        body: '{"_id":1,"at":{"$date":"1970-01-01T00:00:00Z"}}',
      },
    ]);
  });

  test("names a function by its ARN, or goes to the path that the connection has", async () => {
    const server = await serve((_, response) => json(response, null));
    const functionName = "arn:aws:lambda:us-east-1:1:function:enrich";
    await call(server.url, [{ _id: 1 }], { as: "got", functionName });
    await call(`${server.url}/2015-03-31/functions/function/invocations`, [{ _id: 1 }], { as: "got" });
    await call(`${server.url}/own?key=k`, [{ _id: 1 }], { as: "got" });
    expect(server.received.map(({ url }) => url)).toEqual([
      `/2015-03-31/functions/${encodeURIComponent(functionName)}/invocations`,
      "/2015-03-31/functions/function/invocations",
      "/own?key=k",
    ]);
  });

  test("sends what the stages of `payload` give", async () => {
    const server = await serve(({ body }, response) => json(response, JSON.parse(body)));
    const payload = [{ $project: { _id: 0, twice: { $multiply: ["$a", 2] } } }];
    const passed = await call(
      server.url,
      [
        { _id: 1, a: 2 },
        { _id: 2, a: "x" },
      ],
      { as: "got", payload, onError: "ignore" },
    );
    expect(passed.documents).toEqual([{ _id: 1, a: 2, got: { twice: 4 } }]);
    expect(passed.letters).toMatchObject([
      {
        doc: { _id: 2, a: "x" },
        operatorName: "$externalFunction",
        errInfo: { reason: expect.stringContaining("$multiply only supports") },
      },
    ]);
  });

  test.each([
    ["null", { got: null }],
    ["", {}],
    ["[1]", { got: [1] }],
  ])("an answer of %j", async (body, expected) => {
    const server = await serve((_, response) => response.end(body));
    expect((await call(server.url, [{ _id: 1 }], { as: "got" })).documents).toEqual([{ _id: 1, ...expected }]);
  });
});

describe("a call that fails", () => {
  const failing: readonly (readonly [
    string,
    (server: Parameters<Parameters<typeof serve>[0]>[1]) => unknown,
    string,
  ])[] = [
    [
      "a function that fails",
      (response) => response.writeHead(200, { "x-amz-function-error": "Unhandled" }).end('{"errorMessage":"no"}'),
      'the function has failed: {"errorMessage":"no"}',
    ],
    ["an answer that is no JSON", (response) => response.end("<html>"), "the response is not JSON"],
    [
      "a payload that is refused",
      (response) => json(response, {}, 400),
      "the function's endpoint has answered with status 400",
    ],
    ["a payload that is too large", (response) => json(response, {}, 413), "status 413"],
  ];

  test.each(failing)("%s is what onError speaks of", async (_, answer, reason) => {
    const server = await serve(({ body }, response) =>
      JSON.parse(body)._id === 1 ? answer(response) : json(response, "ok"),
    );
    const documents = [{ _id: 1 }, { _id: 2 }];
    const dead = await call(server.url, documents, { as: "got" });
    expect(dead.documents).toEqual([{ _id: 2, got: "ok" }]);
    expect(dead.letters).toMatchObject([
      { doc: { _id: 1 }, operatorName: "$externalFunction", errInfo: { reason: expect.stringContaining(reason) } },
    ]);
    const ignored = await call(server.url, documents, { as: "got", onError: "ignore" });
    expect(ignored).toMatchObject({ letters: [], documents: [{ _id: 1 }, { _id: 2, got: "ok" }] });
    const failed = await call(server.url, documents, { as: "got", onError: "fail" });
    expect(failed.stats).toMatchObject({
      state: "FAILED",
      error: { code: "ASP5144", message: expect.stringContaining(reason) },
    });
  });

  test.each([302, 401, 403, 404])("%i FAILs the processor, whatever onError says", async (status) => {
    const server = await serve((_, response) => json(response, {}, status));
    const { stats, letters } = await call(server.url, [{ _id: 1 }], { as: "got", onError: "ignore" });
    expect(stats).toMatchObject({
      state: "FAILED",
      error: { code: "ASP5145", message: expect.stringContaining(`${status}`) },
    });
    expect(letters).toEqual([]);
  });

  test.each([429, 500, 503])("%i is tried again", async (status) => {
    let calls = 0;
    const server = await serve((_, response) => json(response, {}, (calls += 1) < 3 ? status : 200));
    expect((await call(server.url, [{ _id: 1 }], { as: "got" })).documents).toEqual([{ _id: 1, got: {} }]);
    expect(calls).toBe(3);
  });

  test("ASP5141: a connection without an address is found at the start", async () => {
    const { stats } = await pass(
      mongod,
      [{ _id: 1 }],
      [{ $externalFunction: { connectionName: "lambda", functionName: "f", as: "a" } }],
      {
        connections: connectionsOf({ lambda: { type: "AWSLambda" } }),
      },
    );
    expect(stats).toMatchObject({ state: "FAILED", error: { code: "ASP5141" }, input: 0 });
  });
});

describe("execution: async", () => {
  test("does not wait for what the function says, and hears of what its endpoint says", async () => {
    const server = await serve(({ body }, response) =>
      response.writeHead(JSON.parse(body)._id === 1 ? 413 : 202).end(),
    );
    const { documents, letters } = await call(server.url, [{ _id: 1 }, { _id: 2 }], { execution: "async" });
    expect(documents).toEqual([{ _id: 2 }]);
    expect(letters).toMatchObject([{ doc: { _id: 1 } }]);
    expect(server.received.map(({ headers }) => headers["x-amz-invocation-type"])).toEqual(["Event", "Event"]);
  });
});

describe("parallelism", () => {
  const documents = Array.from({ length: 40 }, (_, _id) => ({ _id, key: _id % 5 }));
  const slow = (): Promise<TestServer> =>
    serve(async ({ body }, response) => {
      const { _id } = JSON.parse(body);
      await sleep((_id * 7) % 13);
      json(response, _id);
    });
  const ids = ({ received }: TestServer): readonly { readonly _id: number; readonly key: number }[] =>
    received.map(({ body }) => JSON.parse(body));

  test("is 1 by default: calls in the order of the stream", async () => {
    const server = await slow();
    await call(server.url, documents, { as: "got" });
    expect(ids(server)).toEqual(documents);
    expect(server.mostAtOnce()).toBe(1);
  });

  test("many calls at once; documents keep their order", async () => {
    const server = await slow();
    const { documents: stored } = await call(server.url, documents, { as: "got", parallelism: 4 });
    expect(stored.map(({ got }) => got as unknown)).toEqual(documents.map(({ _id }) => _id));
    expect(server.mostAtOnce()).toBe(4);
  });

  test("with partitionBy, documents of one value are called for in order", async () => {
    const server = await slow();
    await call(server.url, documents, { as: "got", parallelism: 4, partitionBy: "$key" });
    expect(server.mostAtOnce()).toBe(4);
    for (const key of [0, 1, 2, 3, 4]) {
      expect(ids(server).filter((each) => each.key === key)).toEqual(documents.filter((each) => each.key === key));
    }
  });

  test("partitionBy that fails makes a dead letter", async () => {
    const server = await slow();
    const passed = await call(
      server.url,
      [
        { _id: 1, key: 0 },
        { _id: 2, key: 1 },
      ],
      { as: "got", parallelism: 2, partitionBy: { $divide: [1, "$key"] } },
    );
    expect(passed.letters).toMatchObject([{ doc: { _id: 1 }, operatorName: "$externalFunction" }]);
    expect(ids(server)).toEqual([{ _id: 2, key: 1 }]);
  });
});

test.each(["sync", "async"])("as the last stage, %s", async (execution) => {
  const [name, letters] = [freshName(), freshName()];
  const server = await serve(({ body }, response) => {
    if (JSON.parse(body)._id === 2) return json(response, {}, 400);
    json(response, "kept nowhere");
  });
  const $externalFunction = { connectionName: "lambda", functionName: "tell", execution };
  const pipeline = [{ $source: { documents: [{ _id: 1 }, { _id: 2 }, { _id: 3 }] } }, { $externalFunction }];
  const [stats] = await runToEnd(mongod, [{ name, pipeline, options: dlq(mongod.db, letters) }], {
    connections: connectionsOf({ lambda: { type: "AWSLambda", url: server.url } }),
  });
  expect(stats).toMatchObject({ state: "STOPPED", output: 3, deadLetters: 1 });
  expect(server.received.map(({ body }) => body)).toEqual(['{"_id":1}', '{"_id":2}', '{"_id":3}']);
  expect(await mongod.client.db(mongod.db).collection(letters).find().toArray()).toMatchObject([{ doc: { _id: 2 } }]);
});
