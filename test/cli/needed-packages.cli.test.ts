import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { makeFolder } from "./run-cli.ts";
import { spawnCli } from "./spawn-cli.ts";

const files = {
  "atlas.config.yaml": `
connections:
  events: { type: Cluster }
  lake: { type: S3, aws: { roleArn: "arn:aws:iam::123456789012:role/asp" } }
environments:
  local: { target: emulator }
`,
  "pipelines/lake.ts": `import { defineProcessor } from "asp-toolkit";
export default defineProcessor({
  name: "lake",
  pipeline: [
    { $source: { connectionName: "events", db: "shop", coll: "events", config: { fullDocumentOnly: true } } },
    { $iceberg: { connectionName: "lake", bucket: "acme", path: "t", databaseName: "shop", tableName: "orders" } },
  ],
});
`,
  "test/fixtures/one/given/shop.events.ndjson": '{"_id":1,"amount":50}\n',
  "test/fixtures/one/then/captured.lake.ndjson": '{"path":"acme/t/shop/orders","row":{"_id":1,"amount":50}}\n',
};

test("a package that is loaded when it is needed is found by the built command, also by one that V8 has kept", async () => {
  const cwd = await makeFolder(files);
  for (let time = 0; time < 2; time += 1) {
    const { code, stdout, stderr } = await (await spawnCli(["test", "--json"], { cwd })).result;
    expect({ code, stderr: stderr.includes("ASP9000") ? stderr : "" }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({ passed: 1, findings: [] });
  }
});

const codeOf = (name: string): string =>
  readFileSync(new URL(`../../dist/cli/code/${name}.js`, import.meta.url), "latin1");

test.each(["asp", "checks"])("nothing in %s.js imports by itself: a script that V8 has kept cannot", (name) => {
  const code = codeOf(name);
  expect(code).toContain("__import(");
  expect(code.match(/[^\w.$]import\(["'][^)]*\)/gu)).toBeNull();
});

test("what only looks at files has a script without drivers and servers", () => {
  for (const touchesServers of ["hyparquet-writer", 'require("mongodb")']) {
    expect(codeOf("asp")).toContain(touchesServers);
    expect(codeOf("checks")).not.toContain(touchesServers);
  }
});
