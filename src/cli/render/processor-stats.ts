import { renderDuration, renderNumber } from "./numbers.ts";
import { renderTable } from "./table.ts";
import type { Column } from "./table.ts";

/** What `replay` and `run` count for a processor; the engine's own stats have this shape. */
export interface ProcessorCounts {
  readonly name: string;
  readonly state?: string;
  readonly input: number;
  readonly output: number;
  readonly deadLetters: number;
  readonly lagMs: { readonly p50: number; readonly p95: number; readonly max: number };
}

/** A table, one processor a line; lag runs from insert to the sink's acknowledgement. */
export function renderProcessorStats(processors: readonly ProcessorCounts[]): string {
  const withState = processors.some(({ state }) => state !== undefined);
  const columns: readonly Column[] = [
    { heading: "processor" },
    ...(withState ? [{ heading: "state" }] : []),
    ...["input", "output", "dead letters", "lag p50", "p95", "max"].map((heading) => ({
      heading,
      align: "right" as const,
    })),
  ];
  const rows = processors.map(({ name, state, input, output, deadLetters, lagMs }) => [
    name,
    ...(withState ? [state ?? ""] : []),
    ...[input, output, deadLetters].map(renderNumber),
    ...[lagMs.p50, lagMs.p95, lagMs.max].map(renderDuration),
  ]);
  return renderTable(columns, rows);
}
