import { defineFinding } from "../../diagnostics/define-finding.ts";

/** Documented in docs/errors/ASP1022.md, whose examples are run as tests. */
export const notANumber = defineFinding<{ what: string; found: string }>("ASP1022", {
  severity: "error",
  message: ({ what, found }) => `${what} is ${found}`,
  notes: () => ["it comes from a JavaScript calculation that had no result"],
  help: "calculate with values that exist; for a NaN on purpose write `new Double(NaN)`",
});
