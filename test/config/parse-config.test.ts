import fc from "fast-check";
import { expect, test } from "vitest";
import { parseConfig } from "../../src/config/parse-config.ts";

const file = "atlas.config.yaml";

/** Each finding as `code line:column message`. */
const check = (text: string): readonly string[] =>
  parseConfig(text, file).findings.map(({ code, line, column, message }) => `${code} ${line}:${column} ${message}`);

const design = `
events:
  connectionName: events
  db: shop
  coll: events
  envelope: { id: _id, stream: streamId, version: version, type: type, time: occurredAt, data: data }
connections:
  events: { type: Cluster }
  domain: { type: Cluster }
  bus: { type: Kafka }
collections:
  - { connectionName: domain, db: shop, coll: orders, indexes: [{ key: { customerId: 1 } }] }
environments:
  local:
    target: emulator
    dlq: { connectionName: domain, db: ops, coll: dead_letters }
  production:
    target: admin-api
    projectId: \${ATLAS_PROJECT_ID}
    workspace: commerce
    provider: AZURE
    region: westeurope
    tier: SP10
    auth: { type: service-account, clientId: "\${ATLAS_CLIENT_ID}", clientSecret: "\${ATLAS_CLIENT_SECRET}" }
    dlq: { connectionName: domain, db: ops, coll: dead_letters }
    databases: { shop: shop_prod }
    connections:
      events: { name: commerce-events, clusterName: commerce }
      bus: { bootstrapServers: "commerce.servicebus.windows.net:9093", security: { protocol: SASL_SSL },
             authentication: { mechanism: PLAIN, username: $ConnectionString, password: "\${EVENTHUBS_CONNECTION}" } }
`;

test("the whole shape is taken, variables left as text", () => {
  const { config, findings } = parseConfig(design, file);
  expect(findings).toEqual([]);
  expect(config?.environments["production"]?.projectId).toBe("${ATLAS_PROJECT_ID}");
  expect(config?.connections).toEqual({
    events: { type: "Cluster" },
    domain: { type: "Cluster" },
    bus: { type: "Kafka" },
  });
});

test("the envelope is filled in field by field", () => {
  const { config } = parseConfig("events: { connectionName: e, db: d, coll: c, envelope: { data: . } }", file);
  expect(config?.events?.envelope).toEqual({
    id: "_id",
    stream: "streamId",
    version: "version",
    type: "type",
    time: "occurredAt",
    data: ".",
  });
});

test("`local` is always there", () => {
  expect(parseConfig("", file).config?.environments).toEqual({ local: {} });
  expect(parseConfig("environments:\n  local:\n  ci:\n", file).config?.environments).toEqual({ local: {}, ci: {} });
  expect(parseConfig("environments:\nconnections:\ncollections:\n", file)).toMatchObject({ findings: [] });
});

test("indexes, validators and images are as mongod takes them, EJSON left as it stands", () => {
  const { config, findings } = parseConfig(
    `collections:
  - connectionName: domain
    db: shop
    coll: orders
    indexes:
      - { key: { customerId: 1, at: -1 }, unique: true, partialFilterExpression: { "_asp.deleted": { $exists: false } } }
      - { key: { "_asp.time": 1 }, expireAfterSeconds: 60, name: tombstones }
    validator: { total: { $gte: { $numberDecimal: "0.10" } }, note: null }
    changeStreamPreAndPostImages: true
  - { connectionName: domain, db: shop, coll: t, timeseries: { timeField: at, granularity: minutes }, changeStreamPreAndPostImages: { enabled: false } }
`,
    file,
  );
  expect(findings).toEqual([]);
  expect(config?.collections[0]).toEqual({
    connectionName: "domain",
    db: "shop",
    coll: "orders",
    indexes: [
      { key: { customerId: 1, at: -1 }, unique: true, partialFilterExpression: { "_asp.deleted": { $exists: false } } },
      { key: { "_asp.time": 1 }, expireAfterSeconds: 60, name: "tombstones" },
    ],
    validator: { total: { $gte: { $numberDecimal: "0.10" } }, note: null },
    changeStreamPreAndPostImages: { enabled: true },
  });
  expect(config?.collections[1]?.changeStreamPreAndPostImages).toEqual({ enabled: false });
});

