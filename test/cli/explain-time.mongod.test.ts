import { expect, test } from "vitest";
import { schemaErrors } from "../testing/schema-errors.ts";
import { makeFolder, runCli } from "./run-cli.ts";
import { project } from "./sample.ts";

const env = { ...process.env, CI: "" } as Readonly<Record<string, string>>;

function processor(name: string, window: string): string {
  return `import { defineProcessor } from "asp-toolkit";
export default defineProcessor({
  name: "${name}",
  pipeline: [
    {
      $source: {
        connectionName: "events", db: "plant", coll: "${name}",
        timeField: { $toDate: "$fullDocument.at" }, config: { fullDocumentOnly: true },
      },
    },
    { $match: { value: { $exists: true } } },
    ${window},
    {
      $merge: { into: { connectionName: "domain", db: "plant", coll: "${name}_counts" }, whenMatched: "replace" },
    },
  ],
});
`;
}

const pipeline = 'pipeline: [{ $group: { _id: { $meta: "stream.window.start" }, n: { $sum: 1 } } }]';
const minutes = (size: number): string => `{ size: ${size}, unit: "minute" }`;

let id = 0;
function reading(time: string, rest: object = { value: 1 }): string {
  id += 1;
  return `${JSON.stringify({ _id: id, at: { $date: `2026-01-05T${time}Z` }, ...rest })}\n`;
}

/** The example of asp-language 3.5, with a document that a stage drops and one that is late. */
const halves = {
  "pipelines/halves.ts": processor(
    "halves",
    `{ $tumblingWindow: { interval: ${minutes(30)}, allowedLateness: ${minutes(1)}, idleTimeout: ${minutes(10)}, ${pipeline} } }`,
  ),
  "test/fixtures/halves/given/plant.halves.ndjson": [
    reading("20:00:00"),
    reading("20:25:00"),
    reading("20:10:00"),
    reading("20:30:30"),
    reading("20:29:00"),
    reading("20:10:00"),
    reading("20:35:00", {}),
    reading("20:05:00"),
  ].join(""),
  // What was opened before a restart is still known after it.
  "test/fixtures/halves/given/_steps.yaml":
    '- given: plant.halves\n- restart: true\n- insert: { into: plant.halves, documents: [{ _id: 9, at: { $date: "2026-01-05T20:36:00Z" }, value: 1 }] }\n- advance: { size: 30, unit: minute }\n',
  "test/fixtures/halves/then/plant.halves_counts.ndjson":
    '{"_id":{"$date":"2026-01-05T20:00:00Z"},"n":5}\n{"_id":{"$date":"2026-01-05T20:30:00Z"},"n":2}\n',
  "test/fixtures/halves/then/_dlq.ndjson":
    '{"doc":{"_id":8,"at":{"$date":"2026-01-05T20:05:00Z"},"value":1},"errInfo":{"reason":"Input document arrived late."}}\n',
};

test("asp test --explain-time shows what each document and the clock did to windows", async () => {
  const cwd = await makeFolder({ ...project, ...halves });
  const { code, stdout } = await runCli(["test", "halves", "--explain-time"], { cwd, env });
  expect(code).toBe(0);
  expect(stdout.replace(/\d+(\.\d+)? m?s$/gmu, "… s")).toBe(`halves: $tumblingWindow of halves
  document           event time           watermark            windows
  1                  2026-01-05 20:00:00  2026-01-05 20:00:00  opens 20:00:00 to 20:30:00
  2                  2026-01-05 20:25:00  2026-01-05 20:25:00  joins 20:00:00 to 20:30:00
  3                  2026-01-05 20:10:00                       joins 20:00:00 to 20:30:00
  4                  2026-01-05 20:30:30  2026-01-05 20:30:30  opens 20:30:00 to 21:00:00
  5                  2026-01-05 20:29:00                       joins 20:00:00 to 20:30:00
  6                  2026-01-05 20:10:00                       joins 20:00:00 to 20:30:00
  7                  2026-01-05 20:35:00  2026-01-05 20:35:00  closes 20:00:00 to 20:30:00 with 5 documents
                                                               does not reach the window
  8                  2026-01-05 20:05:00                       late: 20:00:00 to 20:30:00 is over at a watermark of 20:31:00
  9                  2026-01-05 20:36:00  2026-01-05 20:36:00  joins 20:30:00 to 21:00:00
  (idle 30 min 0 s)                       2026-01-05 21:01:00  closes 20:30:00 to 21:00:00 with 2 documents

✓ halves  … s

1 passed in … s
`);
});

