import type { Finding, Place } from "../diagnostics/finding.ts";
import type { Definition } from "../stages/definition.ts";

/** What the rules over a whole project see of each processor. */
export interface ProjectMember {
  readonly name?: string;
  readonly definition?: Definition;
}

/**
 * Checks a project's processors against each other.
 *
 * Two of one name are found by the loader, which knows both files. Nothing else is checked across processors yet: this is
 * where rules over the whole project are called from.
 */
export function checkProject(
  _processors: readonly ProjectMember[],
  _context: { readonly at: (value: object) => Place | undefined },
): readonly Finding[] {
  return [];
}
