import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createAdminApiTarget, type AdminApiAuth } from "../../src/deploy/targets/admin-api/admin-api-target.ts";
import type { Fault } from "../../src/emulator/admin/faults/fault.ts";
import type { Target } from "../../src/deploy/targets/target.ts";
import { accountOf, apiKeyOf, openApi, type TestApi } from "../emulator/admin/support.ts";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const { clientId, clientSecret } = accountOf("admin");
const { publicKey, privateKey } = apiKeyOf("admin");
const account: AdminApiAuth = { type: "service-account", clientId, clientSecret };
const key: AdminApiAuth = { type: "api-key", publicKey, privateKey };

/** A workspace, and a target of it that is used for as long as the test's clock says. */
async function open(
  auth: AdminApiAuth,
  faults: readonly Fault[] = [],
): Promise<{
  readonly api: TestApi;
  readonly target: Target;
  readonly pass: (minutes: number) => void;
}> {
  let nowMs = Date.UTC(2026, 0, 1);
  const api = await openApi(mongod, { now: () => nowMs, faults });
  const dataProcessRegion = { cloudProvider: "AZURE", region: "westeurope" };
  await api.call("POST", "/streams", { name: "commerce", dataProcessRegion });
  const target = createAdminApiTarget({
    ...{ baseUrl: api.origin, projectId: api.project.id, workspace: "commerce", auth },
    retryPausesMs: [10, 10],
    signal: new AbortController().signal,
  });
  onTestFinished(() => target.close());
  return { api, target, pass: (minutes) => void (nowMs += minutes * 60_000) };
}

describe.each([
  // Longer than a token holds, and than a nonce does.
  ["a service account", account, 61],
  ["an API key", key, 6],
] as const)("who works for hours with %s", (_, auth, minutes) => {
  test("shows who they are again whenever the service has forgotten it", async () => {
    const { target, pass } = await open(auth);
    for (let time = 0; time < 5; time += 1) {
      expect(await target.processors()).toEqual([]);
      pass(minutes);
    }
  });

  test("does so also with many requests at once", async () => {
    const { target, pass } = await open(auth);
    for (let time = 0; time < 3; time += 1) {
      const all = await Promise.all(Array.from({ length: 8 }, () => target.processors()));
      expect(all).toEqual(Array.from({ length: 8 }, () => []));
      pass(minutes);
    }
  });
});

test("a token that is refused as soon as it was given ends it, and no further one is asked for", async () => {
  // The first request makes the workspace.
  const { target } = await open(account, [{ path: "/api/atlas/v2/**", skip: 1, times: 10, status: 401 }]);
  await expect(target.processors()).rejects.toMatchObject({ code: "ASP6000" });
});

test.each([429, 503])("a %i of the request for a token is waited for, as long as it says", async (status) => {
  // The first token is for whoever makes the workspace.
  const { target } = await open(account, [{ path: "/api/oauth/token", skip: 1, status, retryAfterSeconds: 1 }]);
  const startedAt = performance.now();
  expect(await target.processors()).toEqual([]);
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(1000);
});

test("a 503 of a read is waited for, as long as it says; one that asks for too long is told", async () => {
  const path = "/api/atlas/v2/**";
  const { target } = await open(account, [
    { path, skip: 1, status: 503, retryAfterSeconds: 1 },
    { path, skip: 2, status: 503, retryAfterSeconds: 3600, always: true },
  ]);
  const startedAt = performance.now();
  await expect(target.processors()).rejects.toMatchObject({ code: "ASP6005" });
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(1000);
});
