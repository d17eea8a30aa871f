import { join } from "node:path";
import { toRow } from "./harness/benchmark.ts";
import type { Benchmark } from "./harness/benchmark.ts";
import { interleave } from "./harness/interleave.ts";
import { root, timeNode } from "./harness/time-process.ts";

export const version: Benchmark = {
  name: "version",
  run: async () => {
    const main = join(root, "dist/cli/main.js");
    const times = await interleave(
      {
        asp: () => timeNode([main, "--version"], { cwd: root }),
        node: () => timeNode(["-e", "0"], { cwd: root }),
      },
      { rounds: 41 },
    );
    const { asp: ours, node: theirs } = times;
    return [toRow({ benchmark: "version", against: "node -e 0", target: 0.33, ours, theirs, unit: "ms" })];
  },
};
