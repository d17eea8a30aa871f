import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toRow } from "./harness/benchmark.ts";
import type { Benchmark } from "./harness/benchmark.ts";
import { interleave } from "./harness/interleave.ts";
import { root, timeNode } from "./harness/time-process.ts";

const modules = 200;

export const validate200: Benchmark = {
  name: "validate-200",
  run: async (tell) => {
    const project = await makeProject();
    try {
      const validate = (cache: string): Promise<number> =>
        timeNode([join(root, "dist/cli/main.js"), "validate"], { cwd: project, env: { XDG_CACHE_HOME: cache } });
      const warm = join(project, ".cache");
      await validate(warm);
      let starts = 0;
      const check = (compiler: string): Promise<number> =>
        timeNode([join(root, "node_modules", compiler, "bin/tsc"), "--noEmit"], { cwd: project });
      const { asp, first, tsc, js } = await interleave(
        {
          asp: () => validate(warm),
          // Nothing is kept yet of what V8 makes of the command.
          first: () => validate(join(project, `.cache-${(starts += 1)}`)),
          tsc: () => check("typescript"),
          // The last one that is written in JavaScript, as most projects have it.
          js: () => check("typescript-js"),
        },
        { rounds: 7, tell },
      );
      const row = { against: "tsc --noEmit", theirs: tsc, unit: "ms" } as const;
      return [
        toRow({ ...row, benchmark: "validate-200", target: 1, ours: asp }),
        toRow({ ...row, benchmark: "validate-200, first start", target: 1, ours: first }),
        toRow({ ...row, benchmark: "validate-200", against: "tsc 6", theirs: js, target: 2, ours: asp }),
      ];
    } finally {
      await rm(project, { recursive: true, force: true });
    }
  },
};

/** A project as `asp init` makes it, with the package as it is installed. */
async function makeProject(): Promise<string> {
  const project = await mkdtemp(join(tmpdir(), "asp-bench-"));
  await mkdir(join(project, "pipelines"));
  await mkdir(join(project, "node_modules"));
  await symlink(root, join(project, "node_modules/asp-toolkit"), "dir");
  const compilerOptions = {
    ...{ target: "es2023", module: "preserve", strict: true, noUncheckedIndexedAccess: true },
    ...{ verbatimModuleSyntax: true, allowImportingTsExtensions: true, noEmit: true, skipLibCheck: true, types: [] },
  };
  const texts: readonly (readonly [string, string])[] = [
    ["package.json", JSON.stringify({ type: "module", private: true })],
    ["tsconfig.json", JSON.stringify({ compilerOptions, include: ["pipelines"] })],
    ["atlas.config.yaml", config],
    ...Array.from({ length: modules }, (_, index) => [`pipelines/${nameOf(index)}.ts`, moduleText(index)] as const),
  ];
  for (const [path, text] of texts) await writeFile(join(project, path), text);
  return project;
}

const config = `events: { connectionName: events, db: shop, coll: events }
connections: { events: { type: Cluster }, domain: { type: Cluster } }
environments: { local: { target: emulator } }
`;

function nameOf(index: number): string {
  return `processor-${String(index).padStart(3, "0")}`;
}

/** Ten stages. */
function moduleText(index: number): string {
  return `import { defineProcessor } from "asp-toolkit";

export default defineProcessor({
  name: "${nameOf(index)}",
  pipeline: [
    { $source: { connectionName: "events", db: "shop", coll: "events_${index}", config: { fullDocumentOnly: true } } },
    { $match: { type: { $in: ["OrderPlaced", "ItemAdded"] }, version: { $gte: ${index} } } },
    { $addFields: { total: { $multiply: ["$data.quantity", "$data.price"] }, seen: { $ifNull: ["$seen", 0] } } },
    { $unwind: { path: "$data.lines", preserveNullAndEmptyArrays: true } },
    { $set: { line: { $cond: [{ $gt: ["$data.lines.quantity", 1] }, "many", "one"] } } },
    { $match: { $expr: { $gt: ["$total", { $add: ["$seen", ${index}] }] } } },
    { $project: { _id: "$streamId", customerId: "$data.customerId", total: 1, line: 1, at: "$occurredAt" } },
    { $unset: ["line"] },
    { $replaceWith: { $mergeObjects: ["$$ROOT", { processor: "${nameOf(index)}" }] } },
    { $merge: { into: { connectionName: "domain", db: "shop", coll: "model_${index}" }, whenMatched: "replace" } },
  ],
});
`;
}
