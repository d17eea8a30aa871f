import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP1017.md, whose examples are run as tests. */
export const sourceScope = defineFinding<{ field: string; needs: string }>("ASP1017", {
  severity: "error",
  message: ({ field, needs }) => `${quote(field)} of \`$source\` needs ${quote(needs)} beside it`,
  help: ({ needs }) => `add ${quote(needs)}`,
});
