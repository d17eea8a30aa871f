import { execPath } from "node:process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { explainWindow } from "../../src/cli/doctor/check-oplog.ts";
import { checkNear } from "../../src/cli/doctor/check-near.ts";
import { isSameRegion } from "../../src/cli/doctor/is-same-region.ts";
import type { StartEmulatorOptions } from "../../src/testing/index.ts";
import { copying, openEmulator, openTarget } from "../deploy/support.ts";
import { freshName } from "../engine/support.ts";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";
import { makeFolder, runCli, type CliResult } from "./run-cli.ts";
import { adminApi, variablesOf } from "./emulator-settings.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const config = `connections:
  events: { type: Cluster, name: Cluster0 }
  gone: { type: Https, url: "https://example.org" }
environments:
  local: { target: emulator }
  staging:${adminApi()}
    connections: { events: { uri: "MONGOD" } }
  blind:${adminApi()}
  elsewhere:${adminApi()}
    provider: AWS
    region: DUBLIN_IRL
  vault:${adminApi()}
    connections: { gone: { manage: true, headers: { X-Api-Key: '\${exec:"NODE" -p 5}' } } }
  wired: { target: wire, workspace: local, uri: "\${WIRE}" }
`;

/** A module whose processor reads `from` with images and merges into a collection of its name on `fields`. */
const moduleOf = (name: string, { from, on = "", extra = "" }: { from: string; on?: string; extra?: string }): string =>
  `import { defineProcessor } from "asp-toolkit";
