import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP4073.md, whose examples are run as tests. */
export const noHandler = defineFinding<{ type: string; projections: readonly string[] }>("ASP4073", {
  severity: "warning",
  message: ({ type }) => `no projection handles ${quote(type)}`,
  notes: ({ projections }) => [`projections over these events: ${projections.map(quote).join(", ")}`],
  help: ({ type }) => `add a handler for ${quote(type)} to one of them, or take it out of the union`,
});
