import { defineFinding } from "../diagnostics/define-finding.ts";
import type { Finding } from "../diagnostics/finding.ts";
import { didYouMean } from "../diagnostics/suggest.ts";
import { findCases } from "../testing/case/find-cases.ts";

/** Documented in docs/errors/ASP4151.md. */
export const unknownCase = defineFinding<{ name: string; known: readonly string[] }>("ASP4151", {
  severity: "error",
  message: ({ name }) => `no fixture case is named \`${name}\``,
  notes: ({ known }) => [known.length === 0 ? "there are no cases" : `there are: ${known.join(", ")}`],
  help: ({ name, known }) => didYouMean(name, known),
});

/** Documented in docs/errors/ASP4152.md. */
export const noCases = defineFinding<object>("ASP4152", {
  severity: "error",
  message: () => "there is no fixture case in test/fixtures/",
  help: "make a folder for one, with `given/` and `then/` in it",
});

/** The cases that were asked for, or all; a name that is not there is a finding, and so is having none at all. */
export async function findNamedCases(
  cwd: string,
  names: readonly string[],
): Promise<{ readonly cases: readonly string[]; readonly findings: readonly Finding[] }> {
  const known = await findCases(cwd);
  if (names.length === 0) return { cases: known, findings: known.length === 0 ? [noCases({}, {})] : [] };
  const findings = names.filter((name) => !known.includes(name)).map((name) => unknownCase({}, { name, known }));
  return { cases: known.filter((name) => names.includes(name)), findings };
}
