import { defineFinding } from "../../diagnostics/define-finding.ts";
import { didYouMean } from "../../diagnostics/suggest.ts";
import { quote } from "../quote.ts";

interface Data {
  readonly variable: string;
  /** Where a variable of this name exists, if it does anywhere. */
  readonly exists: string | undefined;
  /** What to write for a variable of the server that is meant. */
  readonly instead: string | undefined;
  readonly known: readonly string[];
}

/** Documented in docs/errors/ASP1046.md, whose examples are run as tests. */
export const undefinedVariable = defineFinding<Data>("ASP1046", {
  severity: "error",
  message: ({ variable }) => `the variable ${quote(variable)} is not defined here`,
  notes: ({ variable, exists }) => (exists === undefined ? [] : [`${quote(variable)} exists ${exists}`]),
  help: ({ variable, known, instead }) =>
    didYouMean(variable, known) ??
    instead ??
    `define it with \`$let\`, or write \`${printableField(variable)}\` for a field`,
});

function printableField(variable: string): string {
  return quote(variable.slice(1)).slice(1, -1);
}
