import { readFile } from "node:fs/promises";
import type { Document } from "bson";
import { onTestFinished } from "vitest";
import type { Fault } from "../../src/emulator/admin/faults/fault.ts";
import { createAdminApiTarget, type AdminApiAuth } from "../../src/deploy/targets/admin-api/admin-api-target.ts";
import type { Target } from "../../src/deploy/targets/target.ts";
import { createWireTarget } from "../../src/deploy/targets/wire/wire-target.ts";
import { startEmulator, type RunningEmulator, type StartEmulatorOptions } from "../../src/testing/index.ts";
import type { TestDatabase } from "../support/mongod.ts";

/** An emulator on the mongod that tests share, with a state of its own. */
export async function openEmulator(mongod: TestDatabase, options: StartEmulatorOptions = {}): Promise<RunningEmulator> {
  const emulator = await startEmulator({
    checkpointIntervalMs: 20,
    uri: mongod.uri,
    db: mongod.freshDb(),
    ...options,
  });
  onTestFinished(async () => {
    await emulator.close();
    await Promise.all(
      emulator.project.tenants().map(({ record }) => mongod.client.db(`asp_${record.id}`).dropDatabase()),
    );
  });
  return emulator;
}

export const ways = ["admin-api, service account", "admin-api, API key", "wire"] as const;
export type Way = (typeof ways)[number];

export interface TargetChanges {
  readonly workspace?: string;
  readonly projectId?: string;
  readonly auth?: AdminApiAuth;
  readonly wire?: string;
  readonly ca?: false;
}

/** A target of an emulator, with short pauses. */
export async function openTarget(way: Way, emulator: RunningEmulator, changes: TargetChanges = {}): Promise<Target> {
  const { signal } = new AbortController();
  const { adminApi: baseUrl, projectId, workspace, clientId, clientSecret, publicKey, privateKey, caFile } = emulator;
  const pauses = { retryPausesMs: [10, 20], readAgainPausesMs: [0, 50] };
  const open = async (): Promise<Target> => {
    if (way === "wire") {
      const uri = changes.wire ?? emulator.wire;
      return createWireTarget({ uri, workspace, signal, selectionTimeoutMs: 3000, samplePauseMs: 20, ...pauses });
    }
    const auth: AdminApiAuth =
      way === "admin-api, API key"
        ? { type: "api-key", publicKey, privateKey }
        : { type: "service-account", clientId, clientSecret };
    const ca = caFile === undefined || changes.ca === false ? {} : { ca: [await readFile(caFile, "utf8")] };
    const { wire: _, ca: __, ...rest } = changes;
    return createAdminApiTarget({ baseUrl, projectId, workspace, auth, signal, ...ca, ...pauses, ...rest });
  };
  const target = await open();
  onTestFinished(() => target.close());
  return target;
}

/** What a pipeline that reads one collection and writes another needs to pass the emulator. */
export function copying(db: string, from: string, to: string, ...between: readonly Document[]): readonly Document[] {
  return [
    { $source: { connectionName: "Cluster0", db, coll: from, config: { fullDocumentOnly: true } } },
    ...between,
    { $merge: { into: { connectionName: "Cluster0", db, coll: to } } },
  ];
}

/** Has the Admin API of an emulator do wrong things, in place of those that it was told before. */
export async function arm(emulator: RunningEmulator, faults: readonly Fault[]): Promise<void> {
  await askFaults(emulator, "PUT", { faults });
}

/** How many faults still wait for a request that meets them. */
export async function countFaults(emulator: RunningEmulator): Promise<number> {
  const { faults } = JSON.parse(await askFaults(emulator, "GET")) as { readonly faults: readonly unknown[] };
  return faults.length;
}

async function askFaults(emulator: RunningEmulator, method: string, body?: object): Promise<string> {
  const { adminApi, clientId, clientSecret, caFile } = emulator;
  const { Agent, request } = await import("node:https");
  const ca = await readFile(caFile ?? "", "utf8");
  const send = (
    method: string,
    path: string,
    headers: Record<string, string>,
    body: string | undefined,
  ): Promise<string> =>
    new Promise((resolve, reject) => {
      const asked = request(`${adminApi}${path}`, { method, headers, agent: new Agent({ ca }) }, (reply) => {
        let text = "";
        reply.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
        reply.on("end", () => {
          if ((reply.statusCode ?? 500) < 300) resolve(text);
          else reject(new Error(text));
        });
      });
      asked.on("error", reject);
      asked.end(body);
    });
  const basic = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`;
  const form = { authorization: basic, "content-type": "application/x-www-form-urlencoded" };
  const { access_token: token } = JSON.parse(
    await send("POST", "/api/oauth/token", form, "grant_type=client_credentials"),
  );
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  return send(method, "/_emulator/faults", headers, body === undefined ? undefined : JSON.stringify(body));
}
