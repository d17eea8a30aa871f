import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP2006.md, whose examples are run as tests. */
export const stageInWrongContext = defineFinding<{
  stage: string;
  where: string;
  allowed: readonly string[];
  help: string | undefined;
}>("ASP2006", {
  severity: "error",
  message: ({ stage, where }) => `${quote(stage)} cannot stand in ${where}`,
  // Where most stages can stand the list would help nobody.
  notes: ({ allowed }) => (allowed.length > 10 ? [] : [`stages that can: ${allowed.join(", ")}`]),
  help: ({ help }) => help,
});
