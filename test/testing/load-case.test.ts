import { describe, expect, test } from "vitest";
import { loadCase } from "../../src/testing/case/load-case.ts";
import type { FixtureCase } from "../../src/testing/case/fixture-case.ts";
import { temporaryProject } from "./temporary-project.ts";

async function load(files: Readonly<Record<string, string>>): Promise<FixtureCase> {
  const inCase = Object.entries(files).map(([name, text]) => [`test/fixtures/one/${name}`, text]);
  const cwd = await temporaryProject(Object.fromEntries(inCase) as Record<string, string>);
  return loadCase(`${cwd}/test/fixtures/one`, cwd);
}

async function findings(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const { findings: found } = await load(files);
  return found.map(
    ({ code, file, line, message }) => `${code} ${file?.replace("test/fixtures/one/", "")}:${line} ${message}`,
  );
}

async function documents(file: string, text: string): Promise<readonly unknown[]> {
  const { given, findings: found } = await load({ [`given/${file}`]: text });
  expect(found).toEqual([]);
  const list: unknown[] = [];
  for await (const { document } of given[0]?.open() ?? []) list.push(JSON.parse(JSON.stringify(document)));
  return list;
}

test("a step that names a file which is not there is a finding at the step", async () => {
  const steps = "- given: shop.evnts\n- given: shop.events\n";
  expect(await findings({ "given/_steps.yaml": steps, "given/shop.events.ndjson": '{"_id":1}' })).toEqual([
    "ASP4106 given/_steps.yaml:1 `given: shop.evnts` must be a file under given/: shop.events",
  ]);
});

test("a word that is nearly right is suggested", async () => {
  const helps = async (files: Readonly<Record<string, string>>) => (await load(files)).findings.map(({ help }) => help);
  expect(
    await helps({
      "given/_steps.yaml": "- given: shop.evnts\n- given: shop.events\n- advance: { size: 1, unit: minutes }\n",
      "given/shop.events.ndjson": '{"_id":1}',
      "fixture.yaml": "order: tmie",
    }),
  ).toEqual(["did you mean `time`?", "did you mean `minute`?", "did you mean `shop.events`?"]);
});

describe("documents are read from", () => {
  const expected = [{ _id: 1, a: "x" }, { _id: 2 }];
  test.each([
    ["shop.events.ndjson", '\uFEFF{"_id":1,"a":"x"}\r\n\n{"_id":2}'],
    ["shop.events.json", '[{"_id":1,"a":"x"},{"_id":2}]'],
    ["shop.events.yaml", "- { _id: 1, a: x }\n- _id: 2\n"],
    ["shop.events.ts", "const list: readonly object[] = [{ _id: 1, a: 'x' }, { _id: 2 }]; export default list;"],
    [
      "shop.events.ts",
      "export default function* (): Generator<object> { yield { _id: 1, a: 'x' }; yield { _id: 2 }; }",
    ],
    ["shop.events.ts", "export default async function* () { yield { _id: 1, a: 'x' }; yield { _id: 2 }; }"],
    ["shop.events.ts", "export default async () => new Set([{ _id: 1, a: 'x' }, { _id: 2 }]);"],
    [
      "shop.events.ts",
      "import { readFileSync } from 'node:fs'; export default [{ _id: 1, a: typeof readFileSync && 'x' }, { _id: 2 }].values();",
    ],
  ])("%s: %s", async (file, text) => {
    expect(await documents(file, text)).toEqual(expected);
  });
});

test("why a trial is left out is a text, and no switch", async () => {
  for (const why of ["false", "true", "1", "~"]) {
    expect(await findings({ "fixture.yaml": `trials: { redelivered: ${why} }` })).toEqual([
      "ASP4106 fixture.yaml:1 `redelivered` must be a text that says why the trial is left out",
    ]);
  }
});

test("a message that is only its value is told where it belongs", async () => {
  const { findings: found } = await load({ "given/topic.carts.ndjson": '{"type":"Added","sku":"tea"}\n' });
  const help = 'put what the message says under `value`: `{ "value": { … } }`';
  expect(found.map((one) => `${one.code} ${one.help}`)).toEqual([`ASP4103 ${help}`, `ASP4103 ${help}`]);
});

test("a module's documents can be read again, even those of a generator that has run", async () => {
  const { given } = await load({
    "given/shop.events.ts": "function* make() { yield { _id: 1 }; yield { _id: 2 }; } export default make();",
  });
  for (let time = 0; time < 3; time++) {
    let count = 0;
    for await (const _ of given[0]?.open() ?? []) count++;
    expect(count).toBe(2);
  }
});

