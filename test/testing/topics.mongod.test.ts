import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { loadProject } from "../../src/testing/project.ts";
import { replay } from "../../src/testing/replay.ts";
import { runCases } from "../../src/testing/run-cases.ts";
import type { RunCasesOptions } from "../../src/testing/run-cases.ts";
import { startRegistry } from "../support/registry-server.ts";
import { payments, temporaryProject } from "./temporary-project.ts";

const env = { ...process.env, CI: "" };
const one = "test/fixtures/one";

const config = `
connections:
  store: { type: Cluster }
  bus: { type: Kafka, bootstrapServers: "\${BROKERS}", authentication: { mechanism: PLAIN, username: a, password: "\${SECRET}" } }
  other: { type: Kafka }
environments:
  local: { target: emulator, dlq: { connectionName: store, db: ops, coll: dead_letters } }
`;

const processor = (name: string, ...stages: readonly string[]): Readonly<Record<string, string>> => ({
  [`pipelines/${name}.ts`]: `
import { defineProcessor } from "asp-toolkit";
export default defineProcessor({ name: "${name}", pipeline: [${stages.join(",\n")}] });
`,
});

const fromTopic = (topic: string, more = 'auto_offset_reset: "earliest"'): string =>
  `{ $source: { connectionName: "bus", topic: "${topic}", config: { keyFormat: "string", ${more} } } }`;
const fromEvents =
  '{ $source: { connectionName: "store", db: "shop", coll: "events", config: { fullDocumentOnly: true } } }';
const merge = (coll: string, mode = '"replace"'): string =>
  `{ $merge: { into: { connectionName: "store", db: "shop", coll: "${coll}" }, whenMatched: ${mode} } }`;
const emit = (topic: string, config: string): string =>
  `{ $emit: { connectionName: "other", topic: ${topic}, config: { ${config} } } }`;
const byCustomer = 'key: "$customer", keyFormat: "string"';

const lines = (...documents: readonly unknown[]): string =>
  documents.map((each) => `${JSON.stringify(each)}\n`).join("");

async function run(files: Readonly<Record<string, string>>, options: Partial<RunCasesOptions> = {}) {
  const dir = await temporaryProject({ "atlas.config.yaml": config, ...files });
  return { report: await runCases(await loadProject({ cwd: dir }), { env, ...options }), dir };
}

const green = { passed: 1, failed: 0, findings: [] };
const read = processor("read", fromTopic("orders"), merge("orders"));

describe("messages that a case gives", () => {
  const given = lines(
    { key: "a", value: { _id: 1, n: 1 }, partition: 2 },
    { key: "b", value: { _id: 2, n: 1 }, headers: { type: "x" } },
    { key: "a", value: { _id: 1, n: 2 }, partition: 2 },
  );
  const then = lines({ _id: 1, n: 2 }, { _id: 2, n: 1 });

  test("reach the processors that read the topic, in all trials", async () => {
    const { report } = await run({
      ...read,
      ...processor("stranger", fromTopic("carts"), merge("carts")),
      [`${one}/given/topic.orders.ndjson`]: given,
      [`${one}/then/shop.orders.ndjson`]: then,
    });
    expect(report).toMatchObject(green);
    expect(report.cases[0]?.trials.map(({ ok }) => ok)).toEqual([true, true, true, true]);
  });

  test("come after the start: nothing is lost to a source that starts at the latest", async () => {
    const { report } = await run({
      ...processor("read", fromTopic("orders", 'auto_offset_reset: "latest"'), merge("orders")),
      [`${one}/given/topic.orders.ndjson`]: given,
      [`${one}/then/shop.orders.ndjson`]: then,
    });
    expect(report).toMatchObject(green);
  });

  test("come with what the source knows of them, at the clock of the case", async () => {
    const { report } = await run({
      ...processor(
        "read",
        fromTopic("orders"),
        '{ $project: { key: { $meta: "stream.source.key" }, topic: { $meta: "stream.source.topic" }, headers: { $meta: "stream.source.headers" }, partition: { $meta: "stream.source.partition" }, at: "$_ts" } }',
        merge("orders"),
      ),
      [`${one}/given/topic.orders.yaml`]: "- { key: a, value: { _id: 1 }, headers: { type: x }, partition: 1 }\n",
      [`${one}/then/shop.orders.ndjson`]: lines({
        _id: 1,
        key: "a",
        topic: "orders",
        headers: [{ k: "type", v: { $binary: { base64: "eA==", subType: "00" } } }],
        partition: 1,
      }),
    });
    expect(report).toMatchObject(green);
  });

  test("may stand in steps, and be made by a module", async () => {
    const { report } = await run({
      ...read,
      [`${one}/given/topic.orders.ts`]:
        "export default function* () { for (let n = 1; n <= 30; n++) yield { key: `k${n % 3}`, value: { _id: n % 3, n } }; }",
      [`${one}/given/_steps.yaml`]:
        "- given: topic.orders\n- caughtUp: true\n- insert: { into: topic.orders, documents: [{ key: k1, value: { _id: 1, n: 99 } }] }\n- restart: true\n",
      [`${one}/then/shop.orders.ndjson`]: lines({ _id: 0, n: 30 }, { _id: 1, n: 99 }, { _id: 2, n: 29 }),
    });
    expect(report).toMatchObject(green);
  });

  test("are dead letters where they hold no JSON", async () => {
    const { report } = await run({
      ...read,
      [`${one}/given/topic.orders.ndjson`]: lines(
        { value: { $binary: { base64: Buffer.from("no json").toString("base64"), subType: "00" } } },
        { value: { _id: 1 } },
        { value: "a text" },
      ),
      [`${one}/then/shop.orders.ndjson`]: lines({ _id: 1 }),
      [`${one}/then/_dlq.ndjson`]: lines(
        { doc: { value: "no json" }, errInfo: { reason: { $regex: "not JSON" } } },
        { doc: { value: '"a text"' }, errInfo: { reason: { $regex: "no object" } } },
      ),
    });
    expect(report).toMatchObject(green);
  });

  test("are a finding where the topic does not take them", async () => {
    const { report } = await run({
      ...processor("read", fromTopic("orders"), merge("orders")),
      [`${one}/given/topic.orders.ts`]: 'export default [{ value: 1 }, { value: "x".repeat(2 * 1024 * 1024) }];',
    });
    expect(report.findings).toMatchObject([{ code: "ASP4180", file: `${one}/given/topic.orders.ts` }]);
  });

  test("are a finding where a module gives none", async () => {
    const { report } = await run({ ...read, [`${one}/given/topic.orders.ts`]: "export default [{ _id: 1 }];" });
    expect(report.findings).toMatchObject([{ code: "ASP4103", file: `${one}/given/topic.orders.ts` }]);
  });

  test("are a finding where nobody reads the topic", async () => {
    const { report } = await run({ ...read, [`${one}/given/topic.order.ndjson`]: lines({ value: 1 }) });
    expect(report.findings).toMatchObject([{ code: "ASP4110", help: "did you mean `topic.orders`?" }]);
  });
});

