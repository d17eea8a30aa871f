import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP2007.md, whose examples are run as tests. */
export const windowOnce = defineFinding<{ name: string; first: string; stage: number }>("ASP2007", {
  severity: "error",
  message: ({ name }) => `${quote(name)} is a second window stage, and a processor can have one`,
  notes: ({ first, stage }) => [`the first one is ${quote(first)}, stage ${stage}`],
  help: "write what the first window gives to a topic or a collection, and read it with a second processor",
});
