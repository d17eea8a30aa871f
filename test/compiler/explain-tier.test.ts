import { expect, test } from "vitest";
import { explainTier, stateLimitOf } from "../../src/compiler/explain-tier.ts";
import type { Definition } from "../../src/stages/definition.ts";
import { local, source } from "./support.ts";

function withParallelism(parallelism: number): Definition {
  const merge = { $merge: { into: { connectionName: "domain", db: "shop", coll: "orders" }, parallelism } };
  return { name: "p", pipeline: [source, merge], options: { tier: "SP2" } };
}

test("what a tier has is enough, whatever tier the definition names", () => {
  expect(explainTier(withParallelism(9), "SP10", local)).toEqual({ parallelism: 8, refusal: undefined, findings: [] });
});

test("too many threads are refused in the documented words", () => {
  expect(explainTier(withParallelism(12), "SP10", local)).toMatchObject({
    parallelism: 11,
    refusal:
      "Operator parallelism requested exceeds limit for this tier. (Requested: 11, Limit: 8). Minimum tier for this workload: SP30 or larger.",
    findings: [{ code: "ASP4032" }],
  });
});

test("other limits in the words of `asp validate`", () => {
  const colls = ["a", "b"];
  const copying = {
    $source: { connectionName: "events", db: "shop", coll: colls, initialSync: { enable: true } },
  };
  const [, sink = {}] = withParallelism(1).pipeline;
  expect(explainTier({ name: "p", pipeline: [copying, sink] }, "SP5", local)).toMatchObject({
    refusal: "`initialSync` is to copy 2 collections, and tier `SP5` copies at most 1",
  });
});

test("the state of windows may take 80 % of the memory", () => {
  expect(stateLimitOf("SP2")).toBe(Math.floor(0.4 * 2 ** 30));
});
