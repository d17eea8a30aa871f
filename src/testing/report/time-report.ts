import { explainTime, type OpenWindow, type Span, type TimeStep } from "../../engine/core/explain-time.ts";
import { planProcessor } from "../../engine/core/plan.ts";
import type { TimeEvent } from "../../engine/core/time-event.ts";
import type { Definition } from "../../stages/definition.ts";
import { toReportValue } from "./to-report-value.ts";

/** What happened to the windows of a processor, in order. Times are ISO texts, ids and partitions EJSON. */
export interface TimeReport {
  readonly processor: string;
  /** The stage: `$tumblingWindow`. */
  readonly window: string;
  readonly events: readonly TimeReportEvent[];
  readonly open: readonly { readonly window: SpanReport; readonly documents: number; readonly closesAt: string }[];
}

export interface TimeReportEvent {
  readonly kind: TimeEvent["kind"];
  /** Of a document: which one of those that `$source` delivered, from 1, its `_id` and its event time. */
  readonly number?: number;
  readonly _id?: unknown;
  readonly time?: string;
  /** `refused`: why. */
  readonly reason?: string;
  /** Seconds without a document, where that moved the watermark. */
  readonly silentSeconds?: number;
  readonly steps: readonly TimeReportStep[];
}

export interface TimeReportStep {
  readonly kind: TimeStep["kind"];
  /** The watermark, before and after. */
  readonly from?: string;
  readonly to?: string;
  readonly window?: SpanReport;
  /** `merged`: the sessions that are one now; `between`: the windows before and after. */
  readonly windows?: readonly SpanReport[];
  /** How many a closed window had. */
  readonly documents?: number;
  /** The watermark that closed the window of a late document. */
  readonly closedAt?: string;
}

export interface SpanReport {
  readonly start: string;
  readonly end: string;
  readonly partition?: unknown;
}

/** One for each processor with a window. */
export function toTimeReports(definitions: readonly Definition[], events: readonly TimeEvent[]): readonly TimeReport[] {
  return definitions.flatMap((definition) => {
    const { name, windowed } = planProcessor(definition);
    if (windowed === undefined) return [];
    const { window } = windowed;
    const own = events.filter(({ processor }) => processor === name);
    return [toTimeReport(name, window.operator, explainTime(window, own))];
  });
}

function toTimeReport(processor: string, window: string, explained: ReturnType<typeof explainTime>): TimeReport {
  let number = 0;
  return {
    processor,
    window,
    events: explained.events.map(({ event, steps }): TimeReportEvent => {
      const { kind } = event;
      const reported = steps.map(toStep);
      if (kind !== "document" && kind !== "refused") {
        return { kind, silentSeconds: event.silentMs / 1000, steps: reported };
      }
      const id = event.id === undefined ? {} : { _id: toReportValue(event.id) };
      if (kind === "refused") return { kind, ...id, reason: event.reason, steps: reported };
      number += 1;
      return { kind, number, ...id, time: toText(event.timeMs), steps: reported };
    }),
    open: explained.open.map(toOpen),
  };
}

function toOpen({ window, documents, closesAtMs }: OpenWindow): TimeReport["open"][number] {
  return { window: toSpan(window), documents, closesAt: toText(closesAtMs) };
}

function toStep(step: TimeStep): TimeReportStep {
  const { kind } = step;
  switch (kind) {
    case "watermark":
      return { kind, ...(step.fromMs === undefined ? {} : { from: toText(step.fromMs) }), to: toText(step.toMs) };
    case "opened":
    case "joined":
      return { kind, window: toSpan(step.window) };
    case "merged":
      return { kind, windows: step.windows.map(toSpan), window: toSpan(step.window) };
    case "closed":
      return { kind, window: toSpan(step.window), documents: step.documents };
    case "late":
      return { kind, window: toSpan(step.window), closedAt: toText(step.closedAtMs) };
    case "between":
      return { kind, windows: step.windows.map(toSpan) };
    case "too large":
    case "dropped":
      return { kind };
  }
}

function toSpan({ startMs, endMs, partition }: Span): SpanReport {
  const own = partition === undefined ? {} : { partition: toReportValue(partition.value) };
  return { start: toText(startMs), end: toText(endMs), ...own };
}

/** A window may end after the last moment that a date can have. */
function toText(timeMs: number): string {
  const date = new Date(timeMs);
  return Number.isNaN(date.getTime()) ? `${timeMs} ms since 1970` : date.toISOString();
}
