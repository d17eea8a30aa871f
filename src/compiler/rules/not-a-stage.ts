import { defineFinding } from "../../diagnostics/define-finding.ts";

/** Documented in docs/errors/ASP1002.md, whose examples are run as tests. */
export const notAStage = defineFinding<{ stage: number; found: string }>("ASP1002", {
  severity: "error",
  message: ({ stage, found }) => `stage ${stage} must be an object with one key, the name of the stage, not ${found}`,
  help: "write one object a stage, like `{ $match: { … } }`",
});
