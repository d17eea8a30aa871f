import { join } from "node:path";
import { toRow } from "./harness/benchmark.ts";
import type { Benchmark } from "./harness/benchmark.ts";
import { median } from "./harness/interleave.ts";
import { root, timeNode } from "./harness/time-process.ts";

/** `asp test` of all cases of the sample project with all their trials, the whole command and the start of mongod included, against ten seconds. */
export const testSample: Benchmark = {
  name: "test-sample",
  run: async (tell) => {
    const times: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      times.push(await timeNode([join(root, "dist/cli/main.js"), "test"], { cwd: root }));
      tell(`round ${round + 1}: ${((times.at(-1) ?? 0) / 1000).toFixed(1)} s`);
    }
    return [
      toRow({ benchmark: "test-sample", against: "10 s", target: 1, theirs: 10_000, unit: "ms", ours: median(times) }),
    ];
  },
};
