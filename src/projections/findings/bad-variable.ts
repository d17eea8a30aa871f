import { defineFinding } from "../../diagnostics/define-finding.ts";

/** A `$$variable` that an expression cannot use. Documented in docs/errors/ASP1116.md. */
export const badVariable = defineFinding<{ where: string; variable: string; why: string; help: string }>("ASP1116", {
  severity: "error",
  message: ({ where, variable, why }) => `${where} uses \`${variable}\`, ${why}`,
  help: ({ help }) => help,
});
