import { defineFinding } from "../../diagnostics/define-finding.ts";

/** Documented in docs/errors/ASP1021.md, whose examples are run as tests. */
export const notAValue = defineFinding<{ what: string; found: string }>("ASP1021", {
  severity: "error",
  message: ({ what, found }) => `${what} is ${found}, which no BSON document can hold`,
  help: ({ found }) =>
    found === "a function" ? "call it, or write the computation as an MQL expression" : "write a BSON value",
});