test("a module may use asp-toolkit and packages", async () => {
  const source = `
    import { Decimal128 } from "asp-toolkit";
    export default [{ _id: 1, price: new Decimal128("1.50") }];`;
  expect(await documents("shop.events.ts", source)).toEqual([{ _id: 1, price: { $numberDecimal: "1.50" } }]);
});

test("a document without an _id gets the same one each time", async () => {
  const files = { "given/shop.events.ndjson": '{"a":1}\n{"a":1}\n' };
  const ids = async (): Promise<unknown[]> => {
    const list: unknown[] = [];
    for await (const { document } of (await load(files)).given[0]?.open() ?? []) list.push(String(document["_id"]));
    return list;
  };
  const [first, second] = await ids();
  expect(first).not.toBe(second);
  expect(await ids()).toEqual([first, second]);
});

test("the first dot splits database and collection", async () => {
  const { given } = await load({ "given/shop.events.2024.ndjson": "" });
  expect(given).toMatchObject([{ db: "shop", coll: "events.2024" }]);
});

describe("a finding with file and line for", () => {
  test.each<readonly [string, Readonly<Record<string, string>>, readonly string[]]>([
    [
      "each line that is no document",
      { "given/shop.events.ndjson": '{"_id":1}\n{"_id":\n[1]\n{"a":{"$oid":"x"}}\n' },
      [
        "ASP4100 given/shop.events.ndjson:2 this is not an EJSON document: Unexpected end of JSON input",
        "ASP4100 given/shop.events.ndjson:3 this is not an EJSON document: a document is wanted here",
        expect.stringMatching(/^ASP4100 given\/shop\.events\.ndjson:4 .*\$oid/) as never,
      ],
    ],
    [
      "a JSON list that breaks off",
      { "given/shop.events.json": '[\n{"_id":1},\n{]\n' },
      [expect.stringMatching(/^ASP4100 given\/shop\.events\.json:3 /) as never],
    ],
    [
      "YAML that is none",
      { "given/shop.events.yaml": "- a: 1\n- {\n" },
      [expect.stringMatching(/^ASP4116 given\/shop\.events\.yaml:3 /) as never],
    ],
    [
      "a module that throws",
      { "given/shop.events.ts": "throw new Error('no');" },
      ["ASP4109 given/shop.events.ts:1 this module gives no documents: no"],
    ],
    [
      "a module that ends the process",
      { "given/shop.events.ts": "process.exit(0); export default [];" },
      ["ASP4109 given/shop.events.ts:1 this module gives no documents: `process.exit` is asp's own"],
    ],
    [
      "a module that writes to the command's output",
      { "given/shop.events.ts": "process.stdout.write('a'); export default [];" },
      ["ASP4109 given/shop.events.ts:1 this module gives no documents: `process.stdout.write` is asp's own"],
    ],
    [
      "a module that starts what fails",
      { "given/shop.events.ts": "Promise.reject(new Error('lost')); export default [];" },
      ["ASP4109 given/shop.events.ts:1 this module gives no documents: lost"],
    ],
    [
      "a module without documents",
      { "given/shop.events.ts": "export const a = 1;" },
      ["ASP4109 given/shop.events.ts:1 this module gives no documents: its default export is missing"],
    ],
    [
      "a file whose lines are bad, and that a step names",
      { "given/_steps.yaml": "- given: shop.events\n", "given/shop.events.ndjson": '{"_id":1},\n' },
      [expect.stringMatching(/^ASP4100 given\/shop\.events\.ndjson:1 /) as never],
    ],
    [
      "what a case does not have",
      {
        "fixture.yml": "processors: [a]\n",
        "expected/shop.orders.ndjson": "",
        "given/_steps.yml": "",
        "given/shop.events.ndjson": '{"_id":1}',
        "README.md": "",
        "notes.txt": "",
      },
      [
        "ASP4270 expected:1 `expected` is not part of a case, and nothing reads it",
        "ASP4270 fixture.yml:1 `fixture.yml` is not part of a case, and nothing reads it",
        "ASP4107 given/_steps.yml:1 `_steps.yml` is not a file of documents named after a collection",
      ],
    ],
    [
      "a file that names no collection",
      { "given/events.ndjson": "", "then/notes.txt": "" },
      [
        "ASP4107 given/events.ndjson:1 `events.ndjson` is not a file of documents named after a collection",
        "ASP4107 then/notes.txt:1 `notes.txt` is not a file of documents named after a collection",
      ],
    ],
    [
      "a topic under seed/",
      { "seed/topic.orders.ndjson": "" },
      ["ASP4108 seed/topic.orders.ndjson:1 a Kafka topic under seed/ is not run yet by this version of asp"],
    ],
    [
      "messages that are none",
      {
        "given/topic.orders.ndjson":
          '{"value":{},"key":"a"}\n{"valu":{}}\n{"value":1,"headers":{"a":1}}\n{"value":1,"headers":[{"key":"a"}]}\n{"value":1,"timestamp":"soon","partition":-1}\n{"value":1,"partition":1000}\n3\n',
        "then/topic.sent.ndjson": '{"value":{},"headers":"a"}\n',
      },
      [
        "ASP4103 given/topic.orders.ndjson:2 `valu` is not a key that is known here",
        "ASP4106 given/topic.orders.ndjson:3 `headers` must be an object of texts, or a list of { k, v }",
        "ASP4106 given/topic.orders.ndjson:4 `headers` must be an object of texts, or a list of { k, v }",
        "ASP4106 given/topic.orders.ndjson:5 `timestamp` must be a time: ISO 8601, a date, or milliseconds",
        "ASP4106 given/topic.orders.ndjson:5 `partition` must be a whole number from 0 to 999",
        "ASP4106 given/topic.orders.ndjson:6 `partition` must be a whole number from 0 to 999",
        "ASP4100 given/topic.orders.ndjson:7 this is not an EJSON document: a document is wanted here",
        "ASP4106 then/topic.sent.ndjson:1 `headers` must be an object of texts, or a list of { k, v }",
      ],
    ],
    [
      "steps that a topic does not take",
      {
        "given/_steps.yaml":
          "- update: { in: topic.a, filter: {}, update: {} }\n- transaction: [{ insert: { into: topic.a, documents: [{ value: 1 }] } }]\n- insert: { into: topic.a, documents: [{ value: 1, to: b }] }\n",
      },
      [
        "ASP4106 given/_steps.yaml:1 `in` must be a collection: a topic takes `insert` only",
        "ASP4106 given/_steps.yaml:2 a write of a transaction must be to a collection: Kafka is not part of it",
        "ASP4103 given/_steps.yaml:3 `to` is not a key that is known here",
      ],
    ],
    [
      "a dead letter without its reason",
      { "then/_dlq.ndjson": '{"doc":{}}\n{"errInfo":{"reason":{"$regex":"("}}}\n{}\n' },
      [
        "ASP4106 then/_dlq.ndjson:2 `errInfo.reason` must be a text or { $regex }",
        "ASP4106 then/_dlq.ndjson:3 a dead letter must be { doc, errInfo: { reason } }",
      ],
    ],
    [
      "unknown keys and wrong values in fixture.yaml",
      {
        "fixture.yaml": "procesors: [a]\norder: name\ntrials:\n  redeliverd: why\n  restarted:\nprocessors: orders\n",
      },
      [
        "ASP4103 fixture.yaml:1 `procesors` is not a key that is known here",
        "ASP4106 fixture.yaml:6 `processors` must be a list of names",
        "ASP4106 fixture.yaml:2 `order` must be `time`",
        "ASP4105 fixture.yaml:4 there is no trial `redeliverd`",
        "ASP4106 fixture.yaml:5 `restarted` must be a text that says why the trial is left out",
      ],
    ],
    [
      "steps that are none",
      {
        "given/_steps.yaml":
          "- givn: shop.events\n- insert: { into: orders, documents: [{ _id: 1 }] }\n- update: { in: a.b, filtr: {}, filter: {}, update: {} }\n- caughtUp: maybe\n- transaction: [{ advance: { size: 1, unit: day } }]\n- advance: { size: 1, unit: week }\n- delete: { in: a.b, filter: 3 }\n- advance: { size: 0, unit: day }\n- advance: { size: 100001, unit: day }\n- advance: 3\n",
      },
      [
        "ASP4103 given/_steps.yaml:1 `givn` is not a key that is known here",
        "ASP4106 given/_steps.yaml:2 `into` must be a collection as <db>.<coll>",
        "ASP4103 given/_steps.yaml:3 `filtr` is not a key that is known here",
        "ASP4106 given/_steps.yaml:4 `caughtUp` must be `true`",
        "ASP4103 given/_steps.yaml:5 `advance` is not a key that is known here",
        "ASP4106 given/_steps.yaml:6 `unit` must be one of ms, second, minute, hour, day",
        "ASP4106 given/_steps.yaml:7 `filter` must be a document",
        "ASP4106 given/_steps.yaml:8 `size` must be a whole number from 1",
        "ASP4106 given/_steps.yaml:9 `advance` must be no more than 100,000 days",
        "ASP4106 given/_steps.yaml:10 `advance` must be a duration such as { size: 10, unit: minute }",
      ],
    ],
  ])("%s", async (_, files, expected) => {
    expect(await findings(files)).toEqual(expected);
  });
  test("an unknown key, with what was meant", async () => {
    const {
      findings: [finding],
    } = await load({ "fixture.yaml": "\n\n  procesors: [a]\n" });
    expect(finding).toMatchObject({ line: 3, column: 3, help: "did you mean `processors`?" });
  });
});
