import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP1067.md, whose examples are run as tests. */
export const badPattern = defineFinding<{ pattern: string; fault: string }>("ASP1067", {
  severity: "error",
  message: ({ pattern, fault }) => `the server cannot read the pattern ${quote(pattern)}: ${fault}`,
  notes: () => ["the server reads patterns as PCRE does, not as JavaScript"],
  help: ({ fault }) => (fault.includes("\\u") ? "write the character itself, or `\\x{…}`" : undefined),
});
