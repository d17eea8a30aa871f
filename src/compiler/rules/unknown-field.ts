import { defineFinding } from "../../diagnostics/define-finding.ts";
import { didYouMean } from "../../diagnostics/suggest.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP1006.md, whose examples are run as tests. */
export const unknownField = defineFinding<{
  owner: string;
  field: string;
  known: readonly string[];
  right?: string | undefined;
}>("ASP1006", {
  severity: "error",
  message: ({ owner, field }) => `${owner} has no field ${quote(field)}`,
  notes: ({ known }) => (known.length === 0 ? [] : [`its fields are ${known.join(", ")}`]),
  help: ({ field, known, right }) => right ?? didYouMean(field, known),
});
