import { expect, test } from "vitest";
import { loadProject } from "../../src/testing/project.ts";
import type { TestReport } from "../../src/testing/report/test-report.ts";
import { runCases } from "../../src/testing/run-cases.ts";
import { config, largePayments, payments, temporaryProject } from "./temporary-project.ts";

/** Copies what happens to customers into a replica: inserts, updates, deletes. */
const replica = `
import { defineProcessor } from "asp-toolkit";
export default defineProcessor({
  name: "replica",
  pipeline: [
    { $source: { connectionName: "events", db: "shop", coll: "customers", config: { fullDocument: "updateLookup" } } },
    { $addFields: { doc: { $ifNull: ["$fullDocument", "$documentKey"] }, gone: { $eq: ["$operationType", "delete"] } } },
    { $replaceRoot: { newRoot: { $mergeObjects: ["$doc", { gone: "$gone" }] } } },
    { $merge: { into: { connectionName: "domain", db: "copy", coll: "customers" }, whenMatched: "replace" } },
  ],
});
`;

async function run(files: Readonly<Record<string, string>>): Promise<TestReport> {
  const dir = await temporaryProject({ "atlas.config.yaml": config, ...files });
  return runCases(await loadProject({ cwd: dir }), { env: { ...process.env, CI: "1" } });
}

test("steps insert, update, replace, delete, wait and restart", async () => {
  const report = await run({
    "pipelines/replica.ts": replica,
    "test/fixtures/one/given/shop.customers.ndjson": '{"_id":1,"n":1}\n{"_id":2,"n":{"$numberLong":"2"}}\n{"_id":3}\n',
    "test/fixtures/one/given/_steps.yaml": `
- given: shop.customers
- caughtUp: true
- update: { in: shop.customers, filter: { _id: 1 }, update: { $inc: { n: 10 } } }
- restart: true
- replace: { in: shop.customers, filter: { _id: 2 }, replacement: { at: { $date: "2026-01-01T00:00:00Z" } } }
- advance: { size: 10, unit: minute }
- transaction:
    - insert: { into: shop.customers, documents: [{ _id: 4 }, { _id: 5 }] }
    - delete: { in: shop.customers, filter: { _id: 3 } }
`,
    "test/fixtures/one/then/copy.customers.ndjson": [
      '{"_id":1,"n":11,"gone":false}',
      '{"_id":2,"at":{"$date":"2026-01-01T00:00:00Z"},"gone":false}',
      '{"_id":3,"gone":true}',
      '{"_id":4,"gone":false}',
      '{"_id":5,"gone":false}',
    ].join("\n"),
  });
  expect(report.findings).toEqual([]);
  expect(report.cases[0]?.trials.map(({ ok }) => ok)).toEqual([true, true, true, true]);
});

test("files are merged by the time of their events where a case asks for it", async () => {
  const last = largePayments
    .replace('coll: "events"', 'coll: ["events", "more"]')
    .replace("{ $match: { amount: { $gte: 100 } } },\n", '{ $addFields: { _id: "all" } },\n');
  const files = {
    "pipelines/large-payments.ts": last,
    "test/fixtures/one/given/shop.events.ndjson":
      '{"_id":1,"amount":1,"occurredAt":{"$date":"2026-01-01T00:00:00Z"}}\n{"_id":3,"amount":3,"occurredAt":{"$date":"2026-01-03T00:00:00Z"}}\n',
    "test/fixtures/one/given/shop.more.ndjson": '{"_id":2,"amount":2,"occurredAt":"2026-01-02T00:00:00Z"}\n',
  };
  const time = {
    "atlas.config.yaml": config.replace("coll: events }", "coll: events, envelope: { time: occurredAt } }"),
  };
  const then = (amount: number) => ({
    "test/fixtures/one/then/shop.large.ndjson": `{"amount":${amount},"half":${amount / 2},"occurredAt":${amount === 2 ? '"2026-01-02T00:00:00Z"' : '{"$date":"2026-01-03T00:00:00Z"}'}}\n`,
  });
  expect(await run({ ...files, ...time, ...then(2) })).toMatchObject({ passed: 1, findings: [] });
  const settings = { "test/fixtures/one/fixture.yaml": "order: time\n" };
  expect(await run({ ...files, ...time, ...settings, ...then(3) })).toMatchObject({ passed: 1, findings: [] });
});

