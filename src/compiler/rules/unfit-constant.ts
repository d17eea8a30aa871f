import { defineFinding } from "../../diagnostics/define-finding.ts";

/** Documented in docs/errors/ASP1064.md, whose examples are run as tests. */
export const unfitConstant = defineFinding<{
  what: string;
  expected: string;
  found: string;
  help?: string | undefined;
}>("ASP1064", {
  severity: "error",
  message: ({ what, expected, found }) => `${what} must be ${expected}, not ${found}`,
  help: ({ help }) => help,
});
