import { elapsedMs } from "./elapsed.ts";

/** Results of look-ups that are remembered for a while. Times are milliseconds since the epoch. */
export interface LookupCache<Result> {
  get(key: string, atMs: number): Result | undefined;
  /** Remembers a result of so many bytes. What is too old makes room first, then what was remembered first. */
  set(key: string, result: Result, bytes: number, atMs: number): void;
  readonly bytes: number;
}

interface Entry<Result> {
  readonly result: Result;
  readonly bytes: number;
  readonly rememberedAtMs: number;
}

export function createLookupCache<Result>(ttlMs: number, maxBytes: number): LookupCache<Result> {
  /** In the order in which they were remembered, which is the order in which they expire unless the clock is set back. */
  const entries = new Map<string, Entry<Result>>();
  let total = 0;
  const drop = (key: string, { bytes }: Entry<Result>): void => {
    entries.delete(key);
    total -= bytes;
  };
  const isFresh = ({ rememberedAtMs }: Entry<Result>, atMs: number): boolean => elapsedMs(rememberedAtMs, atMs) < ttlMs;
  return {
    get bytes() {
      return total;
    },
    get: (key, atMs) => {
      const entry = entries.get(key);
      return entry !== undefined && isFresh(entry, atMs) ? entry.result : undefined;
    },
    set: (key, result, resultBytes, atMs) => {
      const bytes = resultBytes + key.length;
      const known = entries.get(key);
      if (known !== undefined) drop(key, known);
      if (bytes > maxBytes) return;
      for (const [other, entry] of entries) {
        if (isFresh(entry, atMs) && total + bytes <= maxBytes) break;
        drop(other, entry);
      }
      entries.set(key, { result, bytes, rememberedAtMs: atMs });
      total += bytes;
    },
  };
}
