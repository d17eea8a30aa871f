import { expect, test } from "vitest";
import { solarReading } from "../../src/engine/core/solar-panel.ts";
import { trials } from "../../src/testing/case/trial.ts";
import { loadProject } from "../../src/testing/project.ts";
import type { TestReport } from "../../src/testing/report/test-report.ts";
import { runCases } from "../../src/testing/run-cases.ts";
import { config, temporaryProject } from "./temporary-project.ts";

async function run(files: Readonly<Record<string, string>>): Promise<TestReport> {
  const dir = await temporaryProject({ "atlas.config.yaml": config, ...files });
  return runCases(await loadProject({ cwd: dir }), { env: { ...process.env, CI: "1" } });
}

/** A processor that counts per window, and says which one it was. */
function counting(name: string, window: string, source = 'coll: "clicks"'): string {
  return `
import { defineProcessor } from "asp-toolkit";
export default defineProcessor({
  name: "${name}",
  pipeline: [
    { $source: { connectionName: "events", db: "web", ${source} } },
    ${window.replace("PIPELINE", 'pipeline: [{ $group: { _id: { $meta: "stream.window.start" }, clicks: { $sum: 1 } } }]')},
    { $merge: { into: { connectionName: "domain", db: "web", coll: "${name}" }, whenMatched: "replace" } },
  ],
});
`;
}

const minutes = (size: number) => `{ size: ${size}, unit: "minute" }`;
const line = (start: string, clicks: number) => `{"_id":{"$date":"${start}"},"clicks":${clicks}}\n`;
const click = (id: number) => `- insert: { into: web.clicks, documents: [{ _id: ${id} }] }\n`;
const pass = (size: number) => `- advance: { size: ${size}, unit: minute }\n`;

function expectPassed(report: TestReport): void {
  expect(report.findings).toEqual([]);
  expect(report.cases.flatMap(({ trials }) => trials).map(({ name, ok }) => `${name} ${ok}`)).toEqual(
    report.cases.flatMap(() => ["straight true", "one-per-batch true", "redelivered true", "restarted true"]),
  );
}

test("windows of processing time go by a clock that begins with the year 2000 and moves when a step says so", async () => {
  const report = await run({
    "pipelines/minutes.ts": counting(
      "minutes",
      `{ $tumblingWindow: { boundary: "processingTime", interval: ${minutes(5)}, PIPELINE } }`,
    ),
    "test/fixtures/one/given/_steps.yaml":
      click(1) + click(2) + pass(4) + click(3) + pass(1) + click(4) + "- restart: true\n" + pass(60) + click(5),
    "test/fixtures/one/then/web.minutes.ndjson": line("2000-01-01T00:00:00Z", 3) + line("2000-01-01T00:05:00Z", 1),
  });
  expectPassed(report);
});

test("an event without a `timeField` has the time at which the clock stood when it was written", async () => {
  const report = await run({
    "pipelines/minutes.ts": counting(
      "minutes",
      `{ $hoppingWindow: { interval: ${minutes(10)}, hopSize: ${minutes(5)}, allowedLateness: ${minutes(1)}, PIPELINE } }`,
    ),
    "test/fixtures/one/given/_steps.yaml": click(1) + pass(5) + click(2) + pass(5) + click(3) + pass(6) + click(4),
    "test/fixtures/one/then/web.minutes.ndjson":
      line("1999-12-31T23:55:00Z", 1) + line("2000-01-01T00:00:00Z", 2) + line("2000-01-01T00:05:00Z", 2),
  });
  expectPassed(report);
});

const at = (id: number, time: string) =>
  `- insert: { into: web.clicks, documents: [{ _id: ${id}, at: { $date: "2026-01-05T${time}Z" } }] }\n`;

