/** How long something is waited for, and how often it is looked at meanwhile. */
export interface Patience {
  readonly pauseMs: number;
  readonly longestMs: number;
}

/** Looks until there is something to see; undefined where that takes too long. What `look` and `sleep` throw ends it. */
export async function until<Value>(
  look: () => Promise<Value | undefined>,
  { pauseMs, longestMs }: Patience,
  sleep: (ms: number) => Promise<void>,
): Promise<Value | undefined> {
  const endAt = performance.now() + longestMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (performance.now() + pauseMs > endAt) return undefined;
    await sleep(pauseMs);
  }
}
