import { EJSON } from "bson";
import { toJson } from "../src/compiler/emit/json.ts";
import { defineProcessor } from "../src/projections/define-processor.ts";
import type { Stage } from "../src/stages/index.ts";
import { compile } from "./harness/compile.ts";
import { toRow } from "./harness/benchmark.ts";
import type { Benchmark } from "./harness/benchmark.ts";
import { interleave } from "./harness/interleave.ts";

/** Compiling a definition of 1 MB, with every check, against reading its text with Extended JSON's own parser, which whoever sends it has to do. */
export const validate1mb: Benchmark = {
  name: "validate-1mb",
  run: async (tell) => {
    const processor = largeProcessor();
    const text = toJson(compile(processor));
    tell(`${(text.length / 1e6).toFixed(2)} MB, ${processor.pipeline.length} stages`);
    const contenders = {
      asp: async () => timeOf(() => compile(processor)),
      ejson: async () => timeOf(() => EJSON.parse(text)),
    };
    // The first call of each also makes its validators.
    for (const contender of Object.values(contenders)) await contender();
    const { asp: ours, ejson: theirs } = await interleave(contenders, { rounds: 11, tell });
    return [toRow({ benchmark: "validate-1mb", against: "EJSON.parse", target: 0.33, ours, theirs, unit: "ms" })];
  },
};

function timeOf(work: () => unknown): number {
  const startedAt = performance.now();
  work();
  return performance.now() - startedAt;
}

/** About 1 MB as JSON, of stages as people write them. */
function largeProcessor(): ReturnType<typeof defineProcessor> {
  const parts = Array.from({ length: 800 }, (_, index): readonly Stage[] => [
    { $match: { type: { $in: ["OrderPlaced", "ItemAdded"] }, [`data.part${index}`]: { $gte: index } } },
    { $addFields: { [`total${index}`]: { $multiply: ["$data.quantity", { $ifNull: ["$data.price", 0] }] } } },
    { $set: { line: { $cond: [{ $gt: [`$total${index}`, 1] }, "many", { $concat: ["one of ", "$streamId"] }] } } },
    { $unwind: { path: "$data.lines", preserveNullAndEmptyArrays: true } },
    { $match: { $expr: { $gt: [`$total${index}`, { $add: ["$seen", index] }] } } },
    { $unset: ["line", `total${index}`] },
  ]);
  return defineProcessor({
    name: "large",
    pipeline: [
      { $source: { connectionName: "events", db: "shop", coll: "events", config: { fullDocumentOnly: true } } },
      ...parts.flat(),
      { $merge: { into: { connectionName: "domain", db: "shop", coll: "orders" }, whenMatched: "replace" } },
    ],
  });
}
