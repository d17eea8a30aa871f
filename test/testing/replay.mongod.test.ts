import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadProject } from "../../src/testing/project.ts";
import { replay } from "../../src/testing/replay.ts";
import type { ReplayProgress } from "../../src/testing/replay/replay-report.ts";
import { toReplayReportJson } from "../../src/testing/replay/replay-report.ts";
import { schemaErrors } from "./schema-errors.ts";
import { config, largePayments, payments, temporaryProject } from "./temporary-project.ts";

const { env } = process;
const large = { "atlas.config.yaml": config, "pipelines/large-payments.ts": largePayments };
const expected =
  '{"_id":2,"customer":"a","amount":100,"half":{"$numberDouble":"50.0"}}\n{"_id":3,"customer":"b","amount":301,"half":150.5}\n';

test("a file of events goes into the events collection, and the end state into a folder", async () => {
  const dir = await temporaryProject({ ...large, "events.ndjson": `${payments}{"_id":4,"amount":1e500}\n` });
  const project = await loadProject({ cwd: dir });
  const progress: ReplayProgress[] = [];
  const report = await replay(project, "events.ndjson", { env, out: "out", onEvents: (now) => progress.push(now) });
  expect(report.findings).toEqual([]);
  expect(toReplayReportJson(report)).toEqual({
    events: 4,
    seconds: expect.any(Number),
    eventsPerSecond: expect.any(Number),
    processors: [
      {
        name: "large-payments",
        input: 4,
        output: 3,
        deadLetters: 0,
        lagMs: { p50: expect.any(Number), p95: expect.any(Number), max: expect.any(Number) },
      },
    ],
  });
  expect(progress.at(-1)).toMatchObject({ events: 4, deadLetters: 0 });
  expect(await readdir(join(dir, "out"))).toEqual(["shop.large.ndjson"]);
  expect(await readFile(join(dir, "out/shop.large.ndjson"), "utf8")).toBe(
    `${expected}{"_id":4,"amount":{"$numberDouble":"Infinity"},"half":{"$numberDouble":"Infinity"}}\n`,
  );
});

test("a generator of many events goes through in order, into a collection of choice", async () => {
  const source = `
    export default async function* () {
      for (let index = 0; index < 20_000; index++) yield { _id: index, amount: 100 + (index % 7) };
    }`;
  const dir = await temporaryProject({ ...large, "burst.ts": source });
  const report = await replay(await loadProject({ cwd: dir }), "burst.ts", { env, into: "shop.events" });
  expect(report).toMatchObject({ ok: true, events: 20_000, processors: [{ input: 20_000, output: 20_000 }] });
});

test("a case is compared with its then/", async () => {
  const dir = await temporaryProject({
    ...large,
    "test/fixtures/one/given/shop.events.ndjson": payments,
    "test/fixtures/one/then/shop.large.ndjson": expected,
    "elsewhere/given/shop.events.ndjson": payments,
    "elsewhere/then/shop.large.ndjson": expected.replace("301", "302"),
  });
  const project = await loadProject({ cwd: dir });
  expect(await replay(project, "one", { env })).toMatchObject({ ok: true, differences: [], findings: [] });
  const elsewhere = await replay(project, "elsewhere", { env });
  expect(schemaErrors("replay-report.schema.json", toReplayReportJson(elsewhere))).toBeNull();
  expect(elsewhere).toMatchObject({
    ok: false,
    differences: [{ _id: 3, path: "amount", expected: 302, actual: 301 }],
    findings: [{ code: "ASP4112" }],
  });
});

test("--out empties a folder, whatever an earlier run left there", async () => {
  const dir = await temporaryProject({ ...large, "events.ndjson": payments, "out/old/a.txt": "x", "out/b.json": "{}" });
  const project = await loadProject({ cwd: dir });
  await replay(project, "events.ndjson", { env, out: "out" });
  expect(await readdir(join(dir, "out"))).toEqual(["shop.large.ndjson"]);
});

test("a folder that holds a project is not emptied", async () => {
  const dir = await temporaryProject({ ...large, "events.ndjson": payments, "other/package.json": "{}" });
  const project = await loadProject({ cwd: dir });
  for (const out of ["other", ".", "..", "/"]) {
    await expect(replay(project, "events.ndjson", { env, out })).rejects.toMatchObject({ code: "ASP4134" });
  }
  expect(await readdir(join(dir, "other"))).toEqual(["package.json"]);
});

test("a folder that holds what nobody but its author could write again is not emptied", async () => {
  const events = "test/fixtures/one/given/shop.events.ndjson";
  const dir = await temporaryProject({
    ...large,
    [events]: payments,
    "notes/plan.md": "x",
    "own/events.ndjson": payments,
  });
  const project = await loadProject({ cwd: dir });
  const refusals = [
    ["one", "notes", "it holds `plan.md`, which no replay has written"],
    ["one", "pipelines", "it is part of your project's `pipelines`"],
    ["one", "test", "it is part of your project's `test/fixtures`"],
    ["one", "test/fixtures/one", "it is part of your project's `test/fixtures`"],
    ["one", "test/fixtures/one/given", "it is part of your project's `test/fixtures`"],
    ["own/events.ndjson", "own", "this replay reads `own/events.ndjson`"],
  ] as const;
  for (const [source, out, why] of refusals) {
    const message = `cannot write the end state to ${out}: ${why}`;
    await expect(replay(project, source, { env, out })).rejects.toMatchObject({ code: "ASP4134", message });
  }
  for (const kept of [events, "notes/plan.md", "own/events.ndjson", "pipelines/large-payments.ts"]) {
    expect(await readFile(join(dir, kept), "utf8")).not.toBe("");
  }
});

test("a case's own then/ takes the end state", async () => {
  const dir = await temporaryProject({ ...large, "test/fixtures/one/given/shop.events.ndjson": payments });
  const project = await loadProject({ cwd: dir });
  await replay(project, "one", { env, out: "test/fixtures/one/then" });
  expect(await readdir(join(dir, "test/fixtures/one/then"))).toEqual(["shop.large.ndjson"]);
});

test("what is not there, or is not EJSON, is a finding", async () => {
  const dir = await temporaryProject({
    ...large,
    "events.ndjson": payments,
    "test/fixtures/one/given/shop.events.ndjson": payments,
  });
  const project = await loadProject({ cwd: dir });
  expect(await replay(project, "ones", { env })).toMatchObject({ ok: false, findings: [{ code: "ASP4115" }] });
  await writeFile(join(dir, "events.ndjson"), `${payments}{"_id":\n`);
  expect(await replay(project, "events.ndjson", { env })).toMatchObject({
    findings: [{ code: "ASP4100", file: "events.ndjson", line: 4 }],
  });
});

test("what went through before a restart in between counts too", async () => {
  const dir = await temporaryProject({
    ...large,
    "test/fixtures/one/given/shop.events.ndjson": payments,
    "test/fixtures/one/given/_steps.yaml":
      "- given: shop.events\n- restart: true\n- insert: { into: shop.events, documents: [{ _id: 9, amount: 500 }] }\n",
  });
  const report = await replay(await loadProject({ cwd: dir }), "one", { env });
  expect(report).toMatchObject({ events: 4, processors: [{ input: 4, output: 3, deadLetters: 0 }] });
});
