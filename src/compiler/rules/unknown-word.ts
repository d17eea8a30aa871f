import { defineFinding } from "../../diagnostics/define-finding.ts";
import { didYouMean } from "../../diagnostics/suggest.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP1008.md, whose examples are run as tests. */
export const unknownWord = defineFinding<{
  what: string;
  found: string;
  words: readonly string[];
  right?: string | undefined;
}>("ASP1008", {
  severity: "error",
  message: ({ what, found }) => `${what} cannot be ${quote(found)}`,
  notes: ({ words }) => [`it can be ${words.join(", ")}`],
  help: ({ found, words, right }) => right ?? didYouMean(found, words),
});