test("an idle source closes windows when the clock has moved far enough, in parts and across restarts too", async () => {
  const tumbling = `{ $tumblingWindow: { interval: ${minutes(60)}, idleTimeout: ${minutes(10)}, PIPELINE } }`;
  const report = await run({
    "pipelines/hours.ts": counting(
      "hours",
      tumbling,
      'coll: "clicks", timeField: { $toDate: "$fullDocument.at" }, config: { fullDocumentOnly: true }',
    ),
    // Its events let the trial kill both processors while the other source is idle.
    "pipelines/others.ts": counting(
      "others",
      `{ $tumblingWindow: { boundary: "processingTime", interval: ${minutes(60)}, PIPELINE } }`,
      'coll: "pings"',
    ),
    "test/fixtures/one/given/_steps.yaml": [
      at(1, "12:50:00"),
      pass(4),
      "- insert: { into: web.pings, documents: [{ _id: 1 }] }\n",
      pass(5),
      "- insert: { into: web.pings, documents: [{ _id: 2 }] }\n",
      // Idle for ten minutes from 12:50 on: the window to 13:00 is over.
      pass(1),
      "- insert: { into: web.pings, documents: [{ _id: 3 }] }\n",
      at(2, "12:55:00"),
      at(3, "13:05:00"),
      pass(55),
    ].join(""),
    "test/fixtures/one/then/web.hours.ndjson": line("2026-01-05T12:00:00Z", 1) + line("2026-01-05T13:00:00Z", 1),
    "test/fixtures/one/then/web.others.ndjson": line("2000-01-01T00:00:00Z", 3),
    "test/fixtures/one/then/_dlq.ndjson":
      '{"doc":{"_id":2,"at":{"$date":"2026-01-05T12:55:00Z"}},"errInfo":{"reason":"Input document arrived late."}}\n',
  });
  expectPassed(report);
});

test("what a closed window writes reaches the window of the next processor at the time of the clock", async () => {
  const report = await run({
    "pipelines/minutes.ts": counting(
      "minutes",
      `{ $tumblingWindow: { boundary: "processingTime", interval: ${minutes(1)}, PIPELINE } }`,
    ),
    "pipelines/hours.ts": counting(
      "hours",
      `{ $tumblingWindow: { interval: ${minutes(60)}, allowedLateness: 0, PIPELINE } }`,
      'coll: "minutes"',
    ),
    "test/fixtures/one/given/_steps.yaml": click(1) + pass(30) + click(2) + pass(30) + click(3) + pass(60),
    "test/fixtures/one/then/web.minutes.ndjson":
      line("2000-01-01T00:00:00Z", 1) + line("2000-01-01T00:30:00Z", 1) + line("2000-01-01T01:00:00Z", 1),
    // The second minute is written when it is over, at 01:00, the third at 02:00.
    "test/fixtures/one/then/web.hours.ndjson": line("2000-01-01T00:00:00Z", 1) + line("2000-01-01T01:00:00Z", 1),
  });
  expectPassed(report);
});

test("a case whose windows are all open, and that expects nothing, is told that it tests nothing", async () => {
  const minute = counting("minutes", `{ $tumblingWindow: { interval: ${minutes(5)}, PIPELINE } }`);
  const steps = { "test/fixtures/one/given/_steps.yaml": click(1) + pass(1) + click(2) };
  const report = await run({ "pipelines/minutes.ts": minute, ...steps });
  expect(report).toMatchObject({ passed: 1, failed: 0 });
  expect(report.cases[0]?.trials.map(({ ok, skipped }) => [ok, skipped])).toEqual(trials.map(() => [true, undefined]));
  expect(report.findings.map(({ code, severity, message, help }) => ({ code, severity, message, help }))).toEqual([
    {
      code: "ASP4271",
      severity: "warning",
      message: "case one passes whatever its processors do: they have written nothing, and it has no then/",
      help: "see with `asp test one --explain-time` which windows are open, and give an event that closes them",
    },
  ]);
  const told = await run({ "pipelines/minutes.ts": minute, ...steps, "test/fixtures/one/then/web.minutes.ndjson": "" });
  expect(told.findings).toEqual([]);
});

