import type { Failure, Result, Row, Skipped } from "./benchmark.ts";

const names = ["benchmark", "against", "ratio", "target", "ok", "ours", "theirs", "unit"] as const;
const numeric = new Set<string>(["ratio", "target", "ours", "theirs"]);

/** One line a result; what failed or was skipped says so in place of its figures. */
export function renderTable(results: readonly Result[]): string {
  const rows = [names, ...results.flatMap((result) => ("ratio" in result ? [cellsOf(result)] : []))];
  const others = results.flatMap((result) => ("ratio" in result ? [] : [result.benchmark]));
  const widths = names.map((_, column) =>
    Math.max(
      ...rows.map((row) => row[column]?.length ?? 0),
      ...(column === 0 ? others.map(({ length }) => length) : []),
    ),
  );
  const lines = results.map((result) =>
    "ratio" in result
      ? renderLine(cellsOf(result), widths)
      : `${result.benchmark.padEnd(widths[0] ?? 0)}  ${reasonOf(result)}`,
  );
  return [renderLine(names, widths), ...lines].join("\n");
}

/** One row by itself. */
export function renderRow(row: Row): string {
  return renderLine(cellsOf(row), []);
}

function reasonOf(result: Failure | Skipped): string {
  if ("skipped" in result) return `skipped: ${result.skipped}`;
  return `FAILED: ${result.failed.split("\n", 1)[0] ?? ""}`;
}

function cellsOf(row: Row): readonly string[] {
  return names.map((name) => (name === "ok" ? (row.ok ? "yes" : "NO") : String(row[name])));
}

function renderLine(cells: readonly string[], widths: readonly number[]): string {
  return cells
    .map((cell, column) => {
      const width = widths[column] ?? 0;
      return numeric.has(names[column] ?? "") ? cell.padStart(width) : cell.padEnd(width);
    })
    .join("  ")
    .trimEnd();
}
