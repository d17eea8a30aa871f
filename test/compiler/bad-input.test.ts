import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { emitDefinitions } from "../../src/compiler/emit/emit-definitions.ts";
import { toFileName } from "../../src/compiler/emit/to-file-name.ts";
import { compileProcessor } from "../../src/compiler/compile-processor.ts";
import type { AuthoredValue } from "../../src/projections/processor-value.ts";
import { badInput, holds, junkStage } from "./junk.ts";
import { codes, compile, local, merge, source } from "./support.ts";

// Hundreds of random values take seconds on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 60_000 });

describe("whatever the pipeline is, compiling gives a definition or says why not", () => {
  test.each(badInput)("%s", (_, property) => fc.assert(property, { numRuns: 200 }));
});

test("the same value compiles to the same text", () => {
  fc.assert(
    fc.property(fc.array(junkStage, { maxLength: 8 }), (stages) => {
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

describe("a name is only a name, wherever it stands", () => {
  const names = [
    'a"b',
    "a\nb",
    "ünïcødé 🎉",
    "$a",
    "$$a",
    "$",
    "a.b",
    ".",
    "",
    "__proto__",
    "constructor",
    "toString",
    "0",
  ];
  const into = merge.$merge.into;
  const keyed = (name: string, value: unknown): object =>
    JSON.parse(`{${JSON.stringify(name)}:${JSON.stringify(value)}}`);
  const places: readonly (readonly [string, (name: string) => readonly unknown[]])[] = [
    ["a connection", (name) => [{ $source: { connectionName: name } }, merge]],
    ["a database", (name) => [source, { $merge: { into: { ...into, db: name } } }]],
    ["a collection", (name) => [{ $source: { ...source.$source, coll: [name, name] } }, merge]],
    ["a topic", (name) => [source, { $emit: { connectionName: "bus", topic: name } }]],
    ["a stage", (name) => [source, keyed(name, {}), merge]],
    ["a field of a stage", (name) => [source, { $merge: { into: { ...into, ...keyed(name, 1) } } }]],
    ["a field of a document", (name) => [source, { $set: keyed(name, 1) }, { $project: keyed(name, 1) }, merge]],
    [
      "a field of a query",
      (name) => [source, { $match: { ...keyed(name, 1), $or: [keyed(name, keyed(name, 1))] } }, merge],
    ],
    ["an operator", (name) => [source, { $set: { a: keyed(`$${name}`, [1]) } }, merge]],
    [
      "an argument of an operator",
      (name) => [source, { $set: { a: { $map: { input: [], in: 1, ...keyed(name, 1) } } } }, merge],
    ],
    ["a variable", (name) => [source, { $set: { a: { $let: { vars: keyed(name, 1), in: `$$${name}` } } } }, merge]],
    [
      "a variable of $merge",
      (name) => [source, { $merge: { into, let: keyed(name, 1), whenMatched: [{ $set: { a: `$$${name}` } }] } }],
    ],
    [
      "metadata",
      (name) => [
        source,
        { $setStreamMeta: keyed(`stream.${name}`, 1) },
        { $set: { a: { $meta: `stream.${name}` } } },
        merge,
      ],
    ],
    [
      "a field that gets a response",
      (name) => [source, { $https: { connectionName: "web", as: name } }, { $match: keyed(`${name}.body`, 1) }, merge],
    ],
    ["a key to write by", (name) => [source, { $merge: { into, on: [name, name] } }]],
    [
      "a group",
      (name) => [
        source,
        {
          $tumblingWindow: {
            interval: { size: 1, unit: name },
            pipeline: [{ $group: { _id: 1, ...keyed(name, { $sum: 1 }) } }],
          },
        },
        merge,
      ],
    ],
  ];
  test.each(places)("%s", (_, place) => {
    for (const name of names) holds(place(name));
  });

  test("the names of every object are no connections", () => {
    for (const name of ["__proto__", "constructor", "toString"]) {
      expect(codes(compile([{ $source: { ...source.$source, connectionName: name } }, merge]))).toEqual(["ASP4030"]);
    }
  });
});

describe("a hundred levels of whatever can stand in itself", () => {
  const deep = (levels: number, around: (inner: unknown) => unknown, core: unknown): unknown =>
    levels === 0 ? core : around(deep(levels - 1, around, core));
  const window = (inner: unknown): object => ({
    $tumblingWindow: { interval: { size: 1, unit: "minute" }, pipeline: [inner] },
  });

  test.each<readonly [string, unknown]>([
    ["windows", deep(50, window, { $group: { _id: 1 } })],
    ["payloads", deep(50, (inner) => ({ $https: { connectionName: "web", as: "a", payload: [inner] } }), { $set: {} })],
    ["joins", deep(50, (inner) => ({ $lookup: { pipeline: [inner], as: "a" } }), { $documents: [] })],
    ["queries", { $match: deep(50, (inner) => ({ $and: [inner] }), { a: 1 }) }],
    ["conditions", { $set: { a: deep(50, (inner) => ({ $cond: [inner, 1, 2] }), "$a") } }],
    ["scopes", { $set: { a: deep(50, (inner) => ({ $let: { vars: { a: 1 }, in: inner } }), "$$a") } }],
  ])("%s", (_, stage) => holds([source, stage, merge]));

  test("a window in a window is said to be one, where it begins", () => {
    const { findings } = compile([source, deep(50, window, { $group: { _id: 1 } }), merge]);
    expect(findings.filter(({ severity }) => severity === "error").map(({ code, path }) => ({ code, path }))).toEqual([
      { code: "ASP2006", path: [1, "pipeline", 0] },
    ]);
  });
});
