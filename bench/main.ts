import { deploy } from "./deploy.ts";
import { eightProcessors } from "./eight-processors.ts";
import { emulator } from "./emulator.ts";
import { flightsByDay } from "./flights.ts";
import type { Benchmark } from "./harness/benchmark.ts";
import { describeMachine } from "./harness/machine.ts";
import { runBenchmarks } from "./harness/run-benchmarks.ts";
import { renderTable } from "./harness/table.ts";
import { hotKeys } from "./hot-keys.ts";
import { manyTypes } from "./many-types.ts";
import { kafka } from "./kafka.ts";
import { million, openDocuments } from "./million.ts";
import { orders } from "./orders.ts";
import { testSample } from "./test-sample.ts";
import { typesSample } from "./types-sample.ts";
import { validate1mb } from "./validate-1mb.ts";
import { validate200 } from "./validate-200.ts";
import { version } from "./version.ts";

const benchmarks: readonly Benchmark[] = [
  orders,
  hotKeys,
  manyTypes,
  eightProcessors,
  flightsByDay,
  kafka,
  emulator,
  deploy,
  testSample,
  validate200,
  validate1mb,
  typesSample,
  version,
  million,
  openDocuments,
];

const args = process.argv.slice(2);
const isJson = args.includes("--json");
const wanted = args.filter((arg) => arg !== "--json");
const unknown = wanted.filter((name) => !benchmarks.some((one) => one.name === name));
const tell = (line: string): void => void process.stderr.write(`${line}\n`);

if (unknown.length > 0) {
  tell(`no benchmark is named ${unknown.join(", ")}; there are: ${benchmarks.map(({ name }) => name).join(", ")}`);
  process.exitCode = 64;
} else {
  process.exitCode = await runAll(benchmarks.filter(({ name }) => wanted.length === 0 || wanted.includes(name)));
}

async function runAll(chosen: readonly Benchmark[]): Promise<number> {
  tell(await describeMachine());
  let isOver = false;
  // Where nothing is left that a benchmark could wait for, node ends the process without a word.
  process.once("exit", () => {
    if (!isOver) tell("FAILED: the process ends in the middle of a benchmark, and there is no table");
  });
  const results = await runBenchmarks(chosen, tell);
  isOver = true;
  process.stdout.write(isJson ? `${JSON.stringify(results, undefined, 2)}\n` : `${renderTable(results)}\n`);
  return results.some((result) => "failed" in result) ? 1 : 0;
}
