import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadProject } from "../../src/testing/project.ts";
import { replay } from "../../src/testing/replay.ts";
import { runCases } from "../../src/testing/run-cases.ts";
import type { RunCasesOptions } from "../../src/testing/run-cases.ts";
import { payments, temporaryProject } from "./temporary-project.ts";

const env = { ...process.env, CI: "" };
const one = "test/fixtures/one";

const config = `
events: { connectionName: events, db: shop, coll: events }
connections:
  events: { type: Cluster }
  lake: { type: S3, aws: { roleArn: "arn:aws:iam::123456789012:role/asp" } }
  stream: { type: AWSKinesisDataStreams, aws: { roleArn: "arn:aws:iam::123456789012:role/asp" } }
environments:
  local: { target: emulator, dlq: { connectionName: events, db: ops, coll: dead_letters } }
`;

const processor = (name: string, emit: string): string => `
import { defineProcessor } from "asp-toolkit";
export default defineProcessor({
  name: "${name}",
  pipeline: [
    { $source: { connectionName: "events", db: "shop", coll: "events", config: { fullDocumentOnly: true } } },
    { $emit: ${emit} },
  ],
});
`;

const archive = (more: string): string =>
  processor("archive", `{ connectionName: "lake", bucket: "acme", path: { $concat: ["by/", "$customer"] }, ${more} }`);

const lines = (...documents: readonly unknown[]): string =>
  documents.map((each) => `${JSON.stringify(each)}\n`).join("");

async function run(files: Readonly<Record<string, string>>, options: Partial<RunCasesOptions> = {}) {
  const dir = await temporaryProject({
    "atlas.config.yaml": config,
    [`${one}/given/shop.events.ndjson`]: payments,
    ...files,
  });
  const project = await loadProject({ cwd: dir });
  return { report: await runCases(project, { env, ...options }), dir };
}

const expected = lines(
  { path: "acme/by/a", doc: { _id: 1, customer: "a", amount: 50 } },
  { path: "acme/by/a", doc: { _id: 2, customer: "a", amount: 100 } },
  { path: "acme/by/b", doc: { _id: 3, customer: "b", amount: 301 } },
);

describe("captured output of a connection, under then/captured.<connection>.ndjson:", () => {
  test.each([
    ["as it is", "config: {}"],
    ["gzip, files of two documents", 'config: { compression: "gzip", writeOptions: { count: 2 } }'],
    ["snappy, canonical", 'config: { compression: "snappy", outputFormat: "canonicalJson" }'],
    ["basic, with a delimiter of braces", 'config: { outputFormat: "basicJson", delimiter: " }{ " }'],
  ])("all trials agree with it, whatever the files: %s", async (_name, more) => {
    const { report } = await run({
      "pipelines/archive.ts": archive(more),
      [`${one}/then/captured.lake.ndjson`]: expected,
    });
    expect(report.findings).toEqual([]);
    expect(report.cases[0]?.trials.map(({ ok }) => ok)).toEqual([true, true, true, true]);
  });

  test("a document that is missing, and one that is not expected, are differences", async () => {
    const { report } = await run(
      {
        "pipelines/archive.ts": archive(""),
        [`${one}/then/captured.lake.ndjson`]: expected.replace("301", "302"),
      },
      { trials: ["straight"] },
    );
    expect(report.cases[0]?.trials[0]?.differences).toMatchObject([
      { kind: "missing", collection: "captured.lake", processor: "archive", expected: { doc: { amount: 302 } } },
      { kind: "extra", collection: "captured.lake", processor: "archive", actual: { doc: { amount: 301 } } },
    ]);
    expect(report.findings).toMatchObject([{ code: "ASP4112", file: `${one}/then/captured.lake.ndjson` }]);
  });

  test("records of a stream have their key", async () => {
    const { report } = await run({
      "pipelines/orders.ts": processor(
        "orders",
        '{ connectionName: "stream", stream: "orders", partitionKey: "$customer" }',
      ),
      [`${one}/then/captured.stream.ndjson`]: lines(
        { path: "orders", partitionKey: "a", data: { _id: 1, customer: "a", amount: 50 } },
        { path: "orders", partitionKey: "a", data: { _id: 2, customer: "a", amount: 100 } },
        { path: "orders", partitionKey: "b", data: { _id: 3, customer: "b", amount: 301 } },
      ),
    });
    expect(report).toMatchObject({ passed: 1, findings: [] });
  });

  test("without it there is a warning, and --update writes it", async () => {
    const bare = await run({ "pipelines/archive.ts": archive("") });
    expect(bare.report.findings).toMatchObject([{ code: "ASP4111", severity: "warning" }]);
    const { report, dir } = await run({ "pipelines/archive.ts": archive("") }, { update: true });
    expect(report).toMatchObject({ passed: 1, findings: [] });
    expect(await readFile(join(dir, one, "then/captured.lake.ndjson"), "utf8")).toBe(expected);
  });

  test("a replay writes it out", async () => {
    const dir = await temporaryProject({
      "atlas.config.yaml": config,
      "pipelines/archive.ts": archive('config: { compression: "gzip" }'),
      "events.ndjson": payments,
    });
    const project = await loadProject({ cwd: dir });
    const report = await replay(project, "events.ndjson", { env, out: "out" });
    expect(report).toMatchObject({ ok: true, findings: [] });
    expect(await readdir(join(dir, "out"))).toEqual(["captured.lake.ndjson"]);
    expect(await readFile(join(dir, "out/captured.lake.ndjson"), "utf8")).toBe(expected);
  });
});

