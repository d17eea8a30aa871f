import { defineFinding } from "../../diagnostics/define-finding.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import type { Desired, Ownership } from "./desired.ts";
import { isSameButForName } from "./processor-text.ts";
import type { RemoteProcessor } from "./remote.ts";

/** Documented in docs/errors/ASP6025.md. */
export const perhapsRenamed = defineFinding<{ former: string; name: string }>("ASP6025", {
  severity: "warning",
  message: ({ former, name }) => `\`${name}\` is what runs as \`${former}\` in the workspace, but for its name`,
  notes: ({ former }) => [
    `it would be made beside \`${former}\`, without its checkpoint, and both would write`,
    "nothing records whose processor that is",
  ],
  help: ({ former, name }) => `add \`--rename ${former}=${name}\` if it was renamed`,
});

/** Wanted name → the processor of the workspace that gets it. */
export interface Renames {
  readonly renames: ReadonlyMap<string, RemoteProcessor>;
  readonly findings: readonly Finding[];
}

export interface RenamesInput {
  /** Not in the workspace by their names. */
  readonly missing: readonly Desired[];
  /** In the workspace, and of no name that the project has. */
  readonly strays: readonly RemoteProcessor[];
  readonly ownership: Ownership;
  /** Wanted name → former name, as the user says. */
  readonly given: ReadonlyMap<string, string>;
}

/**
 * Processors that only have another name now. What the user says counts; otherwise one that is the same but for its name, if there is one
 * such on either side, and only if it is recorded as this project's: else the user is asked.
 */
export function findRenames({ missing, strays, ownership, given }: RenamesInput): Renames {
  const renames = new Map<string, RemoteProcessor>();
  const findings: Finding[] = [];
  for (const [name, former] of given) {
    const found = strays.find((stray) => stray.name === former);
    if (found !== undefined && missing.some(({ definition }) => definition.name === name)) renames.set(name, found);
  }
  const taken = new Set([...renames.values()]);
  const open = missing.filter(({ definition }) => !renames.has(definition.name));
  const free = strays.filter((stray) => !taken.has(stray) && mayBeOurs(stray, ownership));
  for (const desired of open) {
    const candidates = free.filter((stray) => isSameButForName(desired, stray));
    const [former] = candidates;
    if (former === undefined || candidates.length > 1) continue;
    if (open.filter((other) => isSameButForName(other, former)).length > 1) continue;
    const { name } = desired.definition;
    if (ownership.kind === "recorded") renames.set(name, former);
    else findings.push(perhapsRenamed({ processor: name }, { former: former.name, name }));
  }
  return { renames, findings };
}

function mayBeOurs({ name }: RemoteProcessor, ownership: Ownership): boolean {
  return ownership.kind === "unrecorded" || ownership.own.has(name);
}