test("a chain is run to its end", async () => {
  const report = await run({
    "pipelines/large-payments.ts": largePayments,
    "pipelines/replica.ts": replica.replace('coll: "customers", config', 'coll: "large", config'),
    "test/fixtures/one/given/shop.events.ndjson": payments,
    "test/fixtures/one/then/shop.large.ndjson":
      '{"_id":2,"customer":"a","amount":100,"half":50}\n{"_id":3,"customer":"b","amount":301,"half":150.5}\n',
    "test/fixtures/one/then/copy.customers.ndjson":
      '{"_id":2,"customer":"a","amount":100,"half":50,"gone":false}\n{"_id":3,"customer":"b","amount":301,"half":150.5,"gone":false}\n',
  });
  expect(report.findings).toEqual([]);
  expect(report.passed).toBe(1);
});

test("mistakes beside the processors are findings, and the other cases are run", async () => {
  const report = await run({
    "pipelines/large-payments.ts": largePayments,
    "test/fixtures/empty/given/shop.events.ndjson": "\n",
    "test/fixtures/nothing/then/shop.large.ndjson": "{}",
    "test/fixtures/unread/given/shop.event.ndjson": payments,
    "test/fixtures/stranger/given/shop.events.ndjson": payments,
    "test/fixtures/stranger/then/shop.larg.ndjson": "{}",
    "test/fixtures/unknown/given/shop.events.ndjson": payments,
    "test/fixtures/unknown/fixture.yaml": "processors: [large-payment]\n",
    "test/fixtures/elsewhere/given/shop.events.ndjson": payments,
    "test/fixtures/elsewhere/fixture.yaml": "environment: locl\n",
    "test/fixtures/twice/given/shop.events.ndjson": payments + payments,
    "test/fixtures/fine/given/shop.events.ndjson": '{"_id":1,"amount":1}\n',
    "test/fixtures/fine/then/shop.large.ndjson": "",
  });
  expect(report).toMatchObject({ passed: 1, failed: 7 });
  expect(report.findings.map(({ code, file, line, help }) => `${code} ${file}:${line} ${help}`)).toEqual([
    "ASP4008 test/fixtures/elsewhere/fixture.yaml:1 did you mean `local`?",
    "ASP4101 test/fixtures/empty/given/shop.events.ndjson:1 write the events into the file, one document a line",
    "ASP4101 test/fixtures/nothing/given:1 put the events into given/<db>.<coll>.ndjson, one document a line",
    "ASP4102 test/fixtures/stranger/then/shop.larg.ndjson:1 did you mean `shop.large`?",
    "ASP4117 test/fixtures/twice/given/shop.events.ndjson:4 undefined",
    "ASP4104 test/fixtures/unknown/fixture.yaml:1 did you mean `large-payments`?",
    "ASP4110 test/fixtures/unread/given/shop.event.ndjson:1 did you mean `shop.events`?",
  ]);
});

test("a processor that does not compile fails its cases and no others", async () => {
  const report = await run({
    "pipelines/large-payments.ts": largePayments,
    "pipelines/replica.ts": replica.replace("$replaceRoot", "$replaceRot"),
    "test/fixtures/broken/given/shop.customers.ndjson": '{"_id":1}\n',
    "test/fixtures/fine/given/shop.events.ndjson": '{"_id":1,"amount":1}\n',
    "test/fixtures/fine/then/shop.large.ndjson": "",
  });
  expect(report.cases.map(({ name, ok }) => `${name} ${ok}`)).toEqual(["broken false", "fine true"]);
  expect(report.findings.every(({ processor }) => processor === "replica")).toBe(true);
});

test("a processor that FAILED fails its case with the engine's reason", async () => {
  const report = await run({
    "pipelines/large-payments.ts": largePayments.replace('coll: "large" }', 'coll: "large" }, on: "customer"'),
    "test/fixtures/one/given/shop.events.ndjson": payments,
  });
  expect(report).toMatchObject({
    failed: 1,
    findings: [{ code: "ASP4072" }, { code: "ASP4113", processor: "large-payments" }],
  });
  expect(report.findings[1]?.message).toMatch(/FAILED in trial straight: .*customer/);
  expect(report.cases[0]?.trials.map(({ ok, skipped }) => `${ok} ${skipped}`)).toEqual([
    "false undefined",
    ...Array.from({ length: 3 }, () => "false a processor FAILED in trial straight"),
  ]);
});

test("a collection of the config that the server refuses is a finding", async () => {
  const report = await run({
    "atlas.config.yaml": `${config}\ncollections: [{ connectionName: domain, db: shop, coll: large, validator: { $jsonSchem: {} } }]\n`,
    "pipelines/large-payments.ts": largePayments,
    "test/fixtures/one/given/shop.events.ndjson": payments,
  });
  expect(report).toMatchObject({ failed: 1, findings: [{ code: "ASP4131" }] });
});