test.each([
  ["event: {}", "ASP4002 1:1 unknown key `event`"],
  ["event:", "ASP4002 1:1 unknown key `event`"],
  ["environments:\n  local:\n    dql: {}", "ASP4002 3:5 unknown key `dql` in `environments.local`"],
  ["connections:\n  a: { type: kafka }", "ASP4003 2:14 `connections.a.type` must be one of Cluster, Kafka,"],
  ["collections: 5", "ASP4003 1:14 `collections` must be a list, found a number"],
  ["collections: [{ connectionName: a, db: b }]", "ASP4004 1:15 `coll` is missing in `collections[0]`"],
  [
    "events: { connectionName: a, db: '', coll: c }",
    "ASP4003 1:34 `events.db` must be a text that is not empty, found an empty text",
  ],
  [
    "environments: { a: { tier: SP20 } }",
    "ASP4003 1:28 `environments.a.tier` must be one of SP2, SP5, SP10, SP30, SP50, found `SP20`",
  ],
  [
    "environments: { a: { databases: { shop: 5 } } }",
    "ASP4003 1:41 `environments.a.databases.shop` must be a text, found a number",
  ],
  [
    "environments:\n  a:\n    auth:\n      type: api-key\n      publicKey: x",
    "ASP4004 3:5 `privateKey` is missing in `environments.a.auth`",
  ],
  ["- a", "ASP4003 1:1 the file must be a mapping, found a list"],
  ["a: b: c", "ASP4000 1:4 this is not YAML: nested mappings are not allowed in compact mappings"],
  ["events: {}\nevents: {}", "ASP4001 2:1 the key `events` is there twice"],
  ["\tevents: {}", "ASP4000 1:1 this is not YAML"],
])("%j: %s", (text, expected) => expect(check(text)[0]?.slice(0, expected.length)).toBe(expected));

test("all mistakes are found at once", () => {
  expect(check("evnts: {}\nconnections: { a: { typ: x }, b: { type: 5 } }\ncollections: [{}]\n")).toHaveLength(6);
});

test("a near miss is suggested, for keys and for values", () => {
  const { findings } = parseConfig("conections: {}\nenvironments: { a: { target: admin_api } }", file);
  expect(findings.map(({ help }) => help)).toEqual(["did you mean `connections`?", "did you mean `admin-api`?"]);
});

test("unknown keys alone leave the rest usable", () => {
  expect(parseConfig("events: { connectionName: e, db: d, coll: c }\nextra: 1", file).config?.events?.db).toBe("d");
});

test("a variable without quotes in a flow mapping is explained, once", () => {
  const { findings } = parseConfig("environments: { a: { uri: ${URI} } }", file);
  expect(findings).toHaveLength(1);
  expect(findings[0]?.help).toBe('put quotes around a `${NAME}` that stands inside `{ }` or `[ ]`: `"${NAME}"`');
});

test("what may be a secret is never repeated", () => {
  const text =
    'environments: { a: { auth: { type: api-key, publicKey: ["hunter2"], privateKey: { hunter2: 1 } }, target: "hunter2/x" } }';
  const { findings } = parseConfig(text, file);
  expect(findings.length).toBeGreaterThan(2);
  expect(JSON.stringify(findings)).not.toContain("hunter2");
});

test("places are found behind anchors and merges, and for what is not there at the nearest part", () => {
  const text = "connections:\n  a: &a { type: Cluster, uri: x }\n  b: *a\n  c:\n    <<: *a\n    name: y\n";
  const { config, findings } = parseConfig(text, file);
  expect(findings).toEqual([]);
  expect(config?.connections["c"]).toEqual({ type: "Cluster", uri: "x", name: "y" });
  expect(config?.placeOf(["connections", "a", "uri"])).toEqual({ file, line: 2, column: 31 });
  expect(config?.placeOf(["connections", "b", "uri"])).toEqual({ file, line: 2, column: 31 });
  expect(config?.placeOf(["connections", "c", "uri"])).toEqual({ file, line: 4, column: 3 });
  expect(config?.placeOf(["connections", "c"], "key")).toEqual({ file, line: 4, column: 3 });
});

test("keys named __proto__ and constructor are keys like others", () => {
  const { config, findings } = parseConfig(
    "connections: { __proto__: { type: Cluster }, constructor: { type: Kafka } }",
    file,
  );
  expect(findings).toEqual([]);
  expect(Object.keys(config?.connections ?? {})).toEqual(["__proto__", "constructor"]);
  expect(check("__proto__: {}")).toEqual(["ASP4002 1:1 unknown key `__proto__`"]);
});

test("aliases that unfold without end are refused", () => {
  const levels = Array.from({ length: 30 }, (_, index) => `k${index + 1}: &k${index + 1} [${`*k${index},`.repeat(9)}]`);
  expect(check(`k0: &k0 [a]\n${levels.join("\n")}`)[0]).toContain("aliases");
});

test("any text gives findings with a place, never an exception", () => {
  const pieces = fc.constantFrom(
    "events",
    ": ",
    "{",
    "}",
    "[",
    "]",
    "\n",
    "  ",
    "- ",
    "${X}",
    "&a",
    "*a",
    "<<: ",
    "connections",
    "type",
    "1",
    '"',
    "!x ",
    "\t",
    "? ",
    "|",
  );
  const texts = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(pieces).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(texts, (text) => {
      for (const finding of parseConfig(text, file).findings) {
        const { file: named, line = 0, column = 0, message } = finding;
        const isPlaced = named === file && line > 0 && column > 0;
        if (!isPlaced || /must NOT|undefined|\[object/.test(message)) expect.fail(JSON.stringify(finding));
      }
    }),
    { numRuns: 200 },
  );
}, 30_000);
