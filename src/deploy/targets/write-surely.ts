import { isAspError } from "../../diagnostics/asp-error.ts";

/** Codes after which nobody knows whether a write took effect. */
const uncertain: ReadonlySet<string> = new Set(["ASP6003", "ASP6004", "ASP6007"]);

export interface SureOptions {
  /** Before each reading, in milliseconds. A change that was still on its way is to be seen by the last of them. */
  readonly pausesMs: readonly number[];
  readonly sleep: (ms: number) => Promise<void>;
}

/**
 * Sends a write, and where its reply is lost looks at what became of it: done already, or not done, then it is sent once more.
 *
 * @param isDone reads whether what the write was to do is there
 */
export async function writeSurely(
  send: () => Promise<void>,
  isDone: () => Promise<boolean>,
  { pausesMs, sleep }: SureOptions,
): Promise<void> {
  const failure = await attempt(send);
  if (failure === undefined) return;
  if (!isUncertain(failure)) throw failure;
  const settled = async (): Promise<boolean> => {
    for (const pause of pausesMs) {
      await sleep(pause);
      if (await isDone()) return true;
    }
    return false;
  };
  if (await settled()) return;
  const second = await attempt(send);
  // Refused the second time, it may be since the first one came through late.
  if (second === undefined || (await settled())) return;
  throw second;
}

function isUncertain(error: Error): boolean {
  return isAspError(error) && uncertain.has(error.code);
}

async function attempt(send: () => Promise<void>): Promise<Error | undefined> {
  try {
    await send();
    return undefined;
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}
