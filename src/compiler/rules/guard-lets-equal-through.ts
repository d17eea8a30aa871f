import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP1062.md, whose examples are run as tests. */
export const guardLetsEqualThrough = defineFinding<{ field: string | undefined; mark: string }>("ASP1062", {
  severity: "warning",
  message: ({ field, mark }) =>
    `the guard of ${field === undefined ? "the document" : quote(field)} lets a document through whose ${quote(mark)} is already stored`,
  notes: () => ["a document that is delivered again is as new as what is stored, not older"],
  help: "compare with `$gt`, so that only what is newer is applied",
});
