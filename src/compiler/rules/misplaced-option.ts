import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP1010.md, whose examples are run as tests. */
export const misplacedOption = defineFinding<{ owner: string; field: string; under: string; form: string }>("ASP1010", {
  severity: "error",
  message: ({ owner, field, under }) => `${quote(field)} of ${owner} belongs under ${quote(under)}`,
  help: ({ form }) => `write \`${form}\``,
});
