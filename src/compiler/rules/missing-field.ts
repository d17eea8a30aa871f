import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP1005.md, whose examples are run as tests. */
export const missingField = defineFinding<{ owner: string; field: string }>("ASP1005", {
  severity: "error",
  message: ({ owner, field }) => `${owner} needs ${quote(field)}`,
  help: ({ field }) => `add ${quote(field)}`,
});
