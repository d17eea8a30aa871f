import { defineFinding } from "../../diagnostics/define-finding.ts";
import { tierHelp, tierNotes } from "../tier-advice.ts";
import type { TierAdvice } from "../tier-advice.ts";

/** Documented in docs/errors/ASP4035.md, whose examples are run as tests. */
export const partitionsOverTier = defineFinding<{ count: number; limit: number; advice: TierAdvice }>("ASP4035", {
  severity: "error",
  message: ({ count, limit, advice }) =>
    `\`$source\` is to read ${count} partitions, and tier \`${advice.given.name}\` reads at most ${limit}`,
  notes: ({ advice }) => tierNotes(advice),
  help: ({ advice }) => tierHelp(advice, "write several processors with fewer partitions each"),
});
