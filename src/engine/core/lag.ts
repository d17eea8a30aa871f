/** Milliseconds from a document's insert to the sink's acknowledgement. */
export interface LagMs {
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

/** Each bucket is 5 % wider than the one before, so that a percentile is off by as much at most. */
const growth = 1.05;

/** A histogram of lags in constant memory. */
export interface LagHistogram {
  record(lagMs: number, count?: number): void;
  summary(): LagMs;
  /** The lag that such a share of all stays below, 0 to 1. */
  percentile(share: number): number;
  readonly count: number;
  readonly sum: number;
}

/** Starts an empty {@link LagHistogram}; negative lags (clocks that differ) count as 0. */
export function createLagHistogram(): LagHistogram {
  const buckets: number[] = [];
  let total = 0;
  let max = 0;
  let sum = 0;
  /** Percentiles since the last record: statistics are asked for again and again. */
  const known = new Map<number, number>();
  const percentile = (share: number): number => {
    const before = known.get(share);
    if (before !== undefined) return before;
    const found = find(share);
    known.set(share, found);
    return found;
  };
  const find = (share: number): number => {
    let left = Math.ceil(total * share);
    for (const [index, count = 0] of buckets.entries()) {
      left -= count;
      if (left <= 0 && total > 0) return Math.min(max, Math.round(growth ** index - 1));
    }
    return 0;
  };
  return {
    record: (lagMs, count = 1) => {
      const lag = Math.max(0, lagMs);
      const index = Math.ceil(Math.log(lag + 1) / Math.log(growth));
      for (let missing = buckets.length; missing <= index; missing += 1) buckets.push(0);
      buckets[index] = (buckets[index] ?? 0) + count;
      total += count;
      sum += lag * count;
      max = Math.max(max, lag);
      known.clear();
    },
    percentile,
    get count() {
      return total;
    },
    get sum() {
      return Math.round(sum);
    },
    summary: () => ({ p50: percentile(0.5), p95: percentile(0.95), max: Math.round(max) }),
  };
}
