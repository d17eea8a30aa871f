import { defineFinding } from "../../diagnostics/define-finding.ts";

/** No place to read events from. Documented in docs/errors/ASP1103.md. */
export const noEventSource = defineFinding<{ missing: readonly string[] }>("ASP1103", {
  severity: "error",
  message: () => "the projection does not know where its events are",
  notes: ({ missing }) => [`neither \`events\` of atlas.config.yaml nor \`source\` gives ${missing.join(", ")}`],
  help: "add an `events` block to atlas.config.yaml, or a `source` to the projection",
});
