import { defineFinding } from "../../diagnostics/define-finding.ts";

/** Documented in docs/errors/ASP1043.md, whose examples are run as tests. */
export const wrongArgument = defineFinding<{ what: string; expected: string; found: string }>("ASP1043", {
  severity: "error",
  message: ({ what, expected, found }) => `${what} must be ${expected}, not ${found}`,
});
