import { Decimal128, EJSON, Long } from "bson";
import { describe, expect, test } from "vitest";
import { emitDefinition, emitDefinitions } from "../../src/compiler/emit/emit-definitions.ts";
import type { Definition } from "../../src/stages/definition.ts";

const hostile = 'a`${1}%{2}$${3}\\u0024{"\n\u2028';
const definition: Definition = {
  name: hostile,
  pipeline: [
    { $source: { documents: [{ b: Long.ONE, a: Decimal128.fromString("1.0"), at: new Date(0), text: hostile }] } },
    { $merge: { into: { connectionName: "domain", db: "shop", coll: "orders" } } },
  ],
  options: { dlq: { connectionName: "domain", db: "ops", coll: hostile } },
};
const asEjson = (value: unknown): string => EJSON.stringify(value, { relaxed: false });

describe("a mongosh script", () => {
  /** Runs a script as mongosh would, against a workspace with these processors; gives what was called. */
  const run = (script: string, present: readonly object[]): readonly unknown[][] => {
    const calls: unknown[][] = [];
    const record =
      (name: string) =>
      (...args: unknown[]) =>
        void calls.push([name, ...args]);
    const processor = { stop: record("stop"), modify: record("modify"), start: record("start") };
    const sp = { createStreamProcessor: record("create"), getProcessor: () => processor };
    const db = { adminCommand: () => ({ ok: 1, streamProcessors: present }) };
    // oxlint-disable-next-line no-new-func -- the script is what is under test
    new Function("sp", "db", "EJSON", script)(sp, db, EJSON);
    return calls;
  };
  const script = emitDefinition(definition, "mongosh");

  test("creates a processor that is not there, with every name, type and order as compiled", () => {
    const [call] = run(script, [{ name: "other", state: "STARTED" }]);
    expect(asEjson(call)).toBe(asEjson(["create", definition.name, definition.pipeline, definition.options]));
  });

  test("stops, modifies and starts one that runs, and leaves a stopped one stopped", () => {
    expect(run(script, [{ name: hostile, state: "STARTED" }]).map(([name]) => name)).toEqual([
      "stop",
      "modify",
      "start",
    ]);
    expect(run(script, [{ name: hostile, state: "STOPPED" }]).map(([name]) => name)).toEqual(["modify"]);
  });

  test("holds several processors one after the other", () => {
    expect(run(emitDefinitions([definition, { ...definition, name: "b" }], "mongosh"), [])).toHaveLength(2);
  });
});

describe("a Terraform module", () => {
  const module = emitDefinitions(
    [definition, { ...definition, name: "a b" }, { ...definition, name: "a-b" }],
    "terraform",
  );

  test("keeps the pipeline as text that HCL gives back unchanged", () => {
    const [, heredoc = ""] = /<<-JSON\n([^]*?)\n {2}JSON\n/.exec(module) ?? [];
    expect(module).not.toMatch(/[$%]\{/);
    expect(asEjson(EJSON.parse(heredoc, { relaxed: false }))).toBe(asEjson(definition.pipeline));
    expect(module).not.toContain("jsonencode");
  });

  test("gives every processor a label of its own", () => {
    const labels = [...module.matchAll(/^resource "mongodbatlas_stream_processor" "([^"]*)"/gm)].map(
      ([, label]) => label,
    );
    expect(new Set(labels).size).toBe(3);
    for (const label of labels) expect(label).toMatch(/^[A-Za-z_][A-Za-z0-9_-]*$/);
  });

  test("names the dead letter queue in Terraform's own spelling", () => {
    expect(module).toContain('connection_name = "domain"');
  });
});