describe("rows of Iceberg tables, under then/captured.<connection>.ndjson:", () => {
  const lake = (more: string): string => `import { defineProcessor } from "asp-toolkit";
export default defineProcessor({
  name: "lake",
  pipeline: [
    { $source: { connectionName: "events", db: "shop", coll: "events", config: { fullDocument: "updateLookup", fullDocumentOnly: true } } },
    {
      $iceberg: {
        connectionName: "lake", bucket: "acme", path: "tables", databaseName: "shop",
        tableName: { $concat: ["by_", "$customer"] }, ${more}
      },
    },
  ],
});
`;
  const row = (of: string, values: object): object => ({ path: `acme/tables/shop/by_${of}`, row: values });

  test.each([
    ["appended", 'mode: "insert"'],
    ["by their key", 'mode: "cdc", partitionedBy: { _id: { bucket: 2 } }'],
  ])("all trials agree with it: %s", async (_name, more) => {
    const { report } = await run({
      "pipelines/lake.ts": lake(more),
      [`${one}/then/captured.lake.ndjson`]: lines(
        row("a", { _id: 1, customer: "a", amount: 50 }),
        row("a", { _id: 2, customer: "a", amount: 100 }),
        row("b", { _id: 3, customer: "b", amount: 301 }),
      ),
    });
    expect(report.findings).toEqual([]);
    expect(report.cases[0]?.trials.map(({ ok }) => ok)).toEqual([true, true, true, true]);
  });

  test("another row is a difference, and --update writes what is there", async () => {
    const wrong = await run(
      {
        "pipelines/lake.ts": lake('mode: "insert"'),
        [`${one}/then/captured.lake.ndjson`]: lines(row("a", { _id: 1, customer: "a", amount: 51 })),
      },
      { trials: ["straight"] },
    );
    expect(wrong.report.findings).toMatchObject([{ code: "ASP4112", file: `${one}/then/captured.lake.ndjson` }]);
    const { report, dir } = await run({ "pipelines/lake.ts": lake('mode: "insert"') }, { update: true });
    expect(report).toMatchObject({ passed: 1, findings: [] });
    expect(await readFile(join(dir, one, "then/captured.lake.ndjson"), "utf8")).toContain(
      `{"path":"acme/tables/shop/by_b","row":{"_id":3,"customer":"b","amount":301}}`,
    );
  });
});

describe("a time series collection:", () => {
  const readings = processor(
    "readings",
    '{ connectionName: "events", db: "shop", coll: "readings", timeseries: { timeField: "at", metaField: "sensor" } }',
  ).replace("{ $emit", "{ $project: { _id: 0 } },\n    { $emit");
  const given =
    '{"_id":1,"at":{"$date":"2026-01-01T00:00:00Z"},"sensor":"a"}\n{"_id":2,"at":{"$date":"2026-01-01T00:00:01Z"},"sensor":"a"}\n';
  const then = given.replaceAll(/"_id":\d,/g, "");

  test("all trials agree with then/, though what is delivered twice is there twice", async () => {
    const { report } = await run({
      "pipelines/readings.ts": readings,
      [`${one}/given/shop.events.ndjson`]: given,
      [`${one}/then/shop.readings.ndjson`]: then,
    });
    expect(report).toMatchObject({ passed: 1, findings: [] });
  });

  test("--update writes it without an `_id` that the server gave", async () => {
    const { report, dir } = await run(
      { "pipelines/readings.ts": readings, [`${one}/given/shop.events.ndjson`]: given },
      { update: true },
    );
    expect(report).toMatchObject({ passed: 1, findings: [] });
    expect(await readFile(join(dir, one, "then/shop.readings.ndjson"), "utf8")).toBe(then);
  });
});
