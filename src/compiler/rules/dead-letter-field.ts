import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP1036.md, whose examples are run as tests. */
export const deadLetterField = defineFinding<{ path: string; right: string }>("ASP1036", {
  severity: "error",
  message: ({ path }) => `a dead letter has no field ${quote(path)}`,
  notes: () => ["its fields are _id, processorName, dlqTime, operatorName, errInfo, doc and _stream_meta"],
  help: ({ right }) => `read ${quote(right)}`,
});
