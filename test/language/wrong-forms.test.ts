import { describe, expect, test } from "vitest";
import { compileProcessor } from "../../src/compiler/compile-processor.ts";
import { loadPipelines } from "../../src/loader/load-pipelines.ts";
import { codes, compile, local, merge, source } from "../compiler/support.ts";
import { project } from "../loader/project.ts";

/** A form that circulates and is wrong, as stages of a pipeline on several lines; `// wrong` marks the line that is to be found. */
interface WrongForm {
  readonly name: string;
  readonly stages: string;
  readonly code: string;
  /** What the help says of the right form. */
  readonly help: string;
}

const change = `{ $source: { connectionName: "events", db: "shop", coll: "events" } },`;
const mergeText = `{ $merge: { into: { connectionName: "domain", db: "shop", coll: "orders" } } },`;

/** Every row of asp-language section 9.3 that is a form of a pipeline. */
const wrongForms: readonly WrongForm[] = [
  {
    name: "`fullDocument` outside `config`",
    stages: `{
  $source: {
    connectionName: "events",
    db: "shop",
    fullDocument: "updateLookup", // wrong
  },
},
${mergeText}`,
    code: "ASP1010",
    help: "config",
  },
  {
    name: "`pipeline` outside `config`",
    stages: `{
  $source: {
    connectionName: "events",
    db: "shop",
    pipeline: [{ $match: { operationType: "insert" } }], // wrong
  },
},
${mergeText}`,
    code: "ASP1010",
    help: "config",
  },
  {
    name: "`auto_offset_reset` outside `config`",
    stages: `{
  $source: {
    connectionName: "bus",
    topic: "orders",
    auto_offset_reset: "earliest", // wrong
  },
},
${mergeText}`,
    code: "ASP1010",
    help: "config",
  },
  {
    name: "`consumerARN` outside `config`",
    stages: `{
  $source: {
    connectionName: "stream",
    stream: "orders",
    consumerARN: "arn:aws:kinesis:x", // wrong
  },
},
${mergeText}`,
    code: "ASP1010",
    help: "config",
  },
  {
    name: "`consumerARN` left out",
    stages: `{
  $source: {
    connectionName: "stream",
    stream: "orders",
    config: { // wrong
      initialPosition: "LATEST",
    },
  },
},
${mergeText}`,
    code: "ASP1005",
    help: "consumerARN",
  },
  {
    name: "`streamName` of Kinesis",
    stages: `{
  $source: {
    connectionName: "stream",
    streamName: "orders", // wrong
    config: { consumerARN: "arn:aws:kinesis:x" },
  },
},
${mergeText}`,
    code: "ASP1006",
    help: "`stream`",
  },
  {
    name: "`maxAwaitTimeMS` of a Kafka source",
    stages: `{
  $source: {
    connectionName: "bus",
    topic: "orders",
    config: {
      maxAwaitTimeMS: 500, // wrong
    },
  },
},
${mergeText}`,
    code: "ASP1006",
    help: "leave it out",
  },
  {
    name: "`connectionName` beside `from`",
    stages: `${change}
{
  $lookup: {
    connectionName: "domain", // wrong
    from: { connectionName: "domain", db: "shop", coll: "customers" },
    localField: "a",
    foreignField: "_id",
    as: "customer",
  },
},
${mergeText}`,
    code: "ASP1010",
    help: "from",
  },
  {
    name: "`connectionName` beside `from`, and not in it",
    stages: `${change}
{
  $lookup: {
    connectionName: "domain", // wrong
    from: { db: "shop", coll: "customers" },
    localField: "a",
    foreignField: "_id",
    as: "customer",
  },
},
${mergeText}`,
    code: "ASP1010",
    help: "from",
  },
  {
    name: "`key` of `$emit` with a field and a format",
    stages: `${change}
{
  $emit: {
    connectionName: "bus",
    topic: "orders",
    key: { field: "$_id", format: "string" }, // wrong
  },
},`,
    code: "ASP1010",
    help: '`config: { key: "$_id", keyFormat: "string" }`',
  },
  {
    name: "`kafka` around the fields of `$emit`",
    stages: `${change}
{
  $emit: {
    kafka: { // wrong
      connectionName: "bus",
      topic: "orders",
    },
  },
},`,
    code: "ASP1006",
    help: "directly below",
  },
  {
    name: "`key` of a session window",
    stages: `${change}
{
  $sessionWindow: {
    key: "$userId", // wrong
    gap: { size: 1, unit: "minute" },
    pipeline: [{ $group: { _id: null } }],
  },
},
${mergeText}`,
    code: "ASP1006",
    help: "`partitionBy`",
  },
  ...["$tumblingWindow", "$hoppingWindow"].map((window) => ({
    name: `\`boundaryType\` of \`${window}\``,
    stages: `${change}
{
  ${window}: {
    interval: { size: 1, unit: "minute" },${window === "$hoppingWindow" ? ' hopSize: { size: 1, unit: "minute" },' : ""}
    pipeline: [{ $group: { _id: null } }],
    boundaryType: "processingTime", // wrong
  },
},
${mergeText}`,
    code: "ASP1006",
    help: "`boundary`",
  })),
  {
    name: "`processTime`",
    stages: `${change}
{
  $tumblingWindow: {
    interval: { size: 1, unit: "minute" },
    pipeline: [{ $group: { _id: null } }],
    boundary: "processTime", // wrong
  },
},
${mergeText}`,
    code: "ASP1008",
    help: "`processingTime`",
  },
  {
    name: "`outputFormat` as a document",
    stages: `${change}
{
  $emit: {
    connectionName: "bus",
    topic: "orders",
    config: {
      outputFormat: { name: "json" }, // wrong
    },
  },
},`,
    code: "ASP1007",
    help: "`relaxedJson`",
  },
  {
    name: "`acks` as a number",
    stages: `${change}
{
  $emit: {
    connectionName: "bus",
    topic: "orders",
    config: {
      acks: 1, // wrong
    },
  },
},`,
    code: "ASP1007",
    help: '`"1"`',
  },
  {
    name: "`outputFormat` json",
    stages: `${change}
{
  $emit: {
    connectionName: "bus",
    topic: "orders",
    config: {
      outputFormat: "json", // wrong
    },
  },
},`,
    code: "ASP1008",
    help: "`basicJson`",
  },
  {
    name: "`prefix` of S3",
    stages: `${change}
{
  $emit: {
    connectionName: "bucket",
    bucket: "acme",
    prefix: "orders", // wrong
  },
},`,
    code: "ASP1006",
    help: "`path`",
  },
  {
    name: "`format` of S3",
    stages: `${change}
{
  $emit: {
    connectionName: "bucket",
    bucket: "acme",
    path: "orders",
    format: "json", // wrong
  },
},`,
    code: "ASP1006",
    help: "`config.outputFormat`",
  },
  {
    name: "`onError` discard of `$https`",
    stages: `${change}
{
  $https: {
    connectionName: "web",
    as: "response",
    onError: "discard", // wrong
  },
},
${mergeText}`,
    code: "ASP1008",
    help: "`ignore`",
  },
  {
    name: "`statusCode` of a response",
    stages: `${change}
{ $https: { connectionName: "web", as: "response" } },
{
  $match: {
    "response.statusCode": 200, // wrong
  },
},
${mergeText}`,
    code: "ASP1034",
    help: "stream.https.httpStatusCode",
  },
  {
    name: "`statusCode` of a response in an expression",
    stages: `${change}
{ $https: { connectionName: "web", as: "response" } },
{
  $set: {
    status: "$response.statusCode", // wrong
  },
},
${mergeText}`,
    code: "ASP1034",
    help: "stream.https.httpStatusCode",
  },
  {
    name: "`body` of a response",
    stages: `${change}
{ $https: { connectionName: "web", as: "response" } },
{
  $replaceRoot: {
    newRoot: "$response.body", // wrong
  },
},
${mergeText}`,
    code: "ASP1035",
    help: "`$response`",
  },
  {
    name: "`originalDocument` of a dead letter",
    stages: `{ $source: { connectionName: "domain", db: "ops", coll: "dead_letters", config: { fullDocumentOnly: true } } },
{
  $replaceRoot: {
    newRoot: "$originalDocument", // wrong
  },
},
${mergeText}`,
    code: "ASP1036",
    help: "`doc`",
  },
  {
    name: "`error.code` of a dead letter",
    stages: `{ $source: { connectionName: "domain", db: "ops", coll: "dead_letters" } },
{
  $match: {
    "fullDocument.error.code": 5, // wrong
  },
},
${mergeText}`,
    code: "ASP1036",
    help: "`fullDocument.errInfo.reason`",
  },
  {
    name: "`validationAction` error",
    stages: `${change}
{
  $validate: {
    validator: { a: 1 },
    validationAction: "error", // wrong
  },
},
${mergeText}`,
    code: "ASP1008",
    help: "`dlq`",
  },
];

