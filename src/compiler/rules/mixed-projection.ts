import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP1065.md, whose examples are run as tests. */
export const mixedProjection = defineFinding<{ kept: string; dropped: string }>("ASP1065", {
  severity: "error",
  message: ({ kept, dropped }) => `\`$project\` keeps ${quote(kept)} and drops ${quote(dropped)}`,
  notes: () => ["what is not named is dropped where fields are kept, and kept where fields are dropped"],
  help: ({ dropped }) => `remove ${quote(dropped)}, or drop it in a stage of its own`,
});
