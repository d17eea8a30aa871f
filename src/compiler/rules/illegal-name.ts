import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP1014.md, whose examples are run as tests. */
export const illegalName = defineFinding<{ what: string; name: string; reason: string }>("ASP1014", {
  severity: "error",
  message: ({ what, name, reason }) => `${what} cannot be ${quote(name)}: ${reason}`,
});
