import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP1047.md, whose examples are run as tests. */
export const badVariableName = defineFinding<{ name: string }>("ASP1047", {
  severity: "error",
  message: ({ name }) => (name === "" ? "a variable has no name" : `a variable cannot be called ${quote(name)}`),
  help: "begin with a lower-case letter, and go on with letters, digits and underscores",
});
