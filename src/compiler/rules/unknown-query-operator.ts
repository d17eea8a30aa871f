import { defineFinding } from "../../diagnostics/define-finding.ts";
import { didYouMean } from "../../diagnostics/suggest.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP1040.md, whose examples are run as tests. */
export const unknownQueryOperator = defineFinding<{ name: string; known: readonly string[] }>("ASP1040", {
  severity: "error",
  message: ({ name }) => `there is no query operator ${quote(name)}`,
  help: ({ name, known }) => didYouMean(name, known) ?? "wrap the document in `$eq` if it is data",
});
