import { defineFinding } from "../../diagnostics/define-finding.ts";
import { tierHelp, tierNotes } from "../tier-advice.ts";
import type { TierAdvice } from "../tier-advice.ts";

/** Documented in docs/errors/ASP4034.md, whose examples are run as tests. */
export const tierTooSmall = defineFinding<{ what: string; advice: TierAdvice }>("ASP4034", {
  severity: "error",
  message: ({ what, advice }) => `${what} does not run on tier \`${advice.given.name}\``,
  notes: ({ advice }) => tierNotes(advice),
  help: ({ advice }) => tierHelp(advice, "do without it"),
});
