import { describe, expect, test } from "vitest";
import { toReplayReportJson } from "../../src/testing/replay/replay-report.ts";
import { renderDifferences } from "../../src/testing/report/render-differences.ts";
import { renderJunit } from "../../src/testing/report/render-junit.ts";
import { toTestReportJson } from "../../src/testing/report/test-report.ts";
import type { TestReport } from "../../src/testing/report/test-report.ts";
import { schemaErrors } from "./schema-errors.ts";

const report: TestReport = {
  passed: 1,
  failed: 2,
  seconds: 1.5,
  findings: [
    { code: "ASP4112", severity: "error", message: "case b: differs", file: "test/fixtures/b", line: 1, column: 1 },
  ],
  cases: [
    {
      name: "a",
      ok: true,
      seconds: 0.5,
      findings: [],
      trials: [
        { name: "straight", ok: true, differences: [], seconds: 0.25 },
        { name: "redelivered", ok: true, skipped: 'it is "slow"', differences: [], seconds: 0 },
      ],
    },
    {
      name: "b",
      ok: false,
      seconds: 1,
      findings: [],
      trials: [
        {
          name: "straight",
          ok: false,
          seconds: 1,
          differences: [
            {
              kind: "different",
              processor: "orders",
              collection: "shop.orders",
              _id: "<1>",
              path: "total",
              expected: 3,
              actual: { $numberDouble: "6.0" },
            },
            { kind: "extra", processor: "orders", collection: "shop.orders", _id: "<1>", path: "new", actual: null },
            { kind: "missing", processor: "orders", collection: "shop.orders", path: "", expected: { a: "\u0007" } },
          ],
        },
      ],
    },
    {
      name: "c",
      ok: false,
      seconds: 0,
      trials: [],
      findings: [{ code: "ASP4101", severity: "error", message: "empty" }],
    },
  ],
};

describe("schema", () => {
  test("of asp test --json takes a report", () => {
    expect(schemaErrors("test-report.schema.json", toTestReportJson(report))).toBeNull();
    expect(schemaErrors("test-report.schema.json", { ...report })).not.toBeNull();
  });
  test("of asp replay --json takes a report", () => {
    const lagMs = { p50: 1, p95: 2.5, max: 3 };
    const processors = [{ name: "orders", input: 3, output: 2, deadLetters: 1, lagMs }];
    const done = { ok: true, events: 3, seconds: 0.5, eventsPerSecond: 6, processors, differences: [], findings: [] };
    expect(schemaErrors("replay-report.schema.json", toReplayReportJson(done))).toBeNull();
    expect(schemaErrors("replay-report.schema.json", { ...toReplayReportJson(done), events: "3" })).not.toBeNull();
  });
});

test("the JUnit report has a suite for each case and a test for each trial", () => {
  expect(renderJunit(report)).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="asp test" tests="4" failures="2" time="1.500">
  <testsuite name="a" tests="2" failures="0" skipped="1" time="0.500">
    <testcase classname="a" name="straight" time="0.250"/>
    <testcase classname="a" name="redelivered" time="0.000">
      <skipped message="it is &quot;slow&quot;"/>
    </testcase>
  </testsuite>
  <testsuite name="b" tests="1" failures="1" skipped="0" time="1.000">
    <testcase classname="b" name="straight" time="1.000">
      <failure message="shop.orders {_id: &quot;&lt;1&gt;&quot;} \`total\`: expected 3, found {&quot;$numberDouble&quot;:&quot;6.0&quot;}">shop.orders {_id: &quot;&lt;1&gt;&quot;} \`total\`: expected 3, found {&quot;$numberDouble&quot;:&quot;6.0&quot;}&#10;shop.orders {_id: &quot;&lt;1&gt;&quot;} \`new\` is not expected, found null&#10;shop.orders is missing, expected {&quot;a&quot;:&quot;\\u0007&quot;}</failure>
    </testcase>
  </testsuite>
  <testsuite name="c" tests="1" failures="1" skipped="0" time="0.000">
    <testcase classname="c" name="fixture" time="0">
      <failure message="ASP4101: empty">ASP4101: empty</failure>
    </testcase>
  </testsuite>
</testsuites>
`);
});

test("differences are shown field by field, under their document", () => {
  expect(renderDifferences(report.cases[1]?.trials[0]?.differences ?? []).join("\n")).toBe(
    `shop.orders {_id: "<1>"}, written by orders
  total
    - expected 3
    + found    {"$numberDouble":"6.0"}
  new
    + found    null
shop.orders, written by orders
  is missing
    - expected {"a":"\\u0007"}`,
  );
});
