import { withoutSuffix } from "../../deploy/plan/preview-names.ts";
import { defineFinding } from "../../diagnostics/define-finding.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { didYouMean } from "../../diagnostics/suggest.ts";
import type { Workspace } from "./open-workspace.ts";

interface UnknownName {
  /** As the workspace would have it. */
  readonly name: string;
  readonly typed: string;
  readonly label: string;
  /** Names that could have been typed. */
  readonly known: readonly string[];
  readonly suffix: string | undefined;
}

/** Documented in docs/errors/ASP6072.md. */
export const noSuchProcessor = defineFinding<UnknownName>("ASP6072", {
  severity: "error",
  message: ({ name, label }) => `there is no processor \`${name}\` in ${label}`,
  notes: ({ known, suffix }) => {
    const which = suffix === undefined ? "" : `with \`--suffix ${suffix}\` `;
    return [known.length === 0 ? `${which}it has no processors` : `${which}there are: ${known.join(", ")}`];
  },
  help: ({ typed, known }) => didYouMean(typed, known),
});

/** A finding for each name that the workspace does not have; it is asked only where there may be one. */
export async function findUnknown(names: readonly string[], workspace: Workspace): Promise<readonly Finding[]> {
  if (names.length === 0) return [];
  const there = (await workspace.target.processors()).map(({ name }) => name);
  return unknownAmong(names, there, workspace);
}

export function unknownAmong(
  names: readonly string[],
  there: readonly string[],
  { target: { label }, suffix }: Workspace,
): readonly Finding[] {
  const known = there.flatMap((name) => withoutSuffix(name, suffix) ?? []);
  return names
    .filter((name) => !there.includes(name))
    .map((name) => noSuchProcessor({}, { name, typed: withoutSuffix(name, suffix) ?? name, label, known, suffix }));
}
