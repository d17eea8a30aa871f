import type { Row } from "./benchmark.ts";

const numeric = new Set(["ratio", "target", "ours", "theirs"]);

export function renderTable(rows: readonly Row[]): string {
  const names = ["benchmark", "against", "ratio", "target", "ok", "ours", "theirs", "unit"] as const;
  const cells = rows.map((row) => names.map((name) => (name === "ok" ? (row.ok ? "yes" : "NO") : String(row[name]))));
  const widths = names.map((name, column) => Math.max(name.length, ...cells.map((row) => (row[column] ?? "").length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return numeric.has(names[column] ?? "") ? cell.padStart(width) : cell.padEnd(width);
      })
      .join("  ")
      .trimEnd();
  return [line(names), ...cells.map(line)].join("\n");
}
