import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

interface Data {
  readonly what: string;
  readonly why: string;
  readonly right: string;
}

/** Documented in docs/errors/ASP4091.md, whose examples are run as tests. */
export const unreadableTime = defineFinding<Data>("ASP4091", {
  severity: "warning",
  message: ({ what }) => `\`timeField\` gets no date from ${quote(what)}`,
  notes: ({ why }) => [why],
  help: ({ right }) => right,
});
