import { defineFinding } from "../../diagnostics/define-finding.ts";
import { didYouMean } from "../../diagnostics/suggest.ts";
import { quote } from "../quote.ts";

interface Data {
  readonly operator: string;
  readonly name: string;
  readonly known: readonly string[];
}

/** Documented in docs/errors/ASP1045.md, whose examples are run as tests. */
export const unknownArgument = defineFinding<Data>("ASP1045", {
  severity: "error",
  message: ({ operator, name }) => `\`${operator}\` has no argument ${quote(name)}`,
  notes: ({ known }) => (known.length === 0 ? [] : [`it also takes ${known.map(quote).join(", ")}`]),
  help: ({ name, known }) => didYouMean(name, known) ?? `remove ${quote(name)}`,
});
