import { defineFinding } from "../../diagnostics/define-finding.ts";

/** A variable that would hide one of the compiled projection's own. Documented in docs/errors/ASP1117.md. */
export const variableClash = defineFinding<{ where: string; variable: string }>("ASP1117", {
  severity: "error",
  message: ({ where, variable }) =>
    `${where} binds the variable \`${variable}\`, which the compiled projection uses itself`,
  help: "give the variable another name",
});
