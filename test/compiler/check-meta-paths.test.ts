import { describe, expect, test } from "vitest";
import { checkMetaPaths } from "../../src/compiler/check-meta-paths.ts";
import { rootCursor } from "../../src/compiler/cursor.ts";
import { readStages } from "../../src/compiler/read-stages.ts";
import type { Finding } from "../../src/diagnostics/finding.ts";
import { streamPaths } from "../../src/expressions/metadata-paths.ts";
import { source } from "./support.ts";

function findingsOf(pipeline: readonly unknown[]): readonly Finding[] {
  const root = rootCursor(pipeline, { processor: "orders", place: undefined, placeOf: () => undefined });
  return checkMetaPaths(readStages(root, "main").stages);
}

function said(...pipeline: readonly unknown[]): readonly string[] {
  return findingsOf(pipeline).map(({ code, severity, message, notes = [], help }) =>
    [`${code} ${severity} ${message}`, ...notes, ...(help === undefined ? [] : [`help: ${help}`])].join("; "),
  );
}

const reads = (...paths: readonly string[]) => ({ $set: { x: paths.map((path) => ({ $meta: path })) } });
const kafka = { $source: { connectionName: "bus", topic: "orders" } };
const kinesis = { $source: { connectionName: "stream", stream: "orders" } };
const window = (name: string, ...pipeline: readonly unknown[]) => ({ [name]: { pipeline } });

describe("a path that the source sets", () => {
  test("may be read", () => {
    expect(
      said(source, reads("stream", "stream.source.type", "stream.source.ns.db", "stream.source.documentKey.sku")),
    ).toEqual([]);
    expect(said(kafka, reads("stream.source.topic", "stream.source.key.id", "stream.source.headers"))).toEqual([]);
    expect(said(kinesis, reads("stream.source.shardId"))).toEqual([]);
    const initialSync = { $source: { ...source.$source, initialSync: { enable: true } } };
    expect(said(initialSync, reads("stream.source.initialSync.phase"))).toEqual([]);
  });

  test("of another kind is not there", () => {
    expect(said(source, reads("stream.source.topic"))).toEqual([
      "ASP1050 warning the metadata `stream.source.topic` is not there in this stage; it is there on a Kafka source",
    ]);
    expect(said(kafka, reads("stream.source.operationType"))).toHaveLength(1);
    expect(said({ $source: { documents: [] } }, reads("stream.source.ns.db"))).toHaveLength(1);
    expect(said(source, reads("stream.source.initialSync.phase"))).toEqual([
      "ASP1050 warning the metadata `stream.source.initialSync.phase` is not there in this stage; it is there on a change stream source with `initialSync`",
    ]);
  });
});

test("a path that nothing sets is said to be one", () => {
  expect(said(source, reads("stream.source.tpye", "stream.route"))).toEqual([
    "ASP1049 warning nothing sets the metadata `stream.source.tpye`; below `stream.source` there are `documentKey`, `ns`, `operationType`, `ts`, `type`; help: did you mean `stream.source.type`?",
    "ASP1049 warning nothing sets the metadata `stream.route`; below `stream` there is `source`; help: did you mean `stream.source`?",
  ]);
});

test("a path that ends too early, or has an empty part, is told what there is", () => {
  const set = { $setStreamMeta: { "stream.route.topic": 1, "stream.route.key": 1 } };
  expect(said(source, set, window("$tumblingWindow", reads("stream.", "stream.window.", "stream.route.")))).toEqual([
    "ASP1049 warning nothing sets the metadata `stream.`; below `stream` there are `route`, `source`, `window`; help: did you mean `stream`?",
    "ASP1049 warning nothing sets the metadata `stream.window.`; below `stream.window` there are `end`, `start`; help: did you mean `stream.window`?",
    "ASP1049 warning nothing sets the metadata `stream.route.`; below `stream.route` there are `key`, `topic`; help: did you mean `stream.route`?",
  ]);
  expect(said(source, reads("stream.source.type.name"))).toEqual([
    "ASP1049 warning nothing sets the metadata `stream.source.type.name`; below `stream.source` there are `documentKey`, `ns`, `operationType`, `ts`, `type`; help: set it with `$setStreamMeta` in a stage before",
  ]);
});