test("a case that expects what an open window holds is told of --explain-time", async () => {
  const report = await run({
    "pipelines/minutes.ts": counting("minutes", `{ $tumblingWindow: { interval: ${minutes(5)}, PIPELINE } }`),
    "test/fixtures/one/given/_steps.yaml": click(1) + pass(5) + click(2),
    "test/fixtures/one/then/web.minutes.ndjson": line("2000-01-01T00:00:00Z", 1),
  });
  expect(report.findings).toMatchObject([
    {
      code: "ASP4112",
      notes: [
        "a window of `minutes` that the watermark has not closed stays open: `asp test one --explain-time` shows which",
      ],
    },
  ]);
});

test("a schedule ticks as often as the clock has passed its times, and needs nothing else", async () => {
  const files = {
    "pipelines/ticks.ts": `
import { defineProcessor } from "asp-toolkit";
export default defineProcessor({
  name: "ticks",
  pipeline: [
    { $source: { schedule: "0 0/5 * * * *", tsFieldName: "at" } },
    { $project: { _id: "$at", seen: { $currentDate: {} } } },
    { $merge: { into: { connectionName: "domain", db: "web", coll: "ticks" }, whenMatched: "replace" } },
  ],
});
`,
    "test/fixtures/one/fixture.yaml": "processors: [ticks]\n",
    "test/fixtures/one/then/web.ticks.ndjson":
      '{"_id":{"$date":"2000-01-01T00:05:00Z"},"seen":{"$date":"2000-01-01T00:12:00Z"}}\n' +
      '{"_id":{"$date":"2000-01-01T00:10:00Z"},"seen":{"$date":"2000-01-01T00:12:00Z"}}\n' +
      '{"_id":{"$date":"2000-01-01T00:15:00Z"},"seen":{"$date":"2000-01-01T00:15:00Z"}}\n',
  };
  expectPassed(await run({ ...files, "test/fixtures/one/given/_steps.yaml": pass(12) + pass(3) }));
  const { findings } = await run({ ...files, "test/fixtures/one/given/_steps.yaml": "- caughtUp: true\n" });
  expect(findings.map(({ code }) => code)).toEqual(["ASP4101"]);
});

test("sample data is the same in every run of a case, and needs nothing but time", async () => {
  const { device_id, obs } = solarReading(Date.parse("2000-01-01T00:00:30Z"));
  const files = {
    "pipelines/solar.ts": `
import { defineProcessor } from "asp-toolkit";
export default defineProcessor({
  name: "solar",
  pipeline: [
    { $source: { connectionName: "sample_stream_solar" } },
    { $match: { timestamp: "2000-01-01T00:00:30.000+00:00" } },
    { $project: { _id: "$device_id", watts: "$obs.watts" } },
    { $merge: { into: { connectionName: "domain", db: "web", coll: "solar" }, whenMatched: "replace" } },
  ],
});
`,
    "test/fixtures/one/fixture.yaml": "processors: [solar]\n",
    "test/fixtures/one/then/web.solar.ndjson": `${JSON.stringify({ _id: device_id, watts: obs.watts })}\n`,
  };
  expectPassed(await run({ ...files, "test/fixtures/one/given/_steps.yaml": pass(1) }));
  const { findings } = await run({ ...files, "test/fixtures/one/given/_steps.yaml": "- caughtUp: true\n" });
  expect(findings.map(({ code }) => code)).toEqual(["ASP4101"]);
});

test("sessions end with the clock", async () => {
  const report = await run({
    "pipelines/visits.ts": counting(
      "visits",
      `{ $sessionWindow: { gap: ${minutes(5)}, partitionBy: "$fullDocument.who", boundary: "processingTime", PIPELINE } }`,
    ),
    "test/fixtures/one/given/_steps.yaml": click(1) + pass(4) + click(2) + pass(4) + click(3) + pass(5) + click(4),
    "test/fixtures/one/then/web.visits.ndjson": line("2000-01-01T00:00:00Z", 3),
  });
  expectPassed(report);
});
