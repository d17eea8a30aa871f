import { Double, EJSON, Long } from "bson";
import { expect, test } from "vitest";
import { definitionOf, parseSeed } from "../../../src/emulator/seed/parse-seed.ts";

test("a seed is YAML or JSON", () => {
  const seed = { projectId: "0123456789abcdef01234567", workspaces: [{ name: "commerce", tier: "SP30" }] };
  expect(parseSeed(JSON.stringify(seed), "seed.json")).toEqual({ seed, findings: [] });
  const yaml =
    "workspaces:\n  - name: commerce\n    connections:\n      - { name: bus, type: Kafka, bootstrapServers: in-memory }\n";
  expect(parseSeed(yaml, "seed.yaml").seed?.workspaces?.[0]?.connections).toEqual([
    { name: "bus", type: "Kafka", bootstrapServers: "in-memory" },
  ]);
});

test.each([
  ["workspace:\n  - name: a\n", "ASP4002", "unknown key `workspace`", 1],
  ["workspaces:\n  - tier: SP10\n", "ASP4004", "`name` is missing", 2],
  ["workspaces:\n  - name: a\n    tier: SP20\n", "ASP4003", "one of SP2, SP5, SP10, SP30, SP50", 3],
  ["workspaces:\n  - name: a\n    connections:\n      - { name: c, type: Clustr }\n", "ASP4003", "one of Cluster", 4],
  ["users:\n  - { name: a, password: b, role: admin }\n", "ASP4003", "one of readWrite, read", 2],
  ["a: [", "ASP4000", "not YAML", 1],
])("what is wrong in %j is found at its line", (text, code, message, line) => {
  const { findings } = parseSeed(text, "seed.yaml");
  expect(findings).toContainEqual(expect.objectContaining({ code, line, message: expect.stringContaining(message) }));
});

test("processors keep the types and the key order that EJSON has", () => {
  const text =
    '{"name":"p","pipeline":[{"$match":{"b":{"$numberDouble":"5.0"},"a":{"$numberLong":"7"}}}],"options":{"tier":"SP10"}}';
  const { pipeline, options } = definitionOf(JSON.parse(text));
  expect(options).toEqual({ tier: "SP10" });
  expect(Object.keys(pipeline[0]?.["$match"])).toEqual(["b", "a"]);
  expect(EJSON.stringify(pipeline[0]?.["$match"], { relaxed: false })).toBe(
    EJSON.stringify({ b: new Double(5), a: Long.fromNumber(7) }, { relaxed: false }),
  );
});
