import { defineFinding } from "../../diagnostics/define-finding.ts";

/** Documented in docs/errors/ASP1023.md, whose examples are run as tests. */
export const classInstance = defineFinding<{ what: string; found: string }>("ASP1023", {
  severity: "error",
  message: ({ what, found }) => `${what} is ${found}, which is not a BSON value`,
  help: "use a plain object, or a BSON type exported by asp-toolkit",
});