test("what `$setStreamMeta` sets may be read after it, and not before", () => {
  const set = { $setStreamMeta: { "stream.route.topic": "$topic" } };
  const all = reads("stream.route", "stream.route.topic", "stream.route.topic.name");
  expect(said(source, set, all)).toEqual([]);
  expect(said(source, all, set)).toHaveLength(3);
  expect(said(source, set, reads("stream.rout.topic"))).toEqual([
    "ASP1049 warning nothing sets the metadata `stream.rout.topic`; below `stream` there are `route`, `source`; help: did you mean `stream.route.topic`?",
  ]);
});

test("metadata of a window is there from the window on", () => {
  const both = reads("stream.window.start", "stream.window.end");
  expect(said(source, both, window("$tumblingWindow", both), both)).toEqual([
    "ASP1050 warning the metadata `stream.window.start` is not there in this stage; it is there inside a window and after it",
    "ASP1050 warning the metadata `stream.window.end` is not there in this stage; it is there inside a window and after it",
  ]);
  const partition = reads("stream.window.partition");
  expect(said(source, window("$tumblingWindow", partition))).toEqual([
    "ASP1050 warning the metadata `stream.window.partition` is not there in this stage; it is there inside a session window and after it",
  ]);
  expect(said(source, window("$sessionWindow", partition), partition)).toEqual([]);
});

test("metadata of a request is there after it", () => {
  const status = reads("stream.https.httpStatusCode");
  expect(said(source, status)).toHaveLength(1);
  expect(said(source, { $https: { connectionName: "api" } }, status)).toEqual([]);
});

test("findings stand where the path is read", () => {
  const pipeline = [source, window("$hoppingWindow", { $match: { $expr: { $eq: [{ $meta: "stream.x" }, 1] } } })];
  const root = rootCursor({ pipeline }, { processor: "orders", place: undefined, placeOf: () => undefined });
  const located = readStages({ ...root, value: pipeline, parent: root, key: "pipeline" }, "main");
  expect(checkMetaPaths(located.stages).map(({ path }) => path)).toEqual([[1, "pipeline", 0, "$expr", "$eq", 0]]);
});

test("literals and queries are data", () => {
  expect(said(source, { $set: { x: { $literal: { $meta: "stream.x" } } } })).toEqual([]);
});

describe("a key of `$setStreamMeta`", () => {
  test.each([
    ["route", "write `stream.route`"],
    ["$route", "write `stream.route`"],
    ["stream", "add a name: `stream.<name>`"],
    ["streams.route", "did you mean `stream.route`?"],
    ["Stream.route", "did you mean `stream.route`?"],
    ["", "add a name: `stream.<name>`"],
  ])("%j must begin with `stream.`", (key, help) => {
    expect(said(source, { $setStreamMeta: { [key]: 1 } })).toEqual([
      `ASP1051 error \`$setStreamMeta\` cannot set \`${key}\`, which does not begin with \`stream.\`; help: ${help}`,
    ]);
  });

  test.each([
    ["stream.", "it ends with a dot", "add a name: `stream.<name>`"],
    ["stream.window.", "it ends with a dot", "add a name: `stream.window.<name>`"],
    ["stream..route", "a part of it is empty", "write `stream.route`"],
    ["stream.$route", "a part of it begins with a dollar", "write `stream.route`"],
  ])("%j must be a path", (key, why, help) => {
    expect(said(source, { $setStreamMeta: { [key]: 1 } })).toEqual([
      `ASP1051 error \`$setStreamMeta\` cannot set \`${key}\`: ${why}; below \`stream\` there is \`source\`; help: ${help}`,
    ]);
  });

  test("that ends too early is told what there is", () => {
    expect(said(source, window("$sessionWindow"), { $setStreamMeta: { "stream.window.": 1 } })).toEqual([
      expect.stringContaining("; below `stream.window` there are `end`, `partition`, `start`; help: "),
    ]);
  });
});

test("every path of the stream can be read on some source", () => {
  const session = window("$sessionWindow");
  const everything = [session, { $https: {} }, reads(...streamPaths.keys())];
  const sources = [kafka, kinesis, { $source: { ...source.$source, initialSync: { enable: true } } }];
  const missing = sources.map((each) => new Set(said(each, ...everything)));
  const nowhere = [...(missing[0] ?? [])].filter((text) => missing.every((texts) => texts.has(text)));
  expect(nowhere).toEqual([]);
});
