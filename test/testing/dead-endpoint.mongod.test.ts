import { expect, test } from "vitest";
import { loadProject } from "../../src/testing/project.ts";
import { runCases } from "../../src/testing/run-cases.ts";
import { config, temporaryProject } from "./temporary-project.ts";

test("a case whose endpoint is not there ends within seconds, and says which", async () => {
  const dir = await temporaryProject({
    "atlas.config.yaml": config.replace("domain: {", 'rates: { type: Https, url: "http://127.0.0.1:1" }, domain: {'),
    "pipelines/priced.ts": `
import { defineProcessor } from "asp-toolkit";
export default defineProcessor({
  name: "priced",
  pipeline: [
    { $source: { connectionName: "events", db: "shop", coll: "events", config: { fullDocumentOnly: true } } },
    { $https: { connectionName: "rates", as: "rate" } },
    { $merge: { into: { connectionName: "domain", db: "shop", coll: "priced" }, whenMatched: "replace" } },
  ],
});
`,
    "test/fixtures/one/given/shop.events.ndjson": '{"_id":1}\n',
    "test/fixtures/one/then/shop.priced.ndjson": '{"_id":1}\n',
  });
  const startedAt = performance.now();
  const { cases } = await runCases(await loadProject({ cwd: dir }), { env: { ...process.env, CI: "1" } });
  expect(performance.now() - startedAt).toBeLessThan(30_000);
  expect(JSON.stringify(cases)).toContain("no answer from 127.0.0.1:1");
}, 60_000);
