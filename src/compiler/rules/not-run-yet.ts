import { defineFinding } from "../../diagnostics/define-finding.ts";

/** Documented in docs/errors/ASP5001.md, whose examples are run as tests. */
export const notRunYet = defineFinding<{ what: string }>("ASP5001", {
  severity: "info",
  message: ({ what }) => `${what} is not run by this version of asp yet`,
  notes: () => ["Atlas Stream Processing has it, and it is checked like every other stage"],
  help: "keep this processor out of `asp run`, `test` and `replay` for now",
});
