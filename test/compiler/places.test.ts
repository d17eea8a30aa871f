import { expect, test } from "vitest";
import { compileProcessor } from "../../src/compiler/compile-processor.ts";
import type { Place } from "../../src/diagnostics/finding.ts";
import { defineProcessor } from "../../src/projections/define-processor.ts";
import type { Stage } from "../../src/stages/index.ts";
import { local, merge, source } from "./support.ts";

const place = (line: number): Place => ({ file: "pipelines/orders.ts", line, column: 5 });

test("a finding has the place of the nearest object around the mistake, and the server's path to it", () => {
  const inner = { $mutliply: ["$a", 2] };
  const set: Stage = { $set: { a: 1, b: { c: [inner] } } };
  const places = new Map<object, Place>([
    [set, place(7)],
    [inner, place(9)],
  ]);
  const value = defineProcessor({ name: "orders", pipeline: [source, set, { $match: { a: Number.NaN } }, merge] });
  places.set(value, place(3));
  const { findings } = compileProcessor(value, { environment: local, at: (object) => places.get(object) });
  expect(findings.map(({ code, path, line, processor }) => ({ code, path, line, processor }))).toEqual([
    { code: "ASP1022", path: [2, "a"], line: 3, processor: "orders" },
    { code: "ASP1030", path: [1, "b", "c", 0], line: 9, processor: "orders" },
  ]);
});

test("a stage inside a stage has the path that the server gives it", () => {
  const whenMatched = [{ $set: { a: "$$new.a" } }, { $match: {} }];
  const value = defineProcessor({ name: "orders", pipeline: [source, { $merge: { ...merge.$merge, whenMatched } }] });
  const { findings } = compileProcessor(value, { environment: local, at: () => undefined });
  expect(findings.map(({ code, path }) => ({ code, path }))).toEqual([
    { code: "ASP2006", path: [1, "whenMatched", 1] },
  ]);
});

test("a misspelt field is one finding, with the right one as help", () => {
  const pipeline = [source, { $merge: { intto: merge.$merge.into } }] as unknown as readonly Stage[];
  const { findings } = compileProcessor(defineProcessor({ name: "orders", pipeline }), {
    environment: local,
    at: () => undefined,
  });
  expect(findings).toEqual([
    {
      code: "ASP1006",
      severity: "error",
      message: "`$merge` has no field `intto`",
      processor: "orders",
      path: [1],
      notes: ["its fields are into, on, let, whenMatched, whenNotMatched, parallelism"],
      help: "did you mean `into`?",
    },
  ]);
});