describe("what a case emits", () => {
  const events = { [`${one}/given/shop.events.ndjson`]: payments };
  const headers = 'headers: { amount: { $toString: "$amount" } }';
  const send = processor("send", fromEvents, emit('"payments"', `${byCustomer}, ${headers}`));
  const expected = lines(
    { key: "a", value: { _id: 1, customer: "a", amount: 50 }, headers: { amount: "50" } },
    { key: "a", value: { _id: 2, customer: "a", amount: 100 }, headers: { amount: "100" } },
    { key: "b", value: { _id: 3, customer: "b", amount: 301 }, headers: { amount: "301" } },
  );

  test("is compared with then/topic.<name>.ndjson in all trials, and needs no broker's secrets", async () => {
    const { report } = await run({ ...send, ...events, [`${one}/then/topic.payments.ndjson`]: expected });
    expect(report).toMatchObject(green);
    expect(report.cases[0]?.trials.map(({ ok }) => ok)).toEqual([true, true, true, true]);
  });

  test("differs by topic, key, position and field, at the line of the message", async () => {
    const { report } = await run(
      { ...send, ...events, [`${one}/then/topic.payments.ndjson`]: expected.replace(/100/g, "101") },
      { trials: ["straight"] },
    );
    expect(report.cases[0]?.trials[0]?.differences).toMatchObject([
      { kind: "different", processor: "send", collection: "topic.payments", _id: { key: "a", position: 2 } },
      { path: "headers.amount", expected: "101", actual: "100" },
    ]);
    expect(report.findings).toMatchObject([
      {
        code: "ASP4112",
        file: `${one}/then/topic.payments.ndjson`,
        line: 2,
        message: 'case one: `send`, topic.payments, message 2 of key "a" `value.amount`: expected 101, found 100',
      },
    ]);
  });

  test("without a file there is a warning, and --update writes it", async () => {
    const bare = await run({ ...send, ...events });
    expect(bare.report.findings).toMatchObject([{ code: "ASP4111", severity: "warning" }]);
    const { report, dir } = await run(
      { ...send, ...events, [`${one}/then/topic.old.ndjson`]: expected },
      { update: true },
    );
    expect(report).toMatchObject(green);
    expect(await readdir(join(dir, one, "then"))).toEqual(["topic.payments.ndjson"]);
    expect(await readFile(join(dir, one, "then/topic.payments.ndjson"), "utf8")).toBe(expected);
  });

  test("may be tombstones, in topics whose names are computed", async () => {
    const { report } = await run({
      ...processor(
        "send",
        fromEvents,
        emit('{ $concat: ["of-", "$customer"] }', `${byCustomer}, tombstoneWhen: { $eq: ["$amount", 100] }`),
      ),
      ...events,
      [`${one}/then/topic.of-a.ndjson`]: lines(
        { key: "a", value: { _id: 1, customer: "a", amount: 50 } },
        { key: "a", value: null },
      ),
      [`${one}/then/topic.of-b.ndjson`]: lines({ key: "b", value: { _id: 3, customer: "b", amount: 301 } }),
    });
    expect(report).toMatchObject(green);
  });

  test("is read by those who read the topic, over another connection too", async () => {
    const { report } = await run({
      ...send,
      ...processor("read", fromTopic("payments"), merge("payments")),
      ...events,
      [`${one}/then/topic.payments.ndjson`]: expected,
      [`${one}/then/shop.payments.ndjson`]: payments,
    });
    expect(report).toMatchObject(green);
  });

  test("does not hold what was given to the same topic", async () => {
    const { report } = await run({
      ...processor(
        "again",
        fromTopic("orders"),
        "{ $match: { again: { $exists: false } } }",
        "{ $set: { again: true } }",
        emit('"orders"', ""),
      ),
      [`${one}/given/topic.orders.ndjson`]: lines({ value: { _id: 1 } }),
      [`${one}/then/topic.orders.ndjson`]: lines({ value: { _id: 1, again: true } }),
    });
    expect(report).toMatchObject({ passed: 1 });
  });

  test("a counter over a topic that doubles is found", async () => {
    const { report } = await run({
      ...processor("count", fromTopic("orders"), merge("counts", '[{ $set: { n: { $add: ["$n", "$$new.n"] } } }]')),
      [`${one}/given/topic.orders.ndjson`]: lines({ value: { _id: 1, n: 1 } }, { value: { _id: 1, n: 1 } }),
      [`${one}/then/shop.counts.ndjson`]: lines({ _id: 1, n: 2 }),
    });
    expect(report.findings.map(({ code }) => code)).toContain("ASP4114");
  });

  test("has the time of the clock of the case, which steps move", async () => {
    const { report } = await run({
      ...processor("send", fromEvents, emit('"payments"', "")),
      [`${one}/given/_steps.yaml`]:
        "- insert: { into: shop.events, documents: [{ _id: 1 }] }\n- advance: { size: 1, unit: day }\n- insert: { into: shop.events, documents: [{ _id: 2 }] }\n",
      [`${one}/then/topic.payments.ndjson`]: lines(
        { value: { _id: 1 }, timestamp: "2000-01-01T00:00:00Z", partition: 0 },
        { value: { _id: 2 }, timestamp: { $date: "2000-01-02T00:00:00Z" } },
      ),
    });
    expect(report).toMatchObject(green);
  });

  test("in Avro is decoded by the registry of the sink, whose variables the case sets", async () => {
    const registry = await startRegistry();
    onTestFinished(() => registry.close());
    const schema =
      '{ type: "record", name: "P", fields: [{ name: "_id", type: "int" }, { name: "amount", type: "int" }] }';
    const { report } = await run({
      ...processor(
        "send",
        fromEvents,
        "{ $project: { amount: 1 } }",
        `{ $emit: { connectionName: "bus", topic: "payments", schemaRegistry: { connectionName: "registry", valueSchema: { type: "avro", schema: ${schema} } } } }`,
      ),
      "atlas.config.yaml": config.replace(
        "  other:",
        '  registry: { type: SchemaRegistry, provider: CONFLUENT, schemaRegistryUrls: ["${REGISTRY}"] }\n  other:',
      ),
      ...events,
      [`${one}/fixture.yaml`]: `variables: { REGISTRY: "${registry.url}" }\n`,
      [`${one}/then/topic.payments.ndjson`]: lines(
        { value: { _id: 1, amount: 50 } },
        { value: { _id: 2, amount: 100 } },
        { value: { _id: 3, amount: 301 } },
      ),
    });
    expect(report).toMatchObject(green);
  });

  test("is compared and written out by a replay", async () => {
    const dir = await temporaryProject({
      "atlas.config.yaml": config,
      ...send,
      ...events,
      [`${one}/then/topic.payments.ndjson`]: expected.replace("301", "300"),
    });
    const report = await replay(await loadProject({ cwd: dir }), "one", { env, out: "out" });
    expect(report).toMatchObject({ ok: false, expected: 3, differences: [{ _id: { key: "b", position: 1 } }] });
    expect(await readFile(join(dir, "out/topic.payments.ndjson"), "utf8")).toBe(expected);
  });

  test("by a processor that reads a topic has its lag by the wall clock", async () => {
    const dir = await temporaryProject({
      "atlas.config.yaml": config,
      ...read,
      [`${one}/given/topic.orders.ndjson`]: lines({ value: { _id: 1 } }),
    });
    const report = await replay(await loadProject({ cwd: dir }), "one", { env });
    expect(report.processors).toMatchObject([{ name: "read", input: 1, output: 1 }]);
    expect(report.processors[0]?.lagMs.max).toBeLessThan(60_000);
  });
});
