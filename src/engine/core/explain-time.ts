import { firstInto, firstOpen, isClosed, slotOf, type Bounds } from "./fixed-windows.ts";
import { mergeKey } from "./merge-key.ts";
import type { FixedWindowPlan, SessionWindowPlan, WindowPlan } from "./plan-window.ts";
import { isOver, joinSessions, type Session } from "./sessions.ts";
import type { TimeArrival, TimeEvent } from "./time-event.ts";

/** A window by its bounds; a session also by its partition, and while it is open with the end that it would have now. */
export interface Span extends Bounds {
  readonly partition?: { readonly value: unknown };
}

/** What a document did to the windows, or what time did. Times are milliseconds since the epoch. */
export type TimeStep =
  | { readonly kind: "watermark"; readonly fromMs: number | undefined; readonly toMs: number }
  | { readonly kind: "opened" | "joined"; readonly window: Span }
  /** Open sessions that a document between them has made one. */
  | { readonly kind: "merged"; readonly windows: readonly Span[]; readonly window: Span }
  | { readonly kind: "closed"; readonly window: Span; readonly documents: number }
  /** `window`: the last one that would hold it. `closedAtMs`: the watermark that closes that. */
  | { readonly kind: "late"; readonly window: Span; readonly closedAtMs: number }
  | { readonly kind: "between"; readonly windows: readonly [Span, Span] }
  | { readonly kind: "too large" | "dropped" };

/** A window that is open at the end, and the watermark that would close it. */
export interface OpenWindow {
  readonly window: Span;
  readonly documents: number;
  readonly closesAtMs: number;
}

/** An event, and what it did. */
export interface ExplainedEvent {
  readonly event: TimeEvent;
  readonly steps: readonly TimeStep[];
}

export interface TimeExplanation {
  readonly events: readonly ExplainedEvent[];
  readonly open: readonly OpenWindow[];
}

/** Tells what the events of a processor did to its windows, by the rules that the engine goes by. */
export function explainTime(plan: WindowPlan, events: readonly TimeEvent[]): TimeExplanation {
  const windows = plan.kind === "fixed" ? fixedWindows(plan) : sessionWindows(plan);
  let watermarkMs: number | undefined;
  const explained = events.map((event): ExplainedEvent => {
    const steps: TimeStep[] = [];
    const toMs = event.watermarkMs;
    if (toMs !== undefined && toMs !== watermarkMs) {
      steps.push({ kind: "watermark", fromMs: watermarkMs, toMs }, ...windows.close(toMs));
      watermarkMs = toMs;
    }
    if (event.kind !== "document") return { event, steps };
    const placed = event.arrivals.flatMap((arrival) => windows.place(event.timeMs, watermarkMs, arrival));
    return { event, steps: [...steps, ...(event.arrivals.length === 0 ? [dropped] : placed)] };
  });
  return { events: explained, open: windows.open() };
}

const dropped: TimeStep = { kind: "dropped" };

/** The windows that are open, while events go by. */
interface Windows {
  close(watermarkMs: number): readonly TimeStep[];
  place(timeMs: number, watermarkMs: number | undefined, arrival: TimeArrival): readonly TimeStep[];
  open(): readonly OpenWindow[];
}

function fixedWindows(plan: FixedWindowPlan): Windows {
  /** How many documents each has, by its start. */
  const counts = new Map<number, number>();
  const inOrder = (): [number, number][] => [...counts].toSorted(([a], [b]) => a - b);
  const spanOf = (startMs: number): Span => ({ startMs, endMs: startMs + plan.lengthMs });
  return {
    close: (watermarkMs) =>
      inOrder().flatMap(([startMs, documents]): TimeStep[] => {
        const window = spanOf(startMs);
        if (!isClosed(plan, window.endMs, watermarkMs)) return [];
        counts.delete(startMs);
        return [{ kind: "closed", window, documents }];
      }),
    place: (timeMs, watermarkMs, { outcome }) => {
      const last = spanOf(slotOf(plan, timeMs));
      if (outcome === "too large") return [{ kind: outcome }];
      if (outcome === "between") return [{ kind: outcome, windows: [last, spanOf(last.startMs + plan.hopMs)] }];
      if (outcome === "late") {
        return [{ kind: outcome, window: last, closedAtMs: last.endMs + plan.allowedLatenessMs }];
      }
      const steps: TimeStep[] = [];
      const first = firstInto(plan, timeMs, firstOpen(plan, watermarkMs));
      for (let { startMs } = first; startMs <= timeMs; startMs += plan.hopMs) {
        const count = counts.get(startMs) ?? 0;
        counts.set(startMs, count + 1);
        steps.push({ kind: count === 0 ? "opened" : "joined", window: spanOf(startMs) });
      }
      return steps;
    },
    open: () =>
      inOrder().map(([startMs, documents]) => {
        const window = spanOf(startMs);
        return { window, documents, closesAtMs: window.endMs + plan.allowedLatenessMs };
      }),
  };
}

function sessionWindows(plan: SessionWindowPlan): Windows {
  interface Open {
    readonly partition: unknown;
    readonly session: Session;
    readonly documents: number;
  }
  const partitions = new Map<string, readonly Open[]>();
  const spanOf = ({ startMs, lastMs }: Session, value: unknown): Span => ({
    startMs,
    endMs: lastMs + plan.gapMs,
    partition: { value },
  });
  const inOrder = (): Open[] => [...partitions.values()].flat().toSorted((a, b) => a.session.lastMs - b.session.lastMs);
  return {
    close: (watermarkMs) => {
      const over = inOrder().filter(({ session }) => isOver(plan, session, watermarkMs));
      for (const [key, list] of partitions)
        partitions.set(
          key,
          list.filter((one) => !over.includes(one)),
        );
      return over.map(({ partition, session, documents }) => {
        return { kind: "closed", window: spanOf(session, partition), documents };
      });
    },
    place: (timeMs, watermarkMs, { outcome, partition = null }) => {
      if (outcome === "too large") return [{ kind: outcome }];
      const key = mergeKey(partition);
      const list = partitions.get(key) ?? [];
      const admission = joinSessions(
        plan,
        list.map(({ session }) => session),
        timeMs,
        watermarkMs,
      );
      if (admission.kind === "late") {
        const window = spanOf({ startMs: timeMs, lastMs: timeMs }, partition);
        return [{ kind: "late", window, closedAtMs: window.endMs + plan.allowedLatenessMs }];
      }
      const { session, joins } = admission;
      const joined = list.filter((one) => joins.includes(one.session));
      const documents = joined.reduce((sum, one) => sum + one.documents, 1);
      partitions.set(key, [...list.filter((one) => !joined.includes(one)), { partition, session, documents }]);
      const window = spanOf(session, partition);
      if (joins.length < 2) return [{ kind: joins.length === 0 ? "opened" : "joined", window }];
      return [{ kind: "merged", windows: joins.map((one) => spanOf(one, partition)), window }];
    },
    open: () =>
      inOrder().map(({ partition, session, documents }) => {
        const window = spanOf(session, partition);
        return { window, documents, closesAtMs: window.endMs + plan.allowedLatenessMs };
      }),
  };
}
