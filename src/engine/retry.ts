import { setTimeout as sleep } from "node:timers/promises";
import { isPassingError } from "./core/document-error.ts";

/** After this long without success the world counts as having refused. Source: retry policy, asp-language 8.1. */
const giveUpAfterMs = 5 * 60 * 1000;
const longestPauseMs = 2000;

const firstPauseMs = 50;

/**
 * Repeats what fails for a reason that passes by itself, until it works, time is up, or `signal` says stop.
 *
 * @param patienceMs how long after the first failure; default five minutes
 * @param run calls what it is given where it has come further, as a source does with each batch: time begins anew
 */
export async function withRetries<Result>(
  run: (onProgress: () => void) => Promise<Result>,
  signal: AbortSignal,
  patienceMs = giveUpAfterMs,
): Promise<Result> {
  /** Of the first failure since it last came further: a long piece of work is none. */
  let failingSince: number | undefined;
  let pauseMs = firstPauseMs;
  const onProgress = (): void => {
    failingSince = undefined;
    pauseMs = firstPauseMs;
  };
  for (; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      return await run(onProgress);
    } catch (error) {
      failingSince ??= performance.now();
      const late = performance.now() - failingSince > patienceMs;
      if (signal.aborted || late || !isPassingError(error)) throw error;
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) throw error;
    }
  }
}
