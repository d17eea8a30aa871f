import { createLagHistogram, type LagHistogram } from "./lag.ts";

/** How long documents took, from the source to the sink's acknowledgement, within a time; in milliseconds. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly count: number;
  readonly sum: number;
  readonly startMs: number;
  readonly endMs: number;
}

/** Latencies of the last half minute. Source: asp-language 8.4, `latency`. */
export interface LatencyWindow {
  record(lagMs: number, nowMs: number): void;
  /** The last full half minute, or the one under way where there is none before it. */
  summary(nowMs: number): Latency;
}

const lengthMs = 30_000;

interface Span {
  readonly startMs: number;
  readonly histogram: LagHistogram;
}

export function createLatencyWindow(startMs: number): LatencyWindow {
  let current: Span = { startMs, histogram: createLagHistogram() };
  let last: Span | undefined;
  const turn = (nowMs: number): void => {
    const passed = Math.floor((nowMs - current.startMs) / lengthMs);
    if (passed < 1) return;
    // After a longer silence, the last half minute was an empty one.
    const next = current.startMs + passed * lengthMs;
    last = passed === 1 ? current : { startMs: next - lengthMs, histogram: createLagHistogram() };
    current = { startMs: next, histogram: createLagHistogram() };
  };
  return {
    record: (lagMs, nowMs) => {
      turn(nowMs);
      current.histogram.record(lagMs);
    },
    summary: (nowMs) => {
      turn(nowMs);
      const { startMs: from, histogram } = last ?? current;
      const { count, sum } = histogram;
      const endMs = last === undefined ? nowMs : from + lengthMs;
      return { p50: histogram.percentile(0.5), p99: histogram.percentile(0.99), count, sum, startMs: from, endMs };
    },
  };
}
