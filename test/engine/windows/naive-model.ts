import type { FixedWindowPlan, SessionWindowPlan, WindowPlan } from "../../../src/engine/core/plan-window.ts";

/** A document of a history: when it happened, in milliseconds, and whose it is. */
export interface Happening {
  readonly id: number;
  readonly timeMs: number;
  readonly who: number;
}

/** What a history leads to: each window that closed with what was in it, and what came too late. */
export interface Expected {
  readonly closed: readonly string[];
  readonly late: readonly number[];
}

/** Windows as their documentation has them, one document at a time, with everything in lists and nothing clever. */
export function expectWindows(plan: WindowPlan, history: readonly Happening[]): Expected {
  return plan.kind === "fixed" ? expectFixed(plan, history) : expectSessions(plan, history);
}

export function describeWindow(
  startMs: number,
  endMs: number,
  who: number | undefined,
  ids: readonly number[],
): string {
  return `${startMs}-${endMs}${who === undefined ? "" : ` of ${who}`}: ${ids.toSorted((a, b) => a - b).join(" ")}`;
}

function expectFixed(plan: FixedWindowPlan, history: readonly Happening[]): Expected {
  const { lengthMs, hopMs, offsetMs, allowedLatenessMs } = plan;
  const times = history.map(({ timeMs }) => timeMs);
  const windows: { startMs: number; endMs: number; ids: number[] }[] = [];
  let start = offsetMs;
  while (start > Math.min(...times) - lengthMs - hopMs) start -= hopMs;
  for (; start <= Math.max(...times); start += hopMs)
    windows.push({ startMs: start, endMs: start + lengthMs, ids: [] });
  const late: number[] = [];
  let watermark = -Infinity;
  for (const { id, timeMs } of history) {
    watermark = Math.max(watermark, timeMs);
    const holding = windows.filter(({ startMs, endMs }) => startMs <= timeMs && timeMs < endMs);
    const open = holding.filter(({ endMs }) => watermark - allowedLatenessMs < endMs);
    if (holding.length > 0 && open.length === 0) late.push(id);
    for (const { ids } of open) ids.push(id);
  }
  const closed = windows.filter(({ endMs, ids }) => ids.length > 0 && watermark - allowedLatenessMs >= endMs);
  return { closed: closed.map(({ startMs, endMs, ids }) => describeWindow(startMs, endMs, undefined, ids)), late };
}

function expectSessions(plan: SessionWindowPlan, history: readonly Happening[]): Expected {
  const { gapMs, allowedLatenessMs } = plan;
  let open: Happening[][] = [];
  const closed: string[] = [];
  const late: number[] = [];
  let watermark = -Infinity;
  const lastOf = (session: readonly Happening[]): number => Math.max(...session.map(({ timeMs }) => timeMs));
  const firstOf = (session: readonly Happening[]): number => Math.min(...session.map(({ timeMs }) => timeMs));
  const closeOver = (): void => {
    const over = open.filter((session) => watermark >= lastOf(session) + gapMs + allowedLatenessMs);
    open = open.filter((session) => !over.includes(session));
    for (const session of over) {
      const ids = session.map(({ id }) => id);
      closed.push(describeWindow(firstOf(session), lastOf(session) + gapMs, session[0]?.who, ids));
    }
  };
  for (const happening of history) {
    watermark = Math.max(watermark, happening.timeMs);
    closeOver();
    const near = open.filter((session) =>
      session.some(({ who, timeMs }) => who === happening.who && Math.abs(timeMs - happening.timeMs) < gapMs),
    );
    if (near.length === 0 && watermark >= happening.timeMs + gapMs + allowedLatenessMs) {
      late.push(happening.id);
      continue;
    }
    open = [...open.filter((session) => !near.includes(session)), [...near.flat(), happening]];
    closeOver();
  }
  return { closed, late };
}
