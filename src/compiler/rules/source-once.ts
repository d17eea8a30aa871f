import { defineFinding } from "../../diagnostics/define-finding.ts";

/** Documented in docs/errors/ASP2002.md, whose examples are run as tests. */
export const sourceOnce = defineFinding<{ stage: number }>("ASP2002", {
  severity: "error",
  message: ({ stage }) => `\`$source\` stands at stage ${stage} too, and a processor has one source, its first stage`,
  help: "write one processor for each source",
});
