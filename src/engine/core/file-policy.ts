import { elapsedMs } from "./elapsed.ts";
import type { WriteOptions } from "./plan-capture.ts";

/** What a file that is being collected holds so far. */
export interface Collected {
  readonly count: number;
  readonly bytes: number;
  /** Engine time of its first document, in milliseconds since the epoch. */
  readonly openedAtMs: number;
}

/** Whether a file has all the documents that it is to have: the one that passes a limit is still in it. */
export function isFull({ count, bytes }: Collected, options: WriteOptions): boolean {
  return (options.count !== undefined && count >= options.count) || bytes >= options.bytes;
}

/** Whether a file is to be written by now, whatever it holds. */
export function isDue({ openedAtMs }: Collected, options: WriteOptions, nowMs: number): boolean {
  return elapsedMs(openedAtMs, nowMs) >= options.intervalMs;
}

/**
 * A name that sorts by time, without an extension.
 *
 * @param counter tells files of one millisecond apart
 */
export function fileNameOf(processor: string, openedAtMs: number, counter: number): string {
  const stamp = new Date(openedAtMs).toISOString().replaceAll(/[-:.]/gu, "");
  return `${stamp}-${processor}-${String(counter).padStart(4, "0")}`;
}
