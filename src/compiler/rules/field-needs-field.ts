import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP1017.md, whose examples are run as tests. */
export const fieldNeedsField = defineFinding<{ owner: string; field: string; other: string }>("ASP1017", {
  severity: "error",
  message: ({ owner, field, other }) => `${quote(field)} of ${owner} needs ${quote(other)} beside it`,
  help: ({ field, other }) => `add ${quote(other)}, or remove ${quote(field)}`,
});
