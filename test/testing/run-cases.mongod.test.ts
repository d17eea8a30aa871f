import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadProject } from "../../src/testing/project.ts";
import type { TestReport } from "../../src/testing/report/test-report.ts";
import { toTestReportJson } from "../../src/testing/report/test-report.ts";
import { runCases } from "../../src/testing/run-cases.ts";
import type { RunCasesOptions } from "../../src/testing/run-cases.ts";
import { schemaErrors } from "./schema-errors.ts";
import { config, doubling, largePayments, payments, temporaryProject } from "./temporary-project.ts";

const env = { ...process.env, CI: "" };

async function run(
  files: Readonly<Record<string, string>>,
  options: Partial<RunCasesOptions> = {},
): Promise<TestReport & { readonly dir: string }> {
  const dir = await temporaryProject({ "atlas.config.yaml": config, ...files });
  const project = await loadProject({ cwd: dir });
  return { ...(await runCases(project, { env, ...options })), dir };
}

const large = { "pipelines/large-payments.ts": largePayments };
const one = "test/fixtures/one";

describe("a case", () => {
  test("passes in all trials when the processor does what then/ says", async () => {
    const report = await run({
      ...large,
      [`${one}/given/shop.events.ndjson`]: payments,
      [`${one}/then/shop.large.ndjson`]:
        '{"_id":3,"customer":"b","amount":301,"half":150.5}\n{"_id":2,"half":50,"customer":"a","amount":{"$numberInt":"100"}}\n',
    });
    expect(toTestReportJson(report)).toEqual({
      passed: 1,
      failed: 0,
      findings: [],
      cases: [
        {
          name: "one",
          ok: true,
          trials: ["straight", "one-per-batch", "redelivered", "restarted"].map((name) => ({
            name,
            ok: true,
            differences: [],
          })),
        },
      ],
    });
  });

  test("fails with the field, both values and the processor", async () => {
    const report = await run({
      ...large,
      [`${one}/given/shop.events.ndjson`]: payments,
      [`${one}/then/shop.large.ndjson`]: '\n{"_id":3,"customer":"b","amount":300,"half":150.5}\n',
    });
    expect(report.cases[0]?.trials[0]?.differences).toEqual([
      {
        kind: "different",
        processor: "large-payments",
        collection: "shop.large",
        _id: 3,
        path: "amount",
        expected: 300,
        actual: 301,
      },
      {
        kind: "extra",
        processor: "large-payments",
        collection: "shop.large",
        _id: 2,
        path: "",
        actual: { _id: 2, customer: "a", amount: 100, half: { $numberDouble: "50.0" } },
      },
    ]);
    expect(report.findings).toMatchObject([
      { code: "ASP4112", processor: "large-payments", file: `${one}/then/shop.large.ndjson`, line: 2 },
    ]);
  });

  test("of a processor that doubles is red in the redelivered trial", async () => {
    const report = await run({
      "pipelines/totals.ts": doubling,
      [`${one}/given/shop.events.ndjson`]: payments,
      [`${one}/then/shop.totals.ndjson`]: '{"_id":"a","amount":150}\n{"_id":"b","amount":301}\n',
    });
    expect(report.cases[0]?.trials.map(({ name, ok }) => `${name} ${ok}`)).toEqual([
      "straight true",
      "one-per-batch true",
      "redelivered false",
      "restarted false",
    ]);
    // What the trial shows was to be seen before it ran.
    expect(report.findings).toMatchObject([{ code: "ASP1060" }, { code: "ASP4114", processor: "totals" }]);
    expect(schemaErrors("test-report.schema.json", toTestReportJson(report))).toBeNull();
    expect(report.findings[1]?.message).toMatch(
      /trial redelivered .*shop\.totals \{_id: "a"\} `amount`: expected 150, found 300/,
    );
  });
});

test("trials that are left out are reported with the reason", async () => {
  const report = await run({
    "pipelines/totals.ts": doubling,
    [`${one}/fixture.yaml`]: "trials:\n  redelivered: it doubles\n  restarted: it doubles\n",
    [`${one}/given/shop.events.ndjson`]: payments,
    [`${one}/then/shop.totals.ndjson`]: '{"_id":"a","amount":150}\n{"_id":"b","amount":301}\n',
  });
  expect(report).toMatchObject({ passed: 1, failed: 0 });
  expect(report.cases[0]?.trials[2]).toMatchObject({ name: "redelivered", ok: true, skipped: "it doubles" });
});

describe("dead letters", () => {
  const bad = '{"_id":9,"customer":"c","amount":"many"}\n';
  const events = { ...large, [`${one}/given/shop.events.ndjson`]: `${payments}${bad}`.replace("50}", "50}") };
  const then = '{"_id":2,"customer":"a","amount":100,"half":50}\n{"_id":3,"customer":"b","amount":301,"half":150.5}\n';
  const strict = {
    "pipelines/large-payments.ts": largePayments.replace(
      "{ $match: { amount: { $gte: 100 } } },",
      "{ $match: { amount: { $ne: 50 } } },",
    ),
  };

  test("are none where there is no file", async () => {
    const report = await run({ ...events, ...strict, [`${one}/then/shop.large.ndjson`]: then });
    expect(report.cases[0]?.trials[0]?.differences).toMatchObject([{ kind: "extra", collection: "_dlq", _id: 9 }]);
  });
  test("match by document and reason, redelivered or not", async () => {
    const report = await run({
      ...events,
      ...strict,
      [`${one}/then/shop.large.ndjson`]: then,
      [`${one}/then/_dlq.ndjson`]:
        '{"doc":{"_id":9,"customer":"c","amount":"many"},"errInfo":{"reason":{"$regex":"divide"}}}\n',
    });
    expect(report.findings).toEqual([]);
    expect(report.passed).toBe(1);
  });
});

