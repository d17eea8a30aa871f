import { defineFinding } from "../../diagnostics/define-finding.ts";

/** Documented in docs/errors/ASP1007.md, whose examples are run as tests. */
export const wrongType = defineFinding<{
  what: string;
  expected: string;
  found: string;
  right?: string | undefined;
}>("ASP1007", {
  severity: "error",
  message: ({ what, expected, found }) => `${what} must be ${expected}, not ${found}`,
  help: ({ right }) => right,
});
