import { expect, test } from "vitest";
import { resolveEnvironment } from "../../src/config/resolve-environment.ts";
import { parseConfig } from "../../src/config/parse-config.ts";
import { toDesiredConnections } from "../../src/deploy/read-desired.ts";

test("what asp alone goes by is not sent to the service: addresses and modules on this machine", () => {
  const text = [
    "connections:",
    "  events: { type: Cluster, clusterName: c0, uri: mongodb://localhost }",
    "  web: { type: Https, url: https://example.org }",
    "  lambda:",
    "    type: AWSLambda",
    "    url: http://localhost:3001",
    "    aws: { roleArn: arn }",
    "    functions: { add-tax: { module: ./functions/add-tax.ts } }",
    "environments: { production: { target: admin-api, manage: true } }",
  ].join("\n");
  const { config, findings } = parseConfig(text, "atlas.config.yaml");
  if (config === undefined) throw new Error(JSON.stringify(findings));
  const { environment } = resolveEnvironment(config, "production");
  if (environment === undefined) throw new Error("there is no such environment");
  const { connections } = toDesiredConnections(environment, {});
  expect(connections.map(({ filled }) => filled)).toEqual([
    { type: "Cluster", clusterName: "c0" },
    { type: "Https", url: "https://example.org" },
    { type: "AWSLambda", aws: { roleArn: "arn" } },
  ]);
});
