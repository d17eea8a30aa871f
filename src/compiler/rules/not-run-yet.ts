import { defineFinding } from "../../diagnostics/define-finding.ts";

/** Documented in docs/errors/ASP5001.md, whose examples are run as tests. */
export const notRunYet = defineFinding<{ what: readonly string[]; why?: readonly string[] }>("ASP5001", {
  severity: "info",
  message: ({ what }) => `this version of asp does not run ${inWords(what)} yet`,
  notes: ({ why = [] }) => ["Atlas Stream Processing has it, and it is checked like every other stage", ...why],
  help: "keep this processor out of `asp run`, `test` and `replay` for now",
});

function inWords(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
