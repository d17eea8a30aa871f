import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP1061.md, whose examples are run as tests. */
export const guardNotSet = defineFinding<{ field: string | undefined; mark: string }>("ASP1061", {
  severity: "warning",
  message: ({ field, mark }) =>
    `the guard of ${field === undefined ? "the document" : quote(field)} compares ${quote(mark)}, which \`whenMatched\` does not set`,
  notes: () => ["so the comparison comes out the same when the document is delivered again"],
  help: ({ mark }) => `set ${quote(mark)} to what it is compared with, in the same \`whenMatched\``,
});
