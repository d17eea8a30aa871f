import type { AspError } from "../../diagnostics/asp-error.ts";
import { isPassingError, isWorldCode } from "./document-error.ts";

/**
 * What is done about what stops a processor. Source: asp-language 8.1, "Retry".
 *
 * | class | what | what is done |
 * | --- | --- | --- |
 * | of a document | a stage, the sink or an endpoint refuses it | dead letter, never retried |
 * | passing | an election, a network cut, a server that restarts, on the way | the batch in flight is tried again for five minutes, in place (`retry.ts`) |
 * | `again` | what its user can put right meanwhile: a missing index, a right, a full disk, a broker or cluster that is away at the start | the processor is started again from its checkpoint, a few times within five minutes, then FAILED |
 * | `final` | what stays: stages that the server refuses, a lost history, too large a state, an event that cannot be delivered; and bugs of ours | FAILED at once |
 *
 * The service retries its own internal errors for ever. Here a bug would come again at once: it is final, so that it is seen.
 *
 * @param wasRunning it had read from its source: what passes by itself has then been retried in place already
 */
export function retryClassOf(error: AspError, wasRunning: boolean): "again" | "final" {
  const { cause } = error;
  if (isPassingError(cause)) return wasRunning ? "final" : "again";
  if (error.retryable || repairable.has(error.code)) return "again";
  return isWorldCode((cause as { readonly code?: unknown } | undefined)?.code) ? "again" : "final";
}

/** No unique index on what is merged on; a target that cannot be merged into. */
const repairable: ReadonlySet<string> = new Set(["ASP5105", "ASP5106"]);

/** Failures count for so long. Source: asp-language 8.1. */
const withinMs = 5 * 60 * 1000;

/** How long to wait before the next start, by how often it failed already. Their number is the limit. */
export const retryPausesMs: readonly number[] = [1000, 5000, 30_000, 120_000];

/** @returns undefined where it is enough. @param failuresMs times of all failures, the one just now included */
export function pauseBeforeRetry(
  failuresMs: readonly number[],
  nowMs: number,
  pausesMs: readonly number[] = retryPausesMs,
): number | undefined {
  const recent = failuresMs.filter((atMs) => nowMs - atMs < withinMs).length;
  return pausesMs[recent - 1];
}
