import { defineFinding } from "../../diagnostics/define-finding.ts";

/** Documented in docs/errors/ASP1015.md, whose examples are run as tests. */
export const validatorOperator = defineFinding<{ operator: string }>("ASP1015", {
  severity: "error",
  message: ({ operator }) => `\`$validate\` cannot use \`${operator}\``,
  help: "filter by it elsewhere, or with other operators",
});
