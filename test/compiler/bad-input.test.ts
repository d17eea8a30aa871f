import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { emitDefinitions } from "../../src/compiler/emit/emit-definitions.ts";
import { toFileName } from "../../src/compiler/emit/to-file-name.ts";
import { stageTable } from "../../src/stages/index.ts";
import { compileProcessor } from "../../src/compiler/compile-processor.ts";
import type { AuthoredValue } from "../../src/projections/processor-value.ts";
import { codes, compile, compileValue, local, merge, source } from "./support.ts";

// Hundreds of random values take seconds on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 60_000 });

/** Junk that looks like a pipeline more often than chance would have it. */
const words = fc.oneof(
  fc.constantFrom(
    ...stageTable.keys(),
    "$out",
    "$$NOW",
    "$$ROOT.a",
    "$a",
    "$a.b",
    "__proto__",
    "constructor",
    "toString",
    "0",
    "1",
  ),
  fc.constantFrom(
    "connectionName",
    "db",
    "coll",
    "into",
    "on",
    "config",
    "pipeline",
    "whenMatched",
    "documents",
    "$date",
    "_bsontype",
  ),
  fc.string({ unit: "binary", maxLength: 12 }),
);
const { junk } = fc.letrec((tie) => ({
  junk: fc.oneof(
    { depthSize: "medium", withCrossShrink: true },
    fc.oneof(words, fc.integer(), fc.double(), fc.boolean(), fc.constant(null)),
    fc.array(tie("junk"), { maxLength: 5 }),
    fc.array(fc.tuple(words, tie("junk")), { maxLength: 5 }).map((entries) => JSON.parse(jsonOf(entries)) as unknown),
  ),
}));
const stage = fc.tuple(fc.constantFrom(...stageTable.keys()), junk).map(([name, args]) => ({ [name]: args }));

/** JSON text keeps a key called `__proto__`, which assigning it would not. */
function jsonOf(entries: readonly (readonly [string, unknown])[]): string {
  return `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(",")}}`;
}

describe("whatever the pipeline is, compiling gives a definition or says why not", () => {
  const holds = (pipeline: unknown): void => {
    const { definition, findings } = compile(pipeline);
    const errors = findings.filter(({ severity }) => severity === "error");
    expect(definition === undefined).toBe(errors.length > 0);
    if (definition === undefined) return;
    for (const format of ["json", "mongosh", "terraform"] as const) emitDefinitions([definition], format);
  };

  test("any JSON value", () => fc.assert(fc.property(fc.oneof(junk, fc.jsonValue()), holds), { numRuns: 200 }));
  test("any list of stages with any arguments", () =>
    fc.assert(fc.property(fc.array(fc.oneof({ weight: 9, arbitrary: stage }, { weight: 1, arbitrary: junk })), holds), {
      numRuns: 300,
    }));
  test("any arguments between a source and a sink", () =>
    fc.assert(
      fc.property(fc.array(stage, { maxLength: 8 }), (stages) => holds([source, ...stages, merge])),
      { numRuns: 200 },
    ));
  test("anything JavaScript has", () =>
    fc.assert(
      fc.property(
        fc.anything({
          withBigInt: true,
          withDate: true,
          withMap: true,
          withNullPrototype: true,
          withObjectString: true,
          withSet: true,
          withSparseArray: true,
          withTypedArray: true,
          withBoxedValues: true,
        }),
        (value) => holds([source, { $match: { value } }, { $set: { value } }, merge]),
      ),
      { numRuns: 300 },
    ));
  test("anything in place of a processor", () =>
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom("name", "pipeline", "options", "other"), junk),
        (value) => void compileValue(value),
      ),
      { numRuns: 200 },
    ));
});

test("the same value compiles to the same text", () => {
  fc.assert(
    fc.property(fc.array(stage, { maxLength: 8 }), (stages) => {
      const [one, two] = [compile([source, ...stages, merge]), compile([source, ...stages, merge])];
      expect(JSON.stringify(two)).toBe(JSON.stringify(one));
    }),
    { numRuns: 100 },
  );
});

