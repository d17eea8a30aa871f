import { printable } from "../diagnostics/printable.ts";

/** A user's own word in a message: in backticks, on one line, and not longer than a line can hold. */
export function quote(word: string): string {
  const shown = printable(word);
  return `\`${shown.length > 80 ? `${shown.slice(0, 79)}…` : shown}\``;
}
