import { defineFinding } from "../../diagnostics/define-finding.ts";

/** Documented in docs/errors/ASP1044.md, whose examples are run as tests. */
export const missingArgument = defineFinding<{ operator: string; name: string }>("ASP1044", {
  severity: "error",
  message: ({ operator, name }) => `\`${operator}\` needs \`${name}\``,
  help: ({ name }) => `add \`${name}\``,
});
