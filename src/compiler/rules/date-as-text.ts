import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP3002.md, whose examples are run as tests. */
export const dateAsText = defineFinding<{ what: string; text: string; type: "date" | "timestamp" }>("ASP3002", {
  severity: "warning",
  message: ({ what, text, type }) => `${quote(what)} is a ${type}, and ${quote(text)} is a text`,
  notes: ({ type }) => [`a text is never equal to a ${type}, and every text comes before every ${type}`],
  help: ({ text, type }) =>
    type === "date"
      ? `write \`new Date(${JSON.stringify(text)})\``
      : `write \`new Timestamp({ t: Date.parse(${JSON.stringify(text)}) / 1000, i: 0 })\``,
});
