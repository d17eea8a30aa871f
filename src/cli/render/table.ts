/** A column's heading; numbers stand right. */
export interface Column {
  readonly heading: string;
  readonly align?: "left" | "right";
}

/** Columns as wide as their widest cell, two blanks between them, no blanks at the ends of lines. */
export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const lines = [columns.map((column) => column.heading), ...rows];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => (line[index] ?? "").length)));
  const renderLine = (line: readonly string[]): string =>
    columns
      .map(({ align }, index) => {
        const cell = line[index] ?? "";
        const width = widths[index] ?? 0;
        return align === "right" ? cell.padStart(width) : cell.padEnd(width);
      })
      .join("  ")
      .trimEnd();
  return lines.map(renderLine).join("\n");
}
