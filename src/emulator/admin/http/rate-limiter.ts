export interface RateLimit {
  /** Requests that may come at once. */
  readonly capacity: number;
  readonly refillPerMinute: number;
  /** Above the limit the answer is 429; default false: only the headers say it. */
  readonly enforced?: boolean;
}

/** What streams calls of the service showed. Source: asp-control-plane 1.6. */
export const usualRateLimit: RateLimit = { capacity: 1200, refillPerMinute: 1200 };

export interface RateState {
  readonly limit: number;
  /** Whole requests that are left after this one. */
  readonly remaining: number;
  /** Seconds until there is one again, where there was none for this request. */
  readonly retryAfterSeconds: number | undefined;
}

/** A token bucket for each client. */
export interface RateLimiter {
  take(client: string): RateState;
}

const minuteMs = 60_000;

export function createRateLimiter({ capacity, refillPerMinute }: RateLimit, now: () => number): RateLimiter {
  const buckets = new Map<string, { readonly tokens: number; readonly atMs: number }>();
  return {
    take: (client) => {
      const atMs = now();
      const before = buckets.get(client) ?? { tokens: capacity, atMs };
      const refilled = ((atMs - before.atMs) * refillPerMinute) / minuteMs;
      const tokens = Math.min(capacity, before.tokens + Math.max(0, refilled));
      const isAllowed = tokens >= 1;
      const left = isAllowed ? tokens - 1 : tokens;
      buckets.set(client, { tokens: left, atMs });
      const waitMs = ((1 - tokens) * minuteMs) / refillPerMinute;
      return {
        limit: capacity,
        remaining: Math.floor(left),
        retryAfterSeconds: isAllowed ? undefined : Math.max(1, Math.ceil(waitMs / 1000)),
      };
    },
  };
}
