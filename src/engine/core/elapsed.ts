/**
 * Milliseconds that have passed since then. Of a clock that has been set back meanwhile nobody knows: as long as it was set back by, so that
 * what waits for a time waits for as long again at most, and not until the clock is where it was.
 */
export function elapsedMs(sinceMs: number, nowMs: number): number {
  return Math.abs(nowMs - sinceMs);
}
