import { afterAll, beforeAll, expect, test } from "vitest";
import type { Fault } from "../../../src/emulator/admin/faults/fault.ts";
import { connectMongod, type TestDatabase } from "../../support/mongod.ts";
import { openApi, type TestApi } from "./support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const body = { name: "w", dataProcessRegion: { cloudProvider: "AWS", region: "VIRGINIA_USA" } };
const create = (api: TestApi) => api.call("POST", "/streams", body);
const names = ({ project }: TestApi) => project.tenants().map(({ record }) => record.name);

test.each<[string, Fault, object, readonly string[]]>([
  [
    "a time-out that changed nothing",
    { status: 504 },
    { status: 504, json: { errorCode: "STREAM_PROCESSOR_TIMEOUT" } },
    [],
  ],
  ["a time-out with the change made", { status: 504, applied: true }, { status: 504, json: { error: 504 } }, ["w"]],
  [
    "a time-out of a gateway",
    { status: 504, body: "html", applied: true },
    { status: 504, json: {}, text: expect.stringContaining("<html>") },
    ["w"],
  ],
  ["an error without a body", { status: 500, body: "empty" }, { status: 500, text: "" }, []],
  ["a missing payment", { status: 402 }, { json: { errorCode: "NO_PAYMENT_INFORMATION_FOUND" } }, []],
  [
    "a refusal of its own words",
    { status: 403, errorCode: "X", detail: "no" },
    { json: { error: 403, errorCode: "X", detail: "no" } },
    [],
  ],
])("%s", async (_, fault, answer, left) => {
  const api = await openApi(mongod, { faults: [{ method: "POST", ...fault }] });
  expect(await create(api)).toMatchObject(answer);
  expect(names(api)).toEqual(left);
  expect((await create(api)).status).toBe(left.length === 0 ? 200 : 409);
});

test("too many requests, with the time to wait", async () => {
  const api = await openApi(mongod, { faults: [{ path: "/**/streams", status: 429, retryAfterSeconds: 3 }] });
  const { status, headers, json } = await create(api);
  expect([status, headers.get("retry-after"), json["errorCode"]]).toEqual([429, "3", "RATE_LIMITED_TOKEN_BUCKET"]);
});

test("a connection that is cut before the change, and one after it", async () => {
  const api = await openApi(mongod, { faults: [{ method: "POST", path: "/**/streams", drop: "before" }] });
  await expect(create(api)).rejects.toThrow("fetch failed");
  expect(names(api)).toEqual([]);
  await api.call("POST", "/_emulator/faults", { faults: [{ method: "POST", drop: "after" }] });
  await expect(create(api)).rejects.toThrow("fetch failed");
  expect(names(api)).toEqual(["w"]);
});

test("a lag, strange numbers, keys, fields and states", async () => {
  const api = await openApi(mongod);
  await create(api);
  await api.call("POST", "/streams/w/connections", { name: "k", type: "Kafka" });
  await api.call("PUT", "/_emulator/faults", {
    faults: [
      {
        operation: "listGroupStreamConnections",
        lagMs: 50,
        numbers: "10.0",
        keys: "reversed",
        state: "PROVISIONING",
        extraField: "aNew",
      },
    ],
  });
  const startedMs = performance.now();
  const reply = await api.send("GET", `/api/atlas/v2/groups/${api.project.id}/streams/w/connections`, {
    headers: { accept: "application/vnd.atlas.2025-03-12+json", authorization: `Bearer ${await api.tokenOf("admin")}` },
  });
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(45);
  expect(reply.text).toMatch(
    /^\{"totalCount":1\.0,"results":\[\{"type":"Kafka","state":"PROVISIONING".*"aNew":"unknown"\}$/,
  );
  expect((await api.call("GET", "/streams/w/connections")).text).toContain('"totalCount":1}');
});

test("a resource that is not there yet, right after it was made", async () => {
  const api = await openApi(mongod, { faults: [{ method: "GET", path: "/**/streams/w", status: 404, times: 2 }] });
  await create(api);
  const statuses: number[] = [];
  for (let count = 0; count < 3; count += 1) statuses.push((await api.call("GET", "/streams/w")).status);
  expect(statuses).toEqual([404, 404, 200]);
});

test("those that wait are shown, replaced and taken away by an endpoint that meets none itself", async () => {
  const api = await openApi(mongod, { faults: [{ status: 500, always: true }] });
  expect((await api.call("GET", "/_emulator/faults")).json).toEqual({
    faults: [{ fault: { always: true, status: 500 }, seen: 0 }],
  });
  const wrong = await api.call("PUT", "/_emulator/faults", { faults: [{ colour: "red" }] });
  expect([wrong.status, wrong.json["detail"]]).toEqual([400, expect.stringContaining("additional properties")]);
  expect((await api.call("PUT", "/_emulator/faults", undefined, { text: "{" })).status).toBe(400);
  expect((await create(api)).status).toBe(500);
  expect((await api.call("DELETE", "/_emulator/faults")).json).toEqual({ faults: [] });
  expect((await create(api)).status).toBe(200);
});
