import { printable } from "../../diagnostics/printable.ts";
import type { ProcessorStatus, Status } from "../operate/read-status.ts";
import { renderBytes, renderDuration, renderNumber } from "./numbers.ts";
import type { StatusReport } from "./operate-schemas.ts";
import { toPaint } from "./paint.ts";
import { environmentOf, whoseOf } from "./plan-things.ts";
import { renderTable, type Column } from "./table.ts";

export interface StatusTableOptions {
  readonly color: boolean;
  /** Documents a second by the name of the processor, where two readings are known. */
  readonly rates?: ReadonlyMap<string, number>;
}

const unknown = "-";

/** A table, one processor a line; below it why some are FAILED, and what the workspace does not have. */
export function renderStatus(
  { environment, suffix, label, processors, missing, ownership }: Status,
  { color, rates }: StatusTableOptions,
): string {
  const paint = toPaint({ color });
  const columns: readonly Column[] = [
    { heading: "processor" },
    { heading: "state" },
    { heading: "tier" },
    ...["in", ...(rates ? ["in/s"] : []), "out", "dead letters", "lag", "memory"].map((heading) => ({
      heading,
      align: "right" as const,
    })),
    { heading: "project" },
  ];
  const rows = processors.map((each) => [
    printable(each.name),
    each.state,
    each.tier ?? unknown,
    number(each.inputMessageCount),
    ...(rates ? [number(rates.get(each.name))] : []),
    number(each.outputMessageCount),
    number(each.dlqMessageCount),
    renderLag(each),
    renderMemory(each),
    each.isOwn ? "this" : printable(each.owner ?? "other"),
  ]);
  const [heading = "", ...lines] = renderTable(columns, rows).split("\n");
  const shown = lines.map((text, index) => (processors[index]?.state === "FAILED" ? paint.red(text) : text));
  const failures = processors.flatMap(({ name, state, error }) =>
    state === "FAILED"
      ? [paint.red(`${printable(name)} FAILED: ${printable(error ?? "the service does not say why")}`)]
      : [],
  );
  return [
    paint.bold(`${environmentOf({ environment, suffix })}: ${label}`),
    ...(processors.length === 0 ? ["no processors"] : [paint.dim(heading), ...shown]),
    ...failures,
    ...(missing.length === 0
      ? []
      : [paint.dim(`of the ${whoseOf({ suffix })}, not in the workspace: ${missing.join(", ")}`)]),
    ...(ownership === "recorded" || processors.length === 0
      ? []
      : [paint.dim("whose processors are is not recorded: by their names")]),
  ].join("\n");
}

/** The value that `asp status --json` prints. */
export function toStatusReport({ environment, suffix, label, ownership, processors, missing }: Status): StatusReport {
  return {
    environment,
    ...(suffix !== undefined && { suffix }),
    target: label,
    ownership,
    processors: processors.map((each) => {
      const {
        raw: _,
        operators: __,
        kafkaPartitions: ___,
        latencyMs: ____,
        changeStreamTime: _____,
        watermark,
        ...rest
      } = each;
      return { ...rest, ...(watermark && { watermark: watermark.toISOString() }) };
    }),
    missing,
    failed: processors.filter(({ state }) => state === "FAILED").length,
  };
}

/** Behind the oplog in time, behind topics in messages. */
export function renderLag({
  changeStreamLagSeconds,
  kafkaLagMessages,
}: Pick<ProcessorStatus, "changeStreamLagSeconds" | "kafkaLagMessages">): string {
  if (changeStreamLagSeconds !== undefined) return renderDuration(changeStreamLagSeconds * 1000);
  return kafkaLagMessages === undefined ? unknown : `${renderNumber(kafkaLagMessages)} messages`;
}

/** `12.3 MB of 1.6 GB`. */
export function renderMemory({
  memoryUsageBytes,
  memoryLimitBytes,
}: Pick<ProcessorStatus, "memoryUsageBytes" | "memoryLimitBytes">): string {
  if (memoryUsageBytes === undefined) return unknown;
  const limit = memoryLimitBytes === undefined ? "" : ` of ${renderBytes(memoryLimitBytes)}`;
  return `${renderBytes(memoryUsageBytes)}${limit}`;
}

function number(value: number | undefined): string {
  return value === undefined ? unknown : renderNumber(value);
}
