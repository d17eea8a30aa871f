import type { Benchmark, Result } from "./benchmark.ts";
import { renderRow } from "./table.ts";

/**
 * Runs benchmarks one after the other. One that cannot be run, gives a wrong result or no row at all is a result too, so that nobody
 * misses it in the table; a target that is missed is told by `ok`.
 *
 * @param tell takes a line of progress, the rows among them: a run that is killed later has said what it had
 */
export async function runBenchmarks(
  benchmarks: readonly Benchmark[],
  tell: (line: string) => void,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const { name, run } of benchmarks) {
    const startedAt = performance.now();
    try {
      const rows = await run((line) => tell(`${name}: ${line}`));
      if ("skipped" in rows) {
        tell(`${name}: skipped, ${rows.skipped}`);
        results.push(rows);
        continue;
      }
      if (rows.length === 0) throw new Error("it gave no row");
      for (const row of rows) tell(`${name}: ${renderRow(row)}`);
      results.push(...rows);
    } catch (error) {
      tell(`${name} FAILED: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      results.push({ benchmark: name, failed: error instanceof Error ? error.message : String(error) });
    }
    tell(`${name}: done in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
  }
  return results;
}