test("--update writes what the case ends with, and the case passes from then on", async () => {
  const files = {
    ...large,
    [`${one}/given/shop.events.ndjson`]: `${payments}{"_id":9,"amount":{"$numberLong":"700"}}\n`,
    [`${one}/then/shop.gone.ndjson`]: "{}\n",
  };
  const report = await run(files, { update: true });
  expect(report).toMatchObject({ passed: 1, failed: 0, findings: [] });
  const then = join(report.dir, one, "then");
  expect(await readdir(then)).toEqual(["shop.large.ndjson"]);
  expect(await readFile(join(then, "shop.large.ndjson"), "utf8")).toBe(
    [
      '{"_id":2,"customer":"a","amount":100,"half":{"$numberDouble":"50.0"}}',
      '{"_id":3,"customer":"b","amount":301,"half":150.5}',
      '{"_id":9,"amount":{"$numberLong":"700"},"half":{"$numberDouble":"350.0"}}',
      "",
    ].join("\n"),
  );
  const again = await runCases(await loadProject({ cwd: report.dir }), { env });
  expect(again).toMatchObject({ passed: 1, failed: 0, findings: [] });
});

test("a missing file under then/ is a warning, and with CI set an error", async () => {
  const files = { ...large, [`${one}/given/shop.events.ndjson`]: payments };
  expect(await run(files)).toMatchObject({ passed: 1, findings: [{ code: "ASP4111", severity: "warning" }] });
  expect(await run(files, { env: { ...env, CI: "true" } })).toMatchObject({
    failed: 1,
    findings: [{ code: "ASP4111", severity: "error" }],
  });
});

test("names of databases are those that authors write, whatever the environment makes of them", async () => {
  const report = await run({
    ...large,
    [`${one}/fixture.yaml`]: "environment: renamed\n",
    [`${one}/given/shop.events.ndjson`]: payments,
    [`${one}/then/shop.large.ndjson`]:
      '{"_id":2,"customer":"a","amount":100,"half":50}\n{"_id":3,"customer":"b","amount":301,"half":150.5}\n',
  });
  expect(report.findings).toEqual([]);
  expect(report.passed).toBe(1);
});

test("collections whose names are computed are compared whole, too", async () => {
  const report = await run({
    "pipelines/large-payments.ts": largePayments.replace('coll: "large"', 'coll: { $concat: ["of_", "$customer"] }'),
    [`${one}/given/shop.events.ndjson`]: payments,
    [`${one}/then/shop.of_a.ndjson`]: '{"_id":2,"customer":"a","amount":100,"half":50}\n',
    [`${one}/then/shop.of_b.ndjson`]: '{"_id":3,"customer":"b","amount":302,"half":150.5}\n',
  });
  expect(report.cases[0]?.trials[0]?.differences).toMatchObject([{ collection: "shop.of_b", path: "amount" }]);
});

test("a processor without a dead letter queue hides none", async () => {
  const report = await run({
    "atlas.config.yaml": config.replace(/, dlq: [^}]*}/g, ""),
    "pipelines/large-payments.ts": largePayments.replace("{ $match: { amount: { $gte: 100 } } },", ""),
    [`${one}/given/shop.events.ndjson`]: '{"_id":1,"amount":"many"}\n',
  });
  expect(report.cases[0]?.trials[0]?.differences).toMatchObject([{ collection: "_dlq", kind: "extra", _id: 1 }]);
});

test("a case sets variables of the config, and one that needs what is not set says so", async () => {
  const report = await run({
    ...large,
    "atlas.config.yaml": config.replace("db: ops, coll: dead", "db: '${OPS}', coll: dead"),
    [`${one}/given/shop.events.ndjson`]: payments,
    [`${one}/fixture.yaml`]: "variables: { OPS: ops }\n",
    "test/fixtures/two/given/shop.events.ndjson": payments,
  });
  expect(report.cases.map(({ name, ok }) => `${name} ${ok}`)).toEqual(["one true", "two false"]);
  expect(report.findings.filter(({ severity }) => severity === "error")).toMatchObject([
    { code: "ASP4006", file: "atlas.config.yaml" },
  ]);
});

test("a collection whose name is computed is compared also where seed/ has filled it", async () => {
  const computed = largePayments.replace('coll: "large"', 'coll: { $concat: ["lar", "ge"] }');
  const files = {
    "pipelines/large-payments.ts": computed,
    [`${one}/seed/shop.large.ndjson`]: '{"_id":1}\n',
    [`${one}/given/shop.events.ndjson`]: '{"_id":2,"amount":100}\n',
    [`${one}/then/shop.large.ndjson`]: '{"_id":1}\n',
  };
  const report = await run(files, { trials: ["straight"] });
  expect(report.cases[0]?.trials[0]?.differences).toMatchObject([{ kind: "extra", collection: "shop.large", _id: 2 }]);
});
