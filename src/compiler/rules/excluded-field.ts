import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP1009.md, whose examples are run as tests. */
export const excludedField = defineFinding<{ owner: string; field: string; by: string }>("ASP1009", {
  severity: "error",
  message: ({ owner, field, by }) => `${owner} cannot have both ${quote(by)} and ${quote(field)}`,
  help: ({ field, by }) => `remove ${quote(field)}, or ${quote(by)}`,
});
