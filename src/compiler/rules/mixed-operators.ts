import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP1052.md, whose examples are run as tests. */
export const mixedOperators = defineFinding<{ operator: string; others: readonly string[] }>("ASP1052", {
  severity: "error",
  message: ({ operator, others }) =>
    `the operator ${quote(operator)} cannot stand beside ${others.slice(0, 5).map(quote).join(", ")}`,
  help: ({ others }) =>
    others.some((key) => key.startsWith("$"))
      ? "put one operator into the other, or into documents of their own"
      : "put the operator into a document of its own",
});
