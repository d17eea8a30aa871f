import type { FixedWindowPlan } from "./plan-window.ts";

// Tumbling and hopping windows: times are milliseconds since the epoch, windows are named by their starts. The time line is cut into
// slots of one hop each; a window begins with a slot and covers it and as many of the next as its length reaches into.

/** A window's bounds: from `startMs` on, before `endMs`. */
export interface Bounds {
  readonly startMs: number;
  readonly endMs: number;
}

/** Start of the slot that a time is in, which is that of the last window that may hold it. Source: asp-language 3.1, alignment. */
export function slotOf({ hopMs, offsetMs }: FixedWindowPlan, timeMs: number): number {
  return Math.floor((timeMs - offsetMs) / hopMs) * hopMs + offsetMs;
}

/** Whether a document finds a window: `late` where all that would hold it are closed, `between` where none ever would. */
export function admit(
  plan: FixedWindowPlan,
  timeMs: number,
  watermarkMs: number | undefined,
): "admitted" | "late" | "between" {
  const endMs = slotOf(plan, timeMs) + plan.lengthMs;
  if (endMs <= timeMs) return "between";
  return isClosed(plan, endMs, watermarkMs) ? "late" : "admitted";
}

/** A window is closed once the watermark, less the lateness allowed, has reached its end. Source: asp-language 3.1. */
export function isClosed(plan: FixedWindowPlan, endMs: number, watermarkMs: number | undefined): boolean {
  return watermarkMs !== undefined && watermarkMs - plan.allowedLatenessMs >= endMs;
}

/** Start of the first window that a watermark leaves open. */
export function firstOpen(plan: FixedWindowPlan, watermarkMs: number | undefined): number {
  if (watermarkMs === undefined) return -Infinity;
  // The first whose end lies after what is closed.
  const closedMs = watermarkMs - plan.allowedLatenessMs;
  return slotOf(plan, closedMs - plan.lengthMs) + plan.hopMs;
}

/** The first window from `fromMs` on that ends after a time. */
export function firstInto(plan: FixedWindowPlan, timeMs: number, fromMs: number): Bounds {
  const earliest = slotOf(plan, timeMs - plan.lengthMs) + plan.hopMs;
  const startMs = Math.max(earliest, fromMs);
  return { startMs, endMs: startMs + plan.lengthMs };
}

/**
 * Where the watermark goes when the source has been idle: a window closes once it is idle for as long as the window still had to go,
 * and for `idleTimeout` at least.
 *
 * Source: asp-language 3.2, the first of its three statements. Lateness is not waited for, since there is nobody to be late.
 *
 * @param idleForMs how long the source has been idle
 * @param watermarkMs the watermark when it became so
 * @returns undefined where no window is over
 */
export function idleWatermark(plan: FixedWindowPlan, watermarkMs: number, idleForMs: number): number | undefined {
  if (plan.idleTimeoutMs === undefined || idleForMs < plan.idleTimeoutMs) return undefined;
  const lastStart = slotOf(plan, watermarkMs + idleForMs - plan.lengthMs);
  return lastStart + plan.lengthMs + plan.allowedLatenessMs;
}
