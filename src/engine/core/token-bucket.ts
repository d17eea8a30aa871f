/**
 * A limit of so many tokens a second. It holds those of one second, is refilled all the time, and is full at the beginning.
 *
 * Times are milliseconds since the epoch.
 */
export interface TokenBucket {
  /** How long to wait until `cost` may pass; what costs more than the bucket holds may once it is full. */
  waitMs(cost: number, atMs: number): number;
  /** Takes `cost`, or all that there is. */
  take(cost: number, atMs: number): void;
}

export function createTokenBucket(perSecond: number): TokenBucket {
  let tokens = perSecond;
  let filledAtMs: number | undefined;
  const refill = (atMs: number): void => {
    // A clock that steps back refills nothing.
    const passedMs = filledAtMs === undefined ? 0 : Math.max(0, atMs - filledAtMs);
    tokens = Math.min(perSecond, tokens + (passedMs * perSecond) / 1000);
    filledAtMs = atMs;
  };
  return {
    waitMs: (cost, atMs) => {
      refill(atMs);
      const missing = Math.min(cost, perSecond) - tokens;
      return missing <= 0 ? 0 : Math.ceil((missing * 1000) / perSecond);
    },
    take: (cost, atMs) => {
      refill(atMs);
      tokens = Math.max(0, tokens - cost);
    },
  };
}
