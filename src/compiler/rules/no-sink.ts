import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP2004.md, whose examples are run as tests. */
export const noSink = defineFinding<{ last: string }>("ASP2004", {
  severity: "error",
  message: ({ last }) => `the pipeline ends with ${quote(last)}, which writes nothing`,
  help: "end the pipeline with a sink, like `{ $merge: { into: { … } } }`",
});
