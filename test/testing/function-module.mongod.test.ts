import { expect, test } from "vitest";
import { loadProject } from "../../src/testing/project.ts";
import { runCases } from "../../src/testing/run-cases.ts";
import { config, temporaryProject } from "./temporary-project.ts";

test("a case runs the module that the config names in place of a Lambda function, in every trial", async () => {
  const lambda = "lambda: { type: AWSLambda, functions: { add-tax: { module: ./functions/add-tax.ts } } }";
  const dir = await temporaryProject({
    "atlas.config.yaml": config.replace("domain: {", `${lambda}, domain: {`),
    "functions/add-tax.ts": `
import type { ExternalFunction } from "asp-toolkit";
const addTax: ExternalFunction<{ net: number }> = async ({ net }) => {
  if (net < 0) throw new Error("a price is not below zero");
  return { gross: net * 1.5 };
};
export default addTax;
`,
    "pipelines/priced.ts": `
import { defineProcessor } from "asp-toolkit";
export default defineProcessor({
  name: "priced",
  pipeline: [
    { $source: { connectionName: "events", db: "shop", coll: "events", config: { fullDocumentOnly: true } } },
    { $externalFunction: { connectionName: "lambda", functionName: "add-tax", as: "price" } },
    { $merge: { into: { connectionName: "domain", db: "shop", coll: "priced" }, whenMatched: "replace" } },
  ],
  options: { dlq: { connectionName: "domain", db: "shop", coll: "dlq" } },
});
`,
    "test/fixtures/one/given/shop.events.ndjson": '{"_id":1,"net":2}\n{"_id":2,"net":-1}\n',
    "test/fixtures/one/then/shop.priced.ndjson": '{"_id":1,"net":2,"price":{"gross":3}}\n',
    "test/fixtures/one/then/_dlq.ndjson":
      '{"doc":{"_id":2,"net":-1},"errInfo":{"reason":{"$regex":"not below zero"}}}\n',
  });
  const { cases } = await runCases(await loadProject({ cwd: dir }), { env: { ...process.env, CI: "1" } });
  expect(cases).toMatchObject([{ name: "one", ok: true }]);
});
