import type { Target } from "../../deploy/targets/target.ts";
import { defineFinding } from "../../diagnostics/define-finding.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { didYouMean } from "../../diagnostics/suggest.ts";

/** Documented in docs/errors/ASP6072.md. */
export const noSuchProcessor = defineFinding<{ name: string; label: string; known: readonly string[] }>("ASP6072", {
  severity: "error",
  message: ({ name, label }) => `there is no processor \`${name}\` in ${label}`,
  notes: ({ known }) => [known.length === 0 ? "it has no processors" : `there are: ${known.join(", ")}`],
  help: ({ name, known }) => didYouMean(name, known),
});

/** A finding for each name that the workspace does not have; it is asked only where there may be one. */
export async function findUnknown(names: readonly string[], target: Target): Promise<readonly Finding[]> {
  if (names.length === 0) return [];
  const known = (await target.processors()).map(({ name }) => name);
  return unknownAmong(names, known, target.label);
}

export function unknownAmong(names: readonly string[], known: readonly string[], label: string): readonly Finding[] {
  return names.filter((name) => !known.includes(name)).map((name) => noSuchProcessor({}, { name, label, known }));
}
