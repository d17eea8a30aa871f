import { setTimeout as sleep } from "node:timers/promises";
import { isPassingError } from "./core/document-error.ts";

/** After this long without success the world counts as having refused. Source: retry policy, asp-language 8.1. */
const giveUpAfterMs = 5 * 60 * 1000;
const longestPauseMs = 2000;

/** Repeats what fails for a reason that passes by itself, until it works, time is up, or `signal` says stop. */
export async function withRetries<Result>(run: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
  const startedAt = performance.now();
  for (let pauseMs = 50; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      return await run();
    } catch (error) {
      const late = performance.now() - startedAt > giveUpAfterMs;
      if (signal.aborted || late || !isPassingError(error)) throw error;
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
