import { defineFinding } from "../../diagnostics/define-finding.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { rebuildCommand, type RebuildScope } from "./rebuild-command.ts";
import { versionsOf } from "./versions.ts";

/** How two versions of a read model change places. */
export type Swap = "swapping" | "rolling-back";

/** Documented in docs/errors/ASP6031.md. */
export const halfSwapped = defineFinding<{ name: string; swap: Swap | undefined; command: string }>("ASP6031", {
  severity: "error",
  message: ({ name }) => `a rebuild has not finished what it began: two versions of \`${name}\` are changing places`,
  notes: ({ name }) => [
    `until that is done, \`${name}\` would go on with the other version's collection, or begin anew`,
  ],
  help: ({ swap, command }) => {
    if (swap === "rolling-back") return `run \`${command} --rollback\` to finish it`;
    return `run \`${command}\` to finish it${swap === undefined ? ", with `--rollback` where it was going back" : ""}`;
  },
});

/**
 * Whether a processor is about to be swapped with its other version. Without its record that is seen only where there is none of its name
 * and both others.
 */
export function checkSwap(
  name: string,
  { isThere, swap, ...scope }: RebuildScope & { isThere(name: string): boolean; swap: Swap | undefined },
): readonly Finding[] {
  const { old, next } = versionsOf(name);
  const isBetween = swap !== undefined || (!isThere(name) && isThere(old) && isThere(next));
  return isBetween ? [halfSwapped({ processor: name }, { name, swap, command: rebuildCommand(name, scope) })] : [];
}