const environment = { ...local, dlq: { connectionName: "domain", db: "ops", coll: "dead_letters" } };

describe("a wrong form that circulates is found at its own line, with the right form", () => {
  test.each(wrongForms)("$name", async ({ stages, code, help }) => {
    const text = `import { defineProcessor } from "asp-toolkit";

export default defineProcessor({
  name: "orders",
  pipeline: [
    ${stages.replaceAll("\n", "\n    ")}
  ],
});
`;
    const loaded = await loadPipelines("pipelines", { cwd: await project({ "pipelines/orders.ts": text }) });
    expect(loaded.findings).toEqual([]);
    const [value] = loaded.modules.flatMap(({ processors }) => processors);
    if (value === undefined) throw new Error("nothing was loaded");
    const { findings } = compileProcessor(value, { environment, at: loaded.at });

    const line = text.split("\n").findIndex((each) => each.includes("// wrong")) + 1;
    const found = findings.filter((finding) => finding.severity !== "info");
    expect(found).toMatchObject([
      { code, severity: "error", file: "pipelines/orders.ts", line, help: expect.stringContaining(help) },
    ]);
  });
});

test("a field that is missing is said to be, where another document has one of that name", () => {
  const { findings } = compile([
    source,
    { $emit: { connectionName: "bus", topic: "a", schemaRegistry: { valueSchema: "$s" } } },
  ]);
  expect(findings.map(({ message }) => message)).toContain(
    "`schemaRegistry` of `$emit` to Kafka needs `connectionName`",
  );
});

