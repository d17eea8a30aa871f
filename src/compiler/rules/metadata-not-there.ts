import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP1050.md, whose examples are run as tests. */
export const metadataNotThere = defineFinding<{ path: string; exists: string }>("ASP1050", {
  severity: "warning",
  message: ({ path }) => `the metadata ${quote(path)} is not there in this stage`,
  notes: ({ exists }) => [`it is there ${exists}`],
});
