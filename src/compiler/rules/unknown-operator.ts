import { defineFinding } from "../../diagnostics/define-finding.ts";
import { didYouMean } from "../../diagnostics/suggest.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP1030.md, whose examples are run as tests. */
export const unknownOperator = defineFinding<{ name: string; known: readonly string[]; instead?: string | undefined }>(
  "ASP1030",
  {
    severity: "error",
    message: ({ name }) => `there is no operator ${quote(name)}`,
    help: ({ name, known, instead }) => instead ?? didYouMean(name, known) ?? "wrap it in `$literal` if it is data",
  },
);
