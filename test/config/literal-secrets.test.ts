import { expect, test } from "vitest";
import { literalSecrets } from "../../src/config/connections/literal-secrets.ts";
import { maskSecrets } from "../../src/diagnostics/mask-secrets.ts";

const found = (settings: object): readonly string[] => literalSecrets(settings).map((path) => path.join("."));

test.each<[string, object, readonly string[]]>([
  ["a password", { authentication: { username: "app", password: "hunter2" } }, ["authentication.password"]],
  [
    "each field that never comes back",
    { authentication: { clientSecret: "a", sslKey: "b", sslKeyPassword: "c" } },
    ["authentication.clientSecret", "authentication.sslKey", "authentication.sslKeyPassword"],
  ],
  [
    "that of a registry",
    { schemaRegistryAuthentication: { type: "USER_INFO", password: "x" } },
    ["schemaRegistryAuthentication.password"],
  ],
  [
    "what an address holds",
    { url: "https://me:hunter2@host/", schemaRegistryUrls: ["https://a", "https://u:p@b"] },
    ["url", "schemaRegistryUrls.1"],
  ],
  ["the key of an Azure function", { url: "https://shop.azurewebsites.net/api/price?code=hunter2" }, ["url"]],
  [
    "headers that authenticate",
    { headers: { Authorization: "Bearer x", "x-functions-key": "x", "Content-Type": "text/plain" } },
    ["headers.Authorization", "headers.x-functions-key"],
  ],
  [
    "settings of a client",
    { config: { "ssl.key.password": 12_345, "sasl.jaas.config": "x", "auto.offset.reset": "earliest" } },
    ["config.ssl.key.password", "config.sasl.jaas.config"],
  ],
  [
    "a default",
    { authentication: { password: "${PASS:-hunter2}" }, url: "https://me:${PASS:-hunter2}@host" },
    ["authentication.password", "url"],
  ],
])("a secret in the config: %s", (_, settings, paths) => {
  expect(found(settings)).toEqual(paths);
});

test("none is what a variable or a command gives, nor what is no secret", () => {
  const kafka = {
    type: "Kafka",
    bootstrapServers: "shop.servicebus.windows.net:9093",
    authentication: {
      mechanism: "PLAIN",
      username: "$ConnectionString",
      password: "${CONNECTION_STRING}",
      clientSecret: "${exec:az keyvault secret show --name kafka --query value}",
      sslKey: "${KEY:-}",
      sslKeyPassword: "",
      tokenEndpointUrl: "https://login.example/oauth2/token",
      sslCertificate: "-----BEGIN CERTIFICATE-----",
    },
    headers: { Authorization: "Bearer ${TOKEN}", Accept: "*/*" },
    url: "https://${USER}:${PASS}@host/?code=${CODE}&page=2",
    aws: { roleArn: "arn:aws:iam::1:role/x" },
  };
  expect(found(kafka)).toEqual([]);
});

test.each([
  ["  headers: { Authorization: Bearer hunter2, X-Api-Key: 'hunter2' }"],
  ["  url: https://host/f?code=hunter2&sig=hunter2"],
  ["  password: ${PASS:-hunter2}"],
  ["Endpoint=sb://shop/;SharedAccessKeyName=all;SharedAccessKey=hunter2"],
])("a line that is shown hides it: %s", (line) => {
  const shown = maskSecrets(line);
  expect(shown).not.toContain("hunter2");
  expect(shown).toHaveLength(line.length);
});
