import { eightProcessors } from "./eight-processors.ts";
import { flightsByDay } from "./flights.ts";
import type { Benchmark, Row } from "./harness/benchmark.ts";
import { describeMachine } from "./harness/machine.ts";
import { renderTable } from "./harness/table.ts";
import { hotKeys } from "./hot-keys.ts";
import { manyTypes } from "./many-types.ts";
import { million } from "./million.ts";
import { orders } from "./orders.ts";
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
  validate200,
  validate1mb,
  typesSample,
  version,
  million,
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

/** A target that is missed is told by `ok`; only a benchmark that cannot be run, or ends with a wrong result, is a failure. */
async function runAll(chosen: readonly Benchmark[]): Promise<number> {
  const rows: Row[] = [];
  let failures = 0;
  tell(await describeMachine());
  for (const { name, run } of chosen) {
    const startedAt = performance.now();
    try {
      rows.push(...(await run((line) => tell(`${name}: ${line}`))));
    } catch (error) {
      failures += 1;
      tell(`${name} FAILED: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
    tell(`${name}: done in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
  }
  process.stdout.write(isJson ? `${JSON.stringify(rows, undefined, 2)}\n` : `${renderTable(rows)}\n`);
  return failures === 0 ? 0 : 1;
}