export default defineProcessor({
  name: "${name}",
  pipeline: [
    { $source: { connectionName: "events", db: "DB", coll: "${from}", config: { fullDocumentBeforeChange: "required" } } },
    ${extra}
    { $merge: { into: { connectionName: "events", db: "DB", coll: "${name}" }${on === "" ? "" : `, on: ${on}`} } },
  ],
});
`;

interface Check {
  readonly name: string;
  readonly status: string;
  readonly detail: string;
  readonly help?: string;
}

async function setUp(modules: Readonly<Record<string, string>>, options: StartEmulatorOptions = {}) {
  const emulator = await openEmulator(mongod, options);
  const cwd = await makeFolder({
    "atlas.config.yaml": config.replaceAll("MONGOD", mongod.uri).replaceAll("NODE", execPath),
    ...Object.fromEntries(
      Object.entries(modules).map(([name, text]) => [`pipelines/${name}.ts`, text.replaceAll("DB", mongod.db)]),
    ),
  });
  const env = {
    ...(process.env as Record<string, string>),
    ...variablesOf(emulator),
  };
  const asp = (argv: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<CliResult> =>
    runCli(argv, { cwd, env: { ...env, ...more } });
  const checks = async (
    environment: string,
    more: Readonly<Record<string, string>> = {},
    ...argv: readonly string[]
  ) => {
    const { stdout, code } = await asp(["doctor", "-e", environment, "--json", ...argv], more);
    const { checks: found } = JSON.parse(stdout) as { readonly checks: readonly Check[] };
    return { code, found, of: (name: string) => found.filter((each) => each.name === name) };
  };
  return { emulator, asp, checks };
}

describe("asp doctor of a workspace", () => {
  test.each(["staging", "wired"])("of %s says that it can be operated", async (environment) => {
    const { checks } = await setUp({});
    const { of } = await checks(environment);
    expect(of("workspace")).toMatchObject([{ status: "ok", detail: expect.stringContaining("workspace `local`") }]);
    expect(of("role")).toMatchObject([{ status: "ok" }]);
    expect(of("connections")).toMatchObject([{ status: "ok" }]);
  });

  test("runs what a connection that is managed has its secrets from", async () => {
    const { checks } = await setUp({});
    const { of } = await checks("vault");
    expect(of("connections")).toMatchObject([{ status: "ok" }]);
  });

  test("tells wrong credentials once, with what to do", async () => {
    const { checks } = await setUp({});
    const { of, code } = await checks("staging", { SECRET: "wr0ng" });
    expect(code).toBe(3);
    expect(of("workspace")).toMatchObject([
      { status: "error", detail: expect.stringContaining("ASP6000"), help: expect.any(String) },
    ]);
    expect(of("role")).toEqual([]);
    const unset = await checks("staging", { SECRET: "" });
    expect(unset.of("workspace")).toMatchObject([{ status: "error" }]);
  });

  test("tells a role that may only read", async () => {
    const users = [{ name: "reader", password: "p", role: "read" as const }];
    const { checks, emulator } = await setUp({}, { seed: { users } });
    const wire = emulator.wire.replace(/:\/\/[^@]+@/, "://reader:p@");
    const { of, code } = await checks("wired", { WIRE: wire });
    expect(code).toBe(3);
    expect(of("workspace")).toMatchObject([{ status: "ok" }]);
    expect(of("role")).toMatchObject([{ status: "error", detail: expect.stringContaining("ASP6001") }]);
  });

  test("tells another region than the config's, and a connection that processors need", async () => {
    const extra = '{ $https: { connectionName: "gone", path: "x", as: "y", method: "GET" } },';
    const { checks } = await setUp({ orders: moduleOf("orders", { from: freshName(), extra }) });
    const { of, code } = await checks("elsewhere");
    expect(code).not.toBe(0);
    expect(of("region")).toMatchObject([
      { status: "error", detail: "the workspace is in VIRGINIA_USA, the config says DUBLIN_IRL" },
    ]);
    expect(of("connections")).toMatchObject([
      { status: "error", detail: expect.stringContaining("no connection `gone`") },
    ]);
    expect(of("connection events")).toMatchObject([
      { status: "ok", detail: "Cluster without `uri`: not looked into from here" },
    ]);
  });

  test("tells a connection of the workspace that is in another region", async () => {
    const { checks, emulator } = await setUp({});
    const target = await openTarget("admin-api, service account", emulator);
    await target.createConnection("far", {
      type: "AWSKinesisDataStreams",
      aws: { roleArn: "arn:aws:iam::123456789012:role/streams" },
      region: "eu-west-1",
    });
    const { of } = await checks("blind");
    expect(of("region")).toEqual([
      {
        name: "region",
        status: "warning",
        detail: "the connection `far` is in eu-west-1, the workspace in VIRGINIA_USA: every document goes that way",
        help: expect.stringContaining("region"),
      },
    ]);
    // One that is near is not told.
    await target.deleteConnection("far");
    expect((await checks("blind")).of("region")).toEqual([{ name: "region", status: "ok", detail: "VIRGINIA_USA" }]);
  });

  test("looks into clusters with a uri: oplog, images, unique indexes", async () => {
    const [from, kept] = [freshName(), freshName()];
    const db = mongod.client.db(mongod.db);
    await db.createCollection(from);
    await db.createCollection(kept, { changeStreamPreAndPostImages: { enabled: true } });
    const { checks } = await setUp({
      orders: moduleOf("orders", { from, on: '["a", "b"]' }),
      payments: moduleOf("payments", { from: kept, on: '["c"]' }),
    });
    await db.collection("payments").createIndex({ c: 1 }, { unique: true });
    const { of, code } = await checks("staging", {}, "--downtime", "0.0001");
    expect(code).not.toBe(0);
    expect(of("connection events").map(({ status }) => status)).toEqual(["ok", "ok"]);
    expect(of("connection events")[1]?.detail).toMatch(/^the oplog holds .*, a processor may stand still for 360 ms$/);
    expect(of("processor orders")).toMatchObject([
      { status: "error", detail: expect.stringContaining("keeps none"), help: expect.stringContaining("collMod") },
      {
        status: "error",
        detail: expect.stringContaining("no unique index on a, b"),
        help: expect.stringContaining("createIndex"),
      },
    ]);
    expect(of("processor payments").map(({ status }) => status)).toEqual(["ok", "ok"]);
    // What cannot be seen is judged by the config.
    const blind = await checks("blind");
    expect(blind.of("processor payments")).toMatchObject([
      { status: "error", detail: expect.stringContaining("config") },
    ]);
  });

  test("tells a processor of the project that has FAILED", async () => {
    const { checks, emulator } = await setUp({ orders: moduleOf("orders", { from: freshName() }) });
    const target = await openTarget("wire", emulator);
    const view = freshName();
    await mongod.client.db(mongod.db).createCollection(view, { viewOn: freshName(), pipeline: [] });
    await target.create({ name: "orders", pipeline: copying(mongod.db, view, freshName()) });
    await target.start("orders").catch(() => undefined);
    await expect.poll(async () => (await target.processor("orders"))?.state, { timeout: 20_000 }).toBe("FAILED");
    const { of } = await checks("blind");
    expect(of("processor orders")).toContainEqual(
      expect.objectContaining({ status: "error", detail: expect.stringContaining("is FAILED: ") }),
    );
  });

  test("--downtime is a number of hours", async () => {
    expect((await runCli(["doctor", "--downtime", "1d"])).code).toBe(64);
  });
});

test.each([
  [{ ms: 7_200_000, isFull: true, leastMs: 0 }, 1, "ok"],
  [{ ms: 7_200_000, isFull: true, leastMs: 0 }, 24, "warning"],
  [{ ms: 7_200_000, isFull: false, leastMs: 0 }, 24, "ok"],
  [{ ms: 7_200_000, isFull: true, leastMs: 86_400_000 }, 24, "ok"],
])("an oplog window %j against %d h is %s", (window, hours, status) => {
  expect(explainWindow("connection events", window, hours).status).toBe(status);
});

test.each([
  [
    { region: "EU_WEST_1", provider: "AWS" },
    "warning",
    "is in EU_WEST_1, the workspace in VIRGINIA_USA: every document",
  ],
  [
    { region: "US_EAST_1", provider: "AZURE" },
    "warning",
    "is in US_EAST_1, the workspace in VIRGINIA_USA: every document",
  ],
  [{ region: "US_EAST_1", provider: "AWS" }, "ok", "is in US_EAST_1, next to the workspace"],
  [{}, undefined, undefined],
] as const)("a cluster that says %j is seen beside the workspace: %s", (tags, status, detail) => {
  const checks = checkNear("connection events", { tags }, { region: "VIRGINIA_USA", provider: "AWS" });
  const expected =
    status === undefined ? [] : [{ name: "connection events", status, detail: expect.stringContaining(detail) }];
  expect(checks).toMatchObject(expected);
  expect(checks).toHaveLength(expected.length);
});

test.each([
  ["AZURE", "EUROPE_WEST", "westeurope", true],
  ["AZURE", "US_EAST_2", "westeurope", false],
  ["AZURE", "NOWHERE", "westeurope", undefined],
  ["AWS", "US_EAST_1", "VIRGINIA_USA", true],
  [undefined, "DUBLIN_IRL", "VIRGINIA_USA", false],
  ["GCP", "CENTRAL_US", "US_CENTRAL1", undefined],
  ["GCP", "US_CENTRAL1", "US_CENTRAL1", true],
] as const)("on %s %s and %s: one region is %s", (provider, one, other, expected) => {
  expect(isSameRegion(provider, one, other)).toBe(expected);
});
