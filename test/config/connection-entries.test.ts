import { expect, test } from "vitest";
import { parseConfig } from "../../src/config/parse-config.ts";
import { resolveEnvironment } from "../../src/config/resolve-environment.ts";
import type { Finding } from "../../src/diagnostics/finding.ts";

/** The findings of one environment of a config, by default of `local`. */
function findingsOf(text: string, name = "local"): readonly Finding[] {
  const { config, findings } = parseConfig(text, "atlas.config.yaml");
  expect(findings).toEqual([]);
  if (config === undefined) throw new Error("the config of this test has the wrong shape");
  return resolveEnvironment(config, name).findings;
}
const placed = ({ code, line, column }: Finding): string => `${code} ${line}:${column}`;
const kafka = (fields: string): readonly string[] =>
  findingsOf(`connections: { bus: { type: Kafka, ${fields} } }`).map(placed);

test("every Kafka setting that Atlas ignores is found at its key, in the environment that has it", () => {
  const text = [
    "connections:",
    "  bus: { type: Kafka, config: { acks: all, linger: 5 } }",
    "environments:",
    "  production:",
    "    connections:",
    "      bus:",
    "        config:",
    "          client.id: asp",
    "          client.idd: asp",
    "          auto_offset_reset: earliest",
    "          ssl.keystore.location: x",
  ].join("\n");
  expect(findingsOf(text).map(placed)).toEqual(["ASP4041 2:44"]);
  expect(findingsOf(text, "production").map((finding) => [placed(finding), finding.help])).toEqual([
    ["ASP4041 9:11", "did you mean `client.id`?"],
    ["ASP4041 10:11", "write `auto.offset.reset`"],
    ["ASP4041 11:11", "remove it"],
  ]);
});

test.each([
  ["broker-1:9092", []],
  ["broker-1:9092, broker-2:9092", []],
  ["broker-1", []],
  ["[fd00::1]:9092", []],
  ["${BROKERS}", []],
  ["${HOST}:9092,,", []],
  ["kafka://broker-1:9092", ["ASP4043 1:54"]],
  ["broker-1:9092,", ["ASP4043 1:54"]],
  ["broker-1:0", ["ASP4043 1:54"]],
  ["broker-1:99999", ["ASP4043 1:54"]],
  ["broker-1 broker-2", ["ASP4043 1:54"]],
])("brokers %j: %j", (servers, expected) => {
  expect(kafka(`bootstrapServers: "${servers}"`)).toEqual(expected);
});

test.each([
  ["security: { protocol: SASL_SSL }", ["ASP4042 1:58"]],
  ["security: { protocol: SASL_SSL }, authentication: { aws: { roleArn: x } }", []],
  ["security: { protocol: SASL_PLAINTEXT }, authentication: { mechanism: PLAIN, username: u, password: p }", []],
  ["security: { protocol: SSL }, authentication: { sslCertificate: c, sslKey: k }", []],
  ["security: { protocol: SSL }, authentication: { sslKey: k, username: u }", ["ASP4049 1:94"]],
  ["authentication: { mechanism: PLAIN, username: u }", []],
  ["authentication: { mechanism: SCRAM-256, scope: s, method: OIDC }", ["ASP4049 1:86", "ASP4049 1:76"]],
  ["authentication: { mechanism: OAUTHBEARER, clientId: c, password: p }", ["ASP4049 1:91"]],
])("Kafka with %s: %j", (fields, expected) => expect([...kafka(fields)].toSorted()).toEqual(expected.toSorted()));

test("brokers that ask for nothing need no mechanism", () => {
  expect(kafka("bootstrapServers: broker:9092")).toEqual([]);
});

const hubs = (fields: string, host = "commerce.servicebus.windows.net:9093"): readonly string[] =>
  findingsOf(`connections: { bus: { type: Kafka, bootstrapServers: "${host}", ${fields} } }`).map(
    ({ code, message }) => `${code} ${message.split(" of ")[0]}`,
  );

