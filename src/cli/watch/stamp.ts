import type { CommandContext } from "../context.ts";

/** Who looks at a terminal wants to know whether a line is of now. */
export function stamp(format: "text" | "json", { stdout }: CommandContext): string {
  return format === "text" && stdout.isTTY ? `[${new Date().toTimeString().slice(0, 8)}] ` : "";
}
