import type { Document } from "bson";
import { toMs } from "../../compiler/kinds.ts";

export type WindowPlan = FixedWindowPlan | SessionWindowPlan;

interface WindowBase {
  /** The stage's name, for dead letters. */
  readonly operator: string;
  /** Whose clock opens and closes windows. */
  readonly time: "event" | "processing";
  readonly allowedLatenessMs: number;
}

/** Windows of one length that begin at every multiple of `hopMs`, shifted by `offsetMs`. */
export interface FixedWindowPlan extends WindowBase {
  readonly kind: "fixed";
  readonly lengthMs: number;
  readonly hopMs: number;
  readonly offsetMs: number;
  /** Absent: open windows wait for the next event for ever. */
  readonly idleTimeoutMs: number | undefined;
}

export interface SessionWindowPlan extends WindowBase {
  readonly kind: "session";
  readonly gapMs: number;
  readonly partitionBy: unknown;
}

/** Source: asp-language section 3.3. */
const defaultLatenessMs = 3000;

export function isWindow(stage: Document): boolean {
  return "$tumblingWindow" in stage || "$hoppingWindow" in stage || "$sessionWindow" in stage;
}

/** Takes a window stage apart. */
export function planWindow(stage: Document): WindowPlan {
  const [operator = ""] = Object.keys(stage);
  const args = stage[operator] as Document;
  const time = args["boundary"] === "processingTime" ? "processing" : "event";
  const allowedLatenessMs = time === "processing" ? 0 : durationOf(args["allowedLateness"], defaultLatenessMs);
  const base = { operator, time, allowedLatenessMs } as const;
  if (operator === "$sessionWindow")
    return { ...base, kind: "session", gapMs: durationOf(args["gap"], 0), partitionBy: args["partitionBy"] };
  const lengthMs = durationOf(args["interval"], 0);
  const offset = args["offset"] as Document | undefined;
  return {
    ...base,
    kind: "fixed",
    lengthMs,
    hopMs: durationOf(args["hopSize"], lengthMs),
    offsetMs: offset === undefined ? 0 : durationOf({ size: offset["offsetFromUtc"], unit: offset["unit"] }, 0),
    idleTimeoutMs: args["idleTimeout"] === undefined ? undefined : durationOf(args["idleTimeout"], 0),
  };
}

/** A duration may also be the number 0. */
function durationOf(value: unknown, absent: number): number {
  return value === undefined ? absent : (toMs(value) ?? 0);
}
