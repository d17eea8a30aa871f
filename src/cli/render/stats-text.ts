import type { OperatorFigures, PartitionStats, ProcessorStats } from "../../deploy/targets/processor-stats.ts";
import { printable } from "../../diagnostics/printable.ts";
import { renderBytes, renderDuration, renderNumber } from "./numbers.ts";
import { toPaint } from "./paint.ts";
import { renderLag, renderMemory } from "./status-table.ts";
import { renderTable, type Column } from "./table.ts";

/** One processor for a terminal: a line for each figure that is there, then its operators and partitions. */
export function renderStats(
  stats: ProcessorStats,
  { label, color }: { readonly label: string; readonly color: boolean },
): string {
  const paint = toPaint({ color });
  const { state, error, tier, stateBytes, watermark, latencyMs, operators = [], kafkaPartitions = [] } = stats;
  const counted = (count: number | undefined, bytes: number | undefined): string | undefined =>
    count === undefined ? undefined : `${renderNumber(count)}${bytes === undefined ? "" : `, ${renderBytes(bytes)}`}`;
  const lines: readonly (readonly [string, string | undefined])[] = [
    ["state", state],
    ["error", error === undefined ? undefined : printable(error)],
    ["tier", tier],
    ["in", counted(stats.inputMessageCount, stats.inputBytes)],
    ["out", counted(stats.outputMessageCount, stats.outputBytes)],
    ["dead letters", counted(stats.dlqMessageCount, stats.dlqBytes)],
    ["lag", known(renderLag(stats))],
    ["memory", known(renderMemory(stats))],
    ["state of windows", stateBytes === undefined ? undefined : renderBytes(stateBytes)],
    ["watermark", watermark?.toISOString()],
    ["latency p50", latencyMs && renderDuration(latencyMs.p50)],
    ["latency p99", latencyMs && renderDuration(latencyMs.p99)],
  ];
  const shown = lines.filter((line): line is [string, string] => line[1] !== undefined);
  const width = Math.max(...shown.map(([name]) => name.length));
  return [
    paint.bold(`${printable(stats.name)} in ${label}`),
    ...shown.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`),
    ...(operators.length === 0 ? [] : ["", renderOperators(operators)]),
    ...(kafkaPartitions.length === 0 ? [] : ["", renderPartitions(kafkaPartitions)]),
  ].join("\n");
}

const right = (heading: string): Column => ({ heading, align: "right" });

function renderOperators(operators: readonly OperatorFigures[]): string {
  const columns = [{ heading: "operator" }, ...["in", "out", "dead letters", "time", "state"].map(right)];
  const rows = operators.map((each) => [
    printable(each.name),
    ...[each.inputMessageCount, each.outputMessageCount, each.dlqMessageCount].map(number),
    each.executionTimeMs === undefined ? "-" : renderDuration(each.executionTimeMs),
    each.stateBytes === undefined ? "-" : renderBytes(each.stateBytes),
  ]);
  return renderTable(columns, rows);
}

function renderPartitions(partitions: readonly PartitionStats[]): string {
  const columns = [{ heading: "topic" }, right("partition"), right("lag"), { heading: "idle" }];
  const rows = partitions.map(({ topic = "-", partition, lagMessages, isIdle }) => [
    printable(topic),
    String(partition),
    number(lagMessages),
    isIdle === undefined ? "-" : isIdle ? "yes" : "no",
  ]);
  return renderTable(columns, rows);
}

function number(value: number | undefined): string {
  return value === undefined ? "-" : renderNumber(value);
}

function known(text: string): string | undefined {
  return text === "-" ? undefined : text;
}
