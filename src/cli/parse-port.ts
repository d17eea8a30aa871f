import { UsageError } from "./usage-error.ts";

/** A port of an option; 0 is any that is free. @throws UsageError */
export function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535)
    throw new UsageError(`\`${text}\` is no port: a whole number from 0 to 65535`);
  return port;
}
