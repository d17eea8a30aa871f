import { defineFinding } from "../../diagnostics/define-finding.ts";

/** Documented in docs/errors/ASP1057.md, whose examples are run as tests. */
export const emptyDocument = defineFinding<{ stage: string }>("ASP1057", {
  severity: "error",
  message: ({ stage }) => `\`${stage}\` cannot set a field to an empty document`,
  help: "write `{ $literal: {} }`",
});
