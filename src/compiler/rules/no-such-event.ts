import { defineFinding } from "../../diagnostics/define-finding.ts";
import { didYouMean } from "../../diagnostics/suggest.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP4074.md, whose examples are run as tests. */
export const noSuchEvent = defineFinding<{ type: string; known: readonly string[] }>("ASP4074", {
  severity: "warning",
  message: ({ type }) => `there is a handler for ${quote(type)}, and no event of that type`,
  notes: ({ known }) => [`events: ${known.slice(0, 20).join(", ")}${known.length > 20 ? " …" : ""}`],
  help: ({ type, known }) => didYouMean(type, known) ?? "add the event to the union, or take the handler out",
});
