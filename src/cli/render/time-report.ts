import type { SpanReport, TimeReport, TimeReportEvent, TimeReportStep } from "../../testing/report/time-report.ts";
import { renderCount, renderDuration } from "./numbers.ts";
import type { Paint } from "./paint.ts";
import { renderTable } from "./table.ts";

const columns = [{ heading: "document" }, { heading: "event time" }, { heading: "watermark" }, { heading: "windows" }];

/** What happened to the windows of a case, a table for each processor: a line for each document, and for each window that it closed. */
export function renderTime(name: string, reports: readonly TimeReport[] | undefined, paint: Paint): string {
  if (reports === undefined) return "";
  if (reports.length === 0) return `${paint.bold(name)}: no processor of it has a window`;
  return reports.map((report) => renderReport(name, report, paint)).join("\n\n");
}

function renderReport(name: string, { processor, window, events, open }: TimeReport, paint: Paint): string {
  const heading = `${paint.bold(name)}: ${window} of ${processor}`;
  const rows = events.flatMap(toRows);
  const left = open.map(
    (one) =>
      `open at the end: ${renderSpan(one.window, "")} with ${renderCount(one.documents, "document")}, until the watermark is at ${renderTimeText(one.closesAt)}`,
  );
  const table = rows.length === 0 ? "nothing came to it" : renderTable(columns, rows);
  return [heading, ...[table, ...left].join("\n").split("\n").map(indented)].join("\n");
}

function indented(line: string): string {
  return `  ${line}`;
}

function toRows(event: TimeReportEvent): readonly (readonly string[])[] {
  const moved = event.steps.find(({ kind }) => kind === "watermark");
  const watermark = moved?.to === undefined ? "" : renderTimeText(moved.to);
  const texts = toTexts(event.steps, dayOf(event.time ?? moved?.to ?? ""));
  const [first = event.reason === undefined ? "" : `a dead letter: ${event.reason}`] = texts;
  const cells = [toLabel(event), event.time === undefined ? "" : renderTimeText(event.time), watermark, first];
  return [cells, ...texts.slice(1).map((text) => ["", "", "", text])];
}

function toLabel({ kind, number = 0, _id, silentSeconds = 0 }: TimeReportEvent): string {
  switch (kind) {
    case "document":
      return _id === undefined ? `no. ${number}` : JSON.stringify(_id);
    case "refused":
      return _id === undefined ? "(no _id)" : JSON.stringify(_id);
    case "clock":
      return "(the clock)";
    case "partitions":
      return "(idle partitions)";
    case "idle":
      return `(idle ${renderDuration(silentSeconds * 1_000)})`;
  }
}

/** A line for each window that closed, one for all that a document went into. */
function toTexts(steps: readonly TimeReportStep[], day: string): readonly string[] {
  const closed = steps.filter(({ kind }) => kind === "closed").map((step) => toText(step, day));
  const joined = groups.flatMap(({ kind, verb }) => {
    const spans = steps.flatMap((step) => (step.kind === kind && step.window !== undefined ? [step.window] : []));
    return spans.length === 0 ? [] : [`${verb} ${spans.map((span) => renderSpan(span, day)).join(", ")}`];
  });
  const others = steps.filter(({ kind }) => !apart.has(kind)).map((step) => toText(step, day));
  const placed = [...joined, ...others].join("; ");
  return placed === "" ? closed : [...closed, placed];
}

const groups = [
  { kind: "joined", verb: "joins" },
  { kind: "opened", verb: "opens" },
] as const;
const apart: ReadonlySet<string> = new Set(["closed", "joined", "opened", "watermark"]);

function toText({ kind, window, windows = [], documents = 0, closedAt = "" }: TimeReportStep, day: string): string {
  const span = window === undefined ? "" : renderSpan(window, day);
  const spans = windows.map((one) => renderSpan(one, day)).join(" and ");
  switch (kind) {
    case "merged":
      return `makes ${spans} one: ${span}`;
    case "closed":
      return `closes ${span} with ${renderCount(documents, "document")}`;
    case "late":
      return `late: ${span} is over at a watermark of ${withoutDay(renderTimeText(closedAt), day)}`;
    case "between":
      return `in no window: between ${spans}`;
    case "too large":
      return "too large to be kept";
    case "dropped":
      return "does not reach the window";
    default:
      return "";
  }
}

/** `12:00:00 to 12:05:00`, with the partition before it, and the date where that is another than `day`. */
function renderSpan({ start, end, partition }: SpanReport, day: string): string {
  const from = renderTimeText(start);
  const of = partition === undefined ? "" : ` of ${JSON.stringify(partition)}`;
  return `${withoutDay(from, day)} to ${withoutDay(renderTimeText(end), dayOf(start))}${of}`;
}

function withoutDay(time: string, day: string): string {
  return day !== "" && time.startsWith(`${day} `) ? time.slice(day.length + 1) : time;
}

function dayOf(iso: string): string {
  return iso.split("T")[0] ?? "";
}

/** `2026-01-05T12:00:00.000Z` → `2026-01-05 12:00:00`: all are UTC. */
function renderTimeText(iso: string): string {
  return iso.replace(/^([+-]?\d+-\d\d-\d\d)T([\d:]+)(?:\.000)?(\.\d+)?Z$/u, "$1 $2$3");
}
