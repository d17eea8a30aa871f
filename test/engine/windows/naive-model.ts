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

/** A moment at which windows are looked at: with a document, or because time has passed. */
export interface Moment {
  /** After the document. */
  readonly watermark: number;
  readonly happening?: Happening;
}

/** Where nothing but documents moves the watermark: the highest time that there was. */
export function byDocuments(history: readonly Happening[]): readonly Moment[] {
  let watermark = -Infinity;
  return history.map((happening) => {
    watermark = Math.max(watermark, happening.timeMs);
    return { watermark, happening };
  });
}

/** Windows as their documentation has them, one document at a time, with everything in lists and nothing clever. */
export function expectWindows(plan: WindowPlan, moments: readonly Moment[]): Expected {
  return plan.kind === "fixed" ? expectFixed(plan, moments) : expectSessions(plan, moments);
}

/** The windows of a plan that begin no later than a time and end after another. */
export function windowsBetween(
  { lengthMs, hopMs, offsetMs }: FixedWindowPlan,
  fromMs: number,
  toMs: number,
): readonly { readonly startMs: number; readonly endMs: number }[] {
  const windows: { startMs: number; endMs: number }[] = [];
  let start = offsetMs;
  while (start > fromMs - lengthMs - hopMs) start -= hopMs;
  for (; start <= toMs; start += hopMs) windows.push({ startMs: start, endMs: start + lengthMs });
  return windows;
}

export function describeWindow(
  startMs: number,
  endMs: number,
  who: number | undefined,
  ids: readonly number[],
): string {
  return `${startMs}-${endMs}${who === undefined ? "" : ` of ${who}`}: ${ids.toSorted((a, b) => a - b).join(" ")}`;
}

function expectFixed(plan: FixedWindowPlan, moments: readonly Moment[]): Expected {
  const { allowedLatenessMs } = plan;
  const times = moments.flatMap(({ happening }) => (happening === undefined ? [] : [happening.timeMs]));
  const windows = windowsBetween(plan, Math.min(...times), Math.max(...times)).map((window) => ({
    ...window,
    ids: [] as number[],
  }));
  const late: number[] = [];
  for (const { watermark, happening } of moments) {
    if (happening === undefined) continue;
    const { id, timeMs } = happening;
    const holding = windows.filter(({ startMs, endMs }) => startMs <= timeMs && timeMs < endMs);
    const open = holding.filter(({ endMs }) => watermark - allowedLatenessMs < endMs);
    if (holding.length > 0 && open.length === 0) late.push(id);
    for (const { ids } of open) ids.push(id);
  }
  const watermark = moments.at(-1)?.watermark ?? -Infinity;
  const closed = windows.filter(({ endMs, ids }) => ids.length > 0 && watermark - allowedLatenessMs >= endMs);
  return { closed: closed.map(({ startMs, endMs, ids }) => describeWindow(startMs, endMs, undefined, ids)), late };
}

function expectSessions(plan: SessionWindowPlan, moments: readonly Moment[]): Expected {
  const { gapMs, allowedLatenessMs } = plan;
  let open: Happening[][] = [];
  const closed: string[] = [];
  const late: number[] = [];
  const lastOf = (session: readonly Happening[]): number => Math.max(...session.map(({ timeMs }) => timeMs));
  const firstOf = (session: readonly Happening[]): number => Math.min(...session.map(({ timeMs }) => timeMs));
  const closeOver = (watermark: number): void => {
    const over = open.filter((session) => watermark >= lastOf(session) + gapMs + allowedLatenessMs);
    open = open.filter((session) => !over.includes(session));
    for (const session of over) {
      const ids = session.map(({ id }) => id);
      closed.push(describeWindow(firstOf(session), lastOf(session) + gapMs, session[0]?.who, ids));
    }
  };
  for (const { watermark, happening } of moments) {
    closeOver(watermark);
    if (happening === undefined) continue;
    const near = open.filter((session) =>
      session.some(({ who, timeMs }) => who === happening.who && Math.abs(timeMs - happening.timeMs) < gapMs),
    );
    if (near.length === 0 && watermark >= happening.timeMs + gapMs + allowedLatenessMs) {
      late.push(happening.id);
      continue;
    }
    open = [...open.filter((session) => !near.includes(session)), [...near.flat(), happening]];
    closeOver(watermark);
  }
  return { closed, late };
}
