import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP2003.md, whose examples are run as tests. */
export const sinkNotLast = defineFinding<{ sink: string; after: readonly string[] }>("ASP2003", {
  severity: "error",
  message: ({ sink }) => `${quote(sink)} must be the last stage`,
  notes: ({ after }) => [`these stages would never see a document: ${after.join(", ")}`],
  help: "move the sink to the end, or split the pipeline into two processors",
});