describe("what only looks like a wrong form is none", () => {
  const https = { $https: { connectionName: "web", as: "response" } };
  test.each([
    [
      "a field of that name that a stage sets",
      [https, { $set: { "response.statusCode": 1 } }, { $match: { "response.statusCode": 1 } }],
    ],
    [
      "a response that was taken apart",
      [https, { $project: { response: "$response.data" } }, { $match: { "response.body": 1 } }],
    ],
    ["a text that is data", [https, { $set: { a: { $literal: "$response.statusCode" } } }]],
    ["a field of a longer name", [https, { $match: { "response.bodyType": 1 } }]],
    ["a field of the document itself", [https, { $match: { statusCode: 1, body: 1 } }]],
    ["fields before the request", [{ $match: { "response.statusCode": 1 } }, https]],
    ["another collection than that of dead letters", [{ $match: { error: 1, originalDocument: 1 } }]],
  ])("%s", (_, stages) => {
    const { findings } = compile([source, ...stages, merge], {}, environment);
    expect(findings.filter(({ severity }) => severity !== "info")).toEqual([]);
  });

  test("but it is one in a window and in a payload", () => {
    const inside = { $match: { "response.statusCode": 200 } };
    const window = {
      $tumblingWindow: { interval: { size: 1, unit: "minute" }, pipeline: [inside, { $group: { _id: 1 } }] },
    };
    const payload = [{ $project: { a: "$response.body" } }];
    expect(codes(compile([source, https, window, merge]))).toContain("ASP1034");
    expect(codes(compile([source, https, { $https: { connectionName: "web", as: "b", payload } }, merge]))).toContain(
      "ASP1035",
    );
  });
});
