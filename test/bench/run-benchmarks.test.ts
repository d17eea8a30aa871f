import { expect, test } from "vitest";
import { toRow } from "../../bench/harness/benchmark.ts";
import type { Benchmark, Row } from "../../bench/harness/benchmark.ts";
import { runBenchmarks } from "../../bench/harness/run-benchmarks.ts";
import { renderTable } from "../../bench/harness/table.ts";

const row = (benchmark: string): Row =>
  toRow({ benchmark, against: "peer", target: 1, ours: 300, theirs: 200, unit: "events/s" });
const gives = (name: string, ...rows: readonly Row[]): Benchmark => ({ name, run: () => Promise.resolve(rows) });
const fails = (name: string, error: unknown): Benchmark => ({ name, run: () => Promise.reject(error) });

async function outcome(...benchmarks: readonly Benchmark[]) {
  const told: string[] = [];
  const results = await runBenchmarks(benchmarks, (line) => told.push(line));
  return { results, told: told.join("\n") };
}

test("a benchmark that fails stands in the table, and the others go on", async () => {
  const { results, told } = await outcome(
    fails("orders", new Error("the mongod died")),
    gives("version", row("version")),
  );
  expect(results).toEqual([{ benchmark: "orders", failed: "the mongod died" }, row("version")]);
  expect(renderTable(results).split("\n").slice(1)).toEqual([
    expect.stringMatching(/^orders +FAILED: the mongod died$/),
    expect.stringMatching(/^version +peer/),
  ]);
  expect(told).toContain("orders FAILED: Error: the mongod died");
});

test("a benchmark that cannot be run on this machine says that it is skipped, and why", async () => {
  const { results, told } = await outcome({
    name: "kafka",
    run: () => Promise.resolve({ benchmark: "kafka", skipped: "there is no `java`" }),
  });
  expect(results).toEqual([{ benchmark: "kafka", skipped: "there is no `java`" }]);
  expect(renderTable(results).split("\n")[1]).toMatch(/^kafka +skipped: there is no `java`$/);
  expect(told).toContain("kafka: skipped, there is no `java`");
});

test("a benchmark without a row is one that failed", async () => {
  const { results } = await outcome(gives("orders"));
  expect(results).toEqual([{ benchmark: "orders", failed: "it gave no row" }]);
});

test("rows are told when they are there, so that a run that is killed has said them", async () => {
  const told: string[] = [];
  const last: Benchmark = {
    name: "million",
    run: () => {
      expect(told.join("\n")).toMatch(/orders: orders +peer +1\.5/);
      return Promise.resolve([row("million")]);
    },
  };
  await runBenchmarks([gives("orders", row("orders")), last], (line) => told.push(line));
  expect(told.join("\n")).toContain("million: done in");
});

test.each([
  [0, 200],
  [300, 0],
  [Number.NaN, 200],
  [300, Number.NaN],
])("%d against %d is no ratio", (ours, theirs) => {
  expect(() => toRow({ benchmark: "orders", against: "peer", target: 1, ours, theirs, unit: "ms" })).toThrow(
    "orders against peer measured",
  );
});
