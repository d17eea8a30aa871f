import { expect, test } from "vitest";
import { parseConfig } from "../../src/config/parse-config.ts";
import { resolveConnection } from "../../src/config/resolve-connection.ts";
import { resolveEnvironment } from "../../src/config/resolve-environment.ts";

const file = "atlas.config.yaml";
const text = `
events: { connectionName: events, db: shop, coll: events }
connections:
  events: { type: Cluster }
  domain: { type: Cluster, region: a }
  bus: { type: Kafka }
collections:
  - { connectionName: domain, db: shop, coll: orders }
  - { connectionName: archive, db: shop, coll: old }
environments:
  staging:
    databases: { shop: shop_staging }
    checkpoints: { connectionName: domain }
    connections:
      domain: { uri: "\${DOMAIN_URI}", region: b }
      archive: { type: Cluster, uri: mongodb://archive }
  production:
    target: admin-api
    connections: { domain: { clusterName: commerce, uri: oops } }
    collections: { shop.orders: orders_v2 }
`;

const resolve = (name: string, source = text) => {
  const { config } = parseConfig(source, file);
  if (config === undefined) throw new Error("the config of this test has the wrong shape");
  return resolveEnvironment(config, name);
};

test("`local` needs no words: everything is the embedded mongod", () => {
  const { environment, findings } = resolve("local");
  expect(findings).toEqual([]);
  expect(environment).toMatchObject({
    name: "local",
    target: "emulator",
    databases: {},
    checkpoints: { db: "asp" },
    events: { connectionName: "events", envelope: { data: "data" } },
  });
  expect(environment && resolveConnection(environment, "events", {})).toEqual({ kind: "embedded" });
});

test("an environment's own fields go over the shared ones, and may add connections", () => {
  const { environment } = resolve("staging");
  expect(environment?.connections).toEqual({
    events: { type: "Cluster" },
    domain: { type: "Cluster", region: "b", uri: "${DOMAIN_URI}" },
    bus: { type: "Kafka" },
    archive: { type: "Cluster", uri: "mongodb://archive" },
  });
  expect(environment?.databases).toEqual({ shop: "shop_staging" });
  expect(environment?.collectionNames).toEqual({});
  expect(resolve("production").environment?.collectionNames).toEqual({ "shop.orders": "orders_v2" });
  expect(environment?.checkpoints).toEqual({ connectionName: "domain", db: "asp" });
});

test("collections on a connection that only other environments have are left out", () => {
  expect(resolve("local").environment?.collections.map(({ coll }) => coll)).toEqual(["orders"]);
  expect(resolve("staging").environment?.collections.map(({ coll }) => coll)).toEqual(["orders", "old"]);
});

test("an unknown environment is answered with the nearest one and the place of the block", () => {
  expect(resolve("stagin")).toEqual({
    findings: [
      expect.objectContaining({
        message: "there is no environment `stagin` in atlas.config.yaml",
        file,
        line: 10,
        column: 1,
        help: "did you mean `staging`?",
        notes: ["environments: local, staging, production"],
      }),
    ],
  });
  expect(resolve("constructor").environment).toBeUndefined();
  expect(resolve("x", "").findings[0]).toMatchObject({ file, line: 1, column: 1 });
});

test.each([
  [
    "events: { connectionName: event, db: d, coll: c }\nconnections: { events: { type: Cluster } }",
    "1:27",
    "did you mean `events`?",
  ],
  ["collections: [{ connectionName: x, db: d, coll: c }]", "1:33", "add it to the connections: `x: { type: Cluster }`"],
  [
    "environments: { local: { dlq: { connectionName: dmain, db: d, coll: c } } }\nconnections: { domain: { type: Cluster } }",
    "1:49",
    "did you mean `domain`?",
  ],
  [
    "environments: { local: { checkpoints: { connectionName: y } } }",
    "1:57",
    "add it to the connections: `y: { type: Cluster }`",
  ],
])("a connection that the config itself names must be there: %s", (source, place, help) => {
  const [finding, ...others] = resolve("local", source).findings;
  expect(others).toEqual([]);
  expect(finding).toMatchObject({ severity: "error", help });
  expect(`${finding?.line}:${finding?.column}`).toBe(place);
});

test("a connection without a type is found where it stands", () => {
  const { findings } = resolve("a", "environments:\n  a:\n    connections:\n      evnts: { uri: x }\n");
  expect(findings).toMatchObject([{ code: "ASP4009", line: 4, column: 7 }]);
});

const connect = (environment: string, name: string, variables = {}) => {
  const resolved = resolve(environment).environment;
  if (resolved === undefined) throw new Error(`no environment ${environment}`);
  return resolveConnection(resolved, name, variables);
};

test("a uri is filled in when it is used", () => {
  const uri = "mongodb://bob:tiger@host";
  expect(connect("staging", "domain", { DOMAIN_URI: uri })).toEqual({ kind: "uri", uri });
});

test.each([
  ["staging", "domain", {}, "ASP4006", 15],
  ["staging", "domain", { DOMAIN_URI: "bob:tiger@host" }, "ASP4012", 15],
  ["production", "domain", {}, "ASP4012", 19],
  ["production", "events", {}, "ASP4011", 4],
  ["staging", "bus", {}, "ASP4013", 6],
  ["staging", "evnts", {}, "ASP4014", 11],
])("in %s, %s with %j is %s at line %i", (environment, name, variables, code, line) => {
  const address = connect(environment, name, variables);
  expect(address).toMatchObject({ kind: "unknown", finding: { code, file, line } });
  expect(JSON.stringify(address)).not.toContain("tiger");
});

test("names have their variables replaced, and a variable that is not set is said with its place", () => {
  const { config } = parseConfig(
    [
      "events: { connectionName: events, db: shop, coll: '${EVENTS:-events}' }",
      "connections: { events: { type: Cluster, uri: '${URI}' } }",
      "collections:",
      "  - { connectionName: events, db: '${DB}', coll: a, validator: { $jsonSchema: { pattern: '${x}' } } }",
      "environments:",
      "  local: { databases: { shop: '${DB}' }, collections: { shop.orders: 'orders_${DB}' }, dlq: { connectionName: events, db: '${OPS}', coll: letters } }",
      "  other: { databases: { shop: '${OTHER}' } }",
    ].join("\n"),
    file,
  );
  if (config === undefined) throw new Error("the config of this test has the wrong shape");
  const { environment, findings } = resolveEnvironment(config, "local", { DB: "shop_1", OPT: "" });
  expect(environment).toMatchObject({
    events: { coll: "events" },
    databases: { shop: "shop_1" },
    collectionNames: { "shop.orders": "orders_shop_1" },
    dlq: { db: "OPS" },
    collections: [{ db: "shop_1", validator: { $jsonSchema: { pattern: "${x}" } } }],
    connections: { events: { uri: "${URI}" } },
  });
  expect(findings).toMatchObject([{ code: "ASP4006", file, line: 6, help: expect.stringContaining("OPT") as string }]);
});
