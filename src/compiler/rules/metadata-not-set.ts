import { defineFinding } from "../../diagnostics/define-finding.ts";
import { didYouMean } from "../../diagnostics/suggest.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP1049.md, whose examples are run as tests. */
export const metadataNotSet = defineFinding<{ path: string; known: readonly string[]; below: string }>("ASP1049", {
  severity: "warning",
  message: ({ path }) => `nothing sets the metadata ${quote(path)}`,
  notes: ({ below }) => [below],
  help: ({ path, known }) => didYouMean(path, known) ?? "set it with `$setStreamMeta` in a stage before",
});