describe("values that only JavaScript can make", () => {
  const cyclic: Record<string, unknown> = {};
  cyclic["self"] = { deeper: cyclic };
  const thrower = Object.defineProperty({}, "a", {
    enumerable: true,
    get() {
      throw new Error("no");
    },
  });
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  let deep: unknown = 1;
  for (let level = 0; level < 100_000; level++) deep = { deep };
  let shared: unknown = "x".repeat(100);
  for (let level = 0; level < 40; level++) shared = { a: shared, b: shared };

  test.each([
    ["a cycle", cyclic, "ASP1025"],
    ["a getter that throws", thrower, "ASP1025"],
    ["a revoked proxy", revoked.proxy, "ASP1025"],
    ["a hundred thousand levels", deep, "ASP1025"],
    ["shared parts that would be copied exponentially often", shared, "ASP1027"],
    ["an array with a thousand million holes", Array.from({ length: 0 }).concat(Array(1_000_000_000)), "ASP1027"],
    ["undefined", undefined, "ASP1020"],
    ["a function", () => 1, "ASP1021"],
    ["a symbol", Symbol("a"), "ASP1021"],
    ["NaN", Number.NaN, "ASP1022"],
    ["an invalid date", new Date("x"), "ASP1022"],
    ["a Set", new Set([1]), "ASP1023"],
    ["a promise", Promise.resolve(1), "ASP1023"],
    ["an object that says it is BSON", { _bsontype: "ObjectId" }, "ASP1023"],
    ["keys that JavaScript reorders", { b: 1, 1: 2 }, "ASP1024"],
  ])("%s is said to be one", (_, value, code) => {
    expect(codes(compile([source, { $match: { value } }, merge]))).toEqual([code]);
    expect(codes(compile([source, { $set: { value } }, merge]))).toEqual([code]);
  });

  test("a processor that throws whatever is asked of it is unreadable", () => {
    const refuse = () => {
      throw new Error("never");
    };
    const handler = new Proxy({}, { get: () => refuse });
    const value = new Proxy({}, handler) as unknown as AuthoredValue;
    expect(codes(compileProcessor(value, { environment: local, at: () => undefined }))).toEqual(["ASP1025"]);
  });

  test("a Map keeps the order of keys that an object would change", () => {
    const ordered = new Map([
      ["b", 1],
      ["1", 2],
      ["0", 3],
    ]);
    const { definition, findings } = compile([source, { $set: { ordered } }, merge]);
    expect(findings).toEqual([]);
    expect(emitDefinitions(definition === undefined ? [] : [definition], "json").replaceAll(/\s/g, "")).toContain(
      '{"b":1,"1":2,"0":3}',
    );
  });
});

test("a hundred levels are fine", () => {
  let expression: unknown = "$a";
  for (let level = 0; level < 100; level++) expression = { $add: [expression] };
  expect(codes(compile([source, { $set: { a: { $literal: 1 }, b: nest(100) } }, merge]))).toEqual([]);
  expect(codes(compile([source, { $set: { a: expression } }, merge]))).toEqual(["ASP1025"]);
});

function nest(levels: number): unknown {
  return levels === 0 ? "$a" : { a: nest(levels - 1) };
}

test("ten thousand stages are checked one by one", () => {
  const stages = Array.from({ length: 10_000 }, (_, index) =>
    index % 2 === 0 ? { $match: { a: index } } : { $mathc: {} },
  );
  const { findings } = compile([source, ...stages, merge]);
  expect(findings).toHaveLength(5000);
  expect(findings.at(-1)?.path).toEqual([10_000]);
});

test.each([
  'a"b',
  "a\nb",
  "a'b`${c}%{d}",
  "ünïcødé 🎉",
  "$a.b",
  "__proto__",
  "constructor",
  "../../etc/passwd",
  "a\\",
  ".",
  "-",
])("the name %j is only a name", (name) => {
  const { definition, findings } = compile(
    // As a field it would be a path.
    [source, { $set: { [/[$.]/.test(name) ? "a" : name]: { $literal: name } } }, merge],
    { name },
  );
  expect(findings).toEqual([]);
  expect(definition?.name).toBe(name);
  const file = toFileName(name, "json");
  expect(file).not.toMatch(/[/\\\n"`]|^\./);
  for (const format of ["json", "mongosh", "terraform"] as const) {
    expect(emitDefinitions(definition === undefined ? [] : [definition], format)).not.toBe("");
  }
});

test("different names are different files", () => {
  const names = ["a/b", "a%2Fb", "a\\b", "a b", "A", "a", "", ".", "%2E", "a.", "a%2E"];
  expect(new Set(names.map((name) => toFileName(name, "json"))).size).toBe(names.length);
});
