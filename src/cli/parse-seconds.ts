import { UsageError } from "./usage-error.ts";

/** Seconds of an option, above 0; fractions are allowed. @throws UsageError */
export function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!/^\d+(\.\d+)?$/u.test(text) || seconds <= 0 || seconds > 86_400 * 365) {
    throw new UsageError(`\`${text}\` is no number of seconds above 0`);
  }
  return seconds;
}
