import { join } from "node:path";
import { toRow } from "./harness/benchmark.ts";
import type { Benchmark } from "./harness/benchmark.ts";
import { interleave } from "./harness/interleave.ts";
import { root, timeNode } from "./harness/time-process.ts";

/** `asp test` of all cases of the sample project with all their trials, the whole command and the start of mongod included, against ten seconds. */
export const testSample: Benchmark = {
  name: "test-sample",
  run: async (tell) => {
    const { asp: ours } = await interleave(
      { asp: () => timeNode([join(root, "dist/cli/main.js"), "test"], { cwd: root }) },
      { rounds: 3, tell },
    );
    return [toRow({ benchmark: "test-sample", against: "10 s", target: 1, theirs: 10_000, unit: "ms", ours })];
  },
};
