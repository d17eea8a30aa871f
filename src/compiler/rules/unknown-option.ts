import { defineFinding } from "../../diagnostics/define-finding.ts";
import { didYouMean } from "../../diagnostics/suggest.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP4048.md, whose examples are run as tests. */
export const unknownOption = defineFinding<{ option: string; known: readonly string[] }>("ASP4048", {
  severity: "warning",
  message: ({ option }) => `no documented option of a processor is called ${quote(option)}`,
  notes: ({ known }) => [`those that are documented: ${known.join(", ")}`],
  help: ({ option, known }) => didYouMean(option, known) ?? "remove it, unless the service told you of it",
});