test.each([
  ["security: { protocol: SASL_SSL }, authentication: { mechanism: PLAIN, username: $ConnectionString }", []],
  ['authentication: { mechanism: PLAIN, username: "${USER}", password: "${PASSWORD}" }', []],
  ["authentication: { mechanism: PLAIN, username: root }", ["ASP4044 `authentication.username`"]],
  ["authentication: { mechanism: SCRAM-512, username: $ConnectionString }", ["ASP4044 `authentication.mechanism`"]],
  ["authentication: { mechanism: OAUTHBEARER, clientId: c }", []],
  ["security: { protocol: SASL_PLAINTEXT }, authentication: { mechanism: PLAIN }", ["ASP4044 `security.protocol`"]],
  [`authentication: { mechanism: PLAIN, password: '"Endpoint=sb://commerce"' }`, ["ASP4044 `authentication.password`"]],
])("Event Hubs with %s: %j", (fields, expected) => expect(hubs(fields)).toEqual(expected));

test("Event Hubs are on one port, and other brokers are none", () => {
  const access = "authentication: { mechanism: PLAIN, username: root }";
  expect(hubs(access.replace("root", "$ConnectionString"), "commerce.servicebus.windows.net:9092")).toEqual([
    "ASP4044 `bootstrapServers`",
  ]);
  expect(hubs(access, "servicebus.windows.net.example.com:9092")).toEqual([]);
});

test("no finding repeats a secret", () => {
  const text = `connections:
  bus: { type: Kafka, bootstrapServers: "c.servicebus.windows.net:9093", authentication: { mechanism: PLAIN, password: '"s3cret"' } }
  web: { type: Https, url: "ftp://bob:s3cret@host" }
`;
  const findings = findingsOf(text);
  expect(findings.map(({ code }) => code)).toEqual(["ASP4044", "ASP4043"]);
  expect(JSON.stringify(findings)).not.toContain("s3cret");
});

test.each([
  ["{ type: Https, url: https://api.example.com/v1 }", []],
  ["{ type: Https, url: http://localhost:8080 }", []],
  ['{ type: Https, url: "${URL}" }', []],
  ["{ type: Https, url: api.example.com }", ["ASP4043"]],
  ["{ type: SchemaRegistry, schemaRegistryUrls: [https://a.example.com, registry] }", ["ASP4043"]],
  ["{ type: AzureBlobStorage, azure: { storageAccountName: acmelake1 } }", []],
  ["{ type: AzureBlobStorage, azure: { storageAccountName: AcmeLake } }", ["ASP4043"]],
  ["{ type: AzureBlobStorage, azure: { storageAccountName: a.blob.core.windows.net } }", ["ASP4043"]],
  // Which type takes which setting is the service's to say.
  ["{ type: Cluster, url: api.example.com }", []],
])("%s: %j", (entry, expected) => {
  expect(findingsOf(`connections: { a: ${entry} }`).map(({ code }) => code)).toEqual(expected);
});

const remote = (fields: string, connections = "{}"): readonly Finding[] =>
  findingsOf(
    `connections: ${connections}\nenvironments:\n  production: { target: admin-api, ${fields} }`,
    "production",
  );

test.each([
  ["provider: AZURE, region: westeurope", undefined],
  ["provider: AZURE, region: US_EAST_2", "write `eastus2`"],
  ["provider: AZURE, region: westeurop", "did you mean `westeurope`?"],
  ["provider: AZURE, region: VIRGINIA_USA", "set `provider` to AWS, or name a region of AZURE"],
  ["provider: AZURE, region: northeurope", "check the name, and leave it where the service has the region by now"],
  ['provider: AZURE, region: "${REGION}"', undefined],
  ["provider: AWS, region: VIRGINIA_USA", undefined],
  ["provider: AWS, region: CAPETOWN_ZAF", undefined],
  ["provider: AWS, region: eastus2", "set `provider` to AZURE, or name a region of AWS"],
  ["provider: GCP, region: us-central1", undefined],
  ["region: anywhere", undefined],
])("%s: %s", (fields, help) => {
  const findings = remote(fields);
  expect(findings.map((finding) => [finding.code, finding.severity, finding.line, finding.help])).toEqual(
    help === undefined ? [] : [["ASP4039", "warning", 3, help]],
  );
});

test("names are those of the workspace, and what runs here may be called anything", () => {
  const connections = '{ "a b": { type: Kafka }, "c.*": { type: Cluster }, "d.e": { type: Kafka, name: d-e } }';
  expect(remote("workspace: commerce", connections).map(placed)).toEqual(["ASP4045 1:16"]);
  expect(remote("workspace: a b").map(placed)).toEqual(["ASP4045 3:47"]);
  expect(findingsOf(`connections: ${connections}`)).toEqual([]);
});
