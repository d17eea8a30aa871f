import type { Result, Row } from "./benchmark.ts";

const names = ["benchmark", "against", "ratio", "target", "ok", "ours", "theirs", "unit"] as const;
const numeric = new Set<string>(["ratio", "target", "ours", "theirs"]);

/** One line a result; what failed says so in place of its figures. */
export function renderTable(results: readonly Result[]): string {
  const rows = [names, ...results.flatMap((result) => ("failed" in result ? [] : [cellsOf(result)]))];
  const failed = results.flatMap((result) => ("failed" in result ? [result.benchmark] : []));
  const widths = names.map((_, column) =>
    Math.max(
      ...rows.map((row) => row[column]?.length ?? 0),
      ...(column === 0 ? failed.map(({ length }) => length) : []),
    ),
  );
  const lines = results.map((result) =>
    "failed" in result
      ? `${result.benchmark.padEnd(widths[0] ?? 0)}  FAILED: ${result.failed.split("\n", 1)[0] ?? ""}`
      : renderLine(cellsOf(result), widths),
  );
  return [renderLine(names, widths), ...lines].join("\n");
}

/** One row by itself. */
export function renderRow(row: Row): string {
  return renderLine(cellsOf(row), []);
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
