import { defineFinding } from "../../diagnostics/define-finding.ts";

/** Documented in docs/errors/ASP1026.md, whose examples are run as tests. */
export const badExtendedJson = defineFinding<{ what: string; wrapper: string; reason: string }>("ASP1026", {
  severity: "error",
  message: ({ what, wrapper, reason }) => `${what} is not a valid \`${wrapper}\` of Extended JSON: ${reason}`,
});
