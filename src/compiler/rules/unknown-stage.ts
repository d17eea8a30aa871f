import { defineFinding } from "../../diagnostics/define-finding.ts";
import { didYouMean } from "../../diagnostics/suggest.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP1003.md, whose examples are run as tests. */
export const unknownStage = defineFinding<{ name: string; known: readonly string[] }>("ASP1003", {
  severity: "error",
  message: ({ name }) => `there is no stage ${quote(name)}`,
  help: ({ name, known }) => didYouMean(name, known),
});
