import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP2008.md, whose examples are run as tests. */
export const windowWithInitialSync = defineFinding<{ name: string }>("ASP2008", {
  severity: "error",
  message: ({ name }) => `${quote(name)} cannot stand in a processor whose \`$source\` has \`initialSync\``,
  help: "leave `initialSync` out, or aggregate what is stored already with a pipeline of its own",
});
