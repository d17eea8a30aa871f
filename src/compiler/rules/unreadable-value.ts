import { defineFinding } from "../../diagnostics/define-finding.ts";

/** Documented in docs/errors/ASP1025.md, whose examples are run as tests. */
export const unreadableValue = defineFinding<{ what: string; reason: string }>("ASP1025", {
  severity: "error",
  message: ({ what, reason }) => `${what} cannot be read: ${reason}`,
});
