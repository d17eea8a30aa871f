import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP5010.md, whose examples are run as tests. */
export const newerServer = defineFinding<{ operator: string; needs: string; version: string }>("ASP5010", {
  severity: "error",
  message: ({ operator, needs, version }) => `${quote(operator)} needs mongod ${needs}, and this one is ${version}`,
  help: ({ needs }) => `use a mongod of ${needs} or newer, see \`asp doctor\``,
});