test("a document that the source refused for its time has a line too, in its turn", async () => {
  const cwd = await makeFolder({
    ...project,
    "pipelines/refusals.ts": processor(
      "refusals",
      `{ $tumblingWindow: { interval: ${minutes(30)}, allowedLateness: 0, ${pipeline} } }`,
    ),
    "test/fixtures/refusals/given/plant.refusals.ndjson":
      '{"_id":"a","at":{"$date":"2026-01-05T20:00:00Z"},"value":1}\n' +
      '{"_id":"b","value":1}\n' +
      '{"_id":"c","at":{"$date":"2026-01-05T20:10:00Z"},"value":1}\n',
    "test/fixtures/refusals/then/_dlq.ndjson":
      '{"doc":{"_id":"b","value":1},"errInfo":{"reason":"`timeField` must evaluate to a date, found null"}}\n',
  });
  const { stdout } = await runCli(["test", "refusals", "--explain-time"], { cwd, env });
  const lines = stdout.split("\n").map((line) => line.trim().replace(/ {2,}/gu, " | "));
  expect(lines.slice(2, 5)).toEqual([
    '"a" | 2026-01-05 20:00:00 | 2026-01-05 20:00:00 | opens 20:00:00 to 20:30:00',
    '"b" | a dead letter: `timeField` must evaluate to a date, found null',
    '"c" | 2026-01-05 20:10:00 | 2026-01-05 20:10:00 | joins 20:00:00 to 20:30:00',
  ]);
  const { stdout: json } = await runCli(["test", "refusals", "--explain-time", "--json"], { cwd, env });
  const report = JSON.parse(json) as { readonly cases: readonly { readonly time: unknown }[] };
  expect(schemaErrors("test-report.schema.json", report)).toBeNull();
  expect(report.cases[0]?.time).toMatchObject([
    { events: [{ number: 1 }, { kind: "refused", _id: "b", steps: [] }, { number: 2 }] },
  ]);
});

test("with --json it is in the report, as the schema has it", async () => {
  const cwd = await makeFolder({
    ...project,
    "pipelines/gaps.ts": processor(
      "gaps",
      `{ $hoppingWindow: { interval: ${minutes(5)}, hopSize: ${minutes(10)}, allowedLateness: ${minutes(60)}, ${pipeline} } }`,
    ),
    "pipelines/visits.ts": processor(
      "visits",
      `{ $sessionWindow: { gap: ${minutes(5)}, partitionBy: "$who", allowedLateness: 0, ${pipeline} } }`,
    ),
    "test/fixtures/both/given/plant.gaps.ndjson": reading("12:04:59") + reading("12:05:00"),
    "test/fixtures/both/given/plant.visits.ndjson":
      reading("12:00:00", { value: 1, who: "a" }) +
      reading("12:05:00", { value: 1, who: "a" }) +
      reading("12:04:00", { value: 1, who: "a" }) +
      reading("13:00:00", { value: 1, who: "b" }),
  });
  const { stdout } = await runCli(["test", "--explain-time", "--json", "--update"], { cwd, env });
  const report = JSON.parse(stdout) as { readonly cases: readonly { readonly time: unknown }[] };
  expect(schemaErrors("test-report.schema.json", report)).toBeNull();
  const at = (time: string): string => `2026-01-05T${time}:00.000Z`;
  const span = (start: string, end: string, partition?: string): object => {
    return { start: at(start), end: at(end), ...(partition === undefined ? {} : { partition }) };
  };
  expect(report.cases[0]?.time).toMatchObject([
    {
      processor: "gaps",
      window: "$hoppingWindow",
      events: [
        {
          kind: "document",
          number: 1,
          steps: [{ kind: "watermark" }, { kind: "opened", window: span("12:00", "12:05") }],
        },
        {
          number: 2,
          steps: [
            { kind: "watermark" },
            { kind: "between", windows: [span("12:00", "12:05"), span("12:10", "12:15")] },
          ],
        },
      ],
      open: [{ window: span("12:00", "12:05"), documents: 1, closesAt: at("13:05") }],
    },
    {
      processor: "visits",
      events: [
        { steps: [{ kind: "watermark" }, { kind: "opened", window: span("12:00", "12:05", "a") }] },
        {
          steps: [
            { kind: "watermark" },
            { kind: "closed", window: span("12:00", "12:05", "a"), documents: 1 },
            { kind: "opened", window: span("12:05", "12:10", "a") },
          ],
        },
        { time: at("12:04"), steps: [{ kind: "joined", window: span("12:04", "12:10", "a") }] },
        {
          steps: [
            { kind: "watermark" },
            { kind: "closed", window: span("12:04", "12:10", "a"), documents: 2 },
            { kind: "opened", window: span("13:00", "13:05", "b") },
          ],
        },
      ],
      open: [{ window: span("13:00", "13:05", "b"), documents: 1 }],
    },
  ]);
});

test("a case without a window says so", async () => {
  const cwd = await makeFolder({
    ...project,
    "test/fixtures/one/given/shop.events.ndjson": '{"_id":1,"type":"PaymentReceived","account":"a","amount":1}\n',
  });
  const { stdout } = await runCli(["test", "--explain-time"], { cwd, env });
  expect(stdout).toContain("one: no processor of it has a window\n\n✓ one");
});
