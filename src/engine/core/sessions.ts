import type { SessionWindowPlan } from "./plan-window.ts";

/** An open session of one partition: event times of its first and last document, in milliseconds since the epoch. */
export interface Session {
  readonly startMs: number;
  readonly lastMs: number;
}

/** Where a document goes: into a session, which takes the place of those it `joins`, or nowhere because it is late. */
export type Admission =
  | { readonly kind: "late" }
  | { readonly kind: "admitted"; readonly session: Session; readonly joins: readonly Session[] };

/**
 * Finds the session of a document among the open ones of its partition. Times less than a gap apart belong together, so that a document
 * between two sessions makes them one. One that would be closed at once, and that no open session takes, is late.
 *
 * Source: asp-language 3.4.
 */
export function joinSessions(
  plan: SessionWindowPlan,
  open: readonly Session[],
  timeMs: number,
  watermarkMs: number | undefined,
): Admission {
  const joins = open.filter(({ startMs, lastMs }) => timeMs > startMs - plan.gapMs && timeMs < lastMs + plan.gapMs);
  const own = { startMs: timeMs, lastMs: timeMs };
  if (joins.length === 0 && isOver(plan, own, watermarkMs)) return { kind: "late" };
  const session = [own, ...joins].reduce((all, { startMs, lastMs }) => ({
    startMs: Math.min(all.startMs, startMs),
    lastMs: Math.max(all.lastMs, lastMs),
  }));
  return { kind: "admitted", session, joins };
}

/** A session is over once the watermark is a gap and the allowed lateness past its last document. Source: asp-language 3.4. */
export function isOver(plan: SessionWindowPlan, { lastMs }: Session, watermarkMs: number | undefined): boolean {
  return watermarkMs !== undefined && watermarkMs >= lastMs + plan.gapMs + plan.allowedLatenessMs;
}

/**
 * Where those that a time may join stand among the open sessions of a partition, which are in the order of time: from `from` on, before
 * `to`. Where they are none, a new one belongs there.
 */
export function sessionsNear(
  { gapMs }: SessionWindowPlan,
  open: readonly Session[],
  timeMs: number,
): { readonly from: number; readonly to: number } {
  let from = 0;
  for (let end = open.length; from < end;) {
    const middle = (from + end) >>> 1;
    if ((open[middle]?.lastMs ?? 0) + gapMs > timeMs) end = middle;
    else from = middle + 1;
  }
  let to = from;
  while (to < open.length && (open[to]?.startMs ?? 0) - gapMs < timeMs) to += 1;
  return { from, to };
}
