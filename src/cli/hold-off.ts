import type { CliContext } from "./context.ts";

/** Said at a Ctrl-C that what is under way does not end at. */
export const finishing = "stopping: what is under way is finished; again to leave at once";

/** Ctrl-C, but for work that must not be left in the middle. */
export interface HeldOff {
  /** Aborted as the process's own is, except while such work is under way: then only by the second Ctrl-C. */
  readonly signal: AbortSignal;
  /** Does work that the first Ctrl-C leaves alone; it does not begin after one. */
  finish<Result>(work: () => Promise<Result>): Promise<Result>;
}

/** `onHeldOff`: called at a Ctrl-C that waits for such work. */
export function holdOff({ signal, forced }: Pick<CliContext, "signal" | "forced">, onHeldOff: () => void): HeldOff {
  const ending = new AbortController();
  let isHeldOff = false;
  const end = (): void => ending.abort(signal.reason);
  const onFirst = (): void => (isHeldOff ? onHeldOff() : end());
  if (signal.aborted) end();
  signal.addEventListener("abort", onFirst, { once: true });
  forced.addEventListener("abort", end, { once: true });
  return {
    signal: ending.signal,
    finish: async (work) => {
      ending.signal.throwIfAborted();
      isHeldOff = true;
      try {
        return await work();
      } finally {
        // What tidies up after it is not disturbed either: a Ctrl-C that came meanwhile stays held off.
        isHeldOff = signal.aborted;
      }
    },
  };
}
