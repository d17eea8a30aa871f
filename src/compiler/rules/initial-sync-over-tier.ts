import { defineFinding } from "../../diagnostics/define-finding.ts";
import { tierHelp, tierNotes } from "../tier-advice.ts";
import type { TierAdvice } from "../tier-advice.ts";

/** Documented in docs/errors/ASP4033.md, whose examples are run as tests. */
export const initialSyncOverTier = defineFinding<{ count: number; limit: number; advice: TierAdvice }>("ASP4033", {
  severity: "error",
  message: ({ count, limit, advice }) =>
    `\`initialSync\` is to copy ${count} collections, and tier \`${advice.given.name}\` copies at most ${limit}`,
  notes: ({ advice }) => tierNotes(advice),
  help: ({ advice }) => tierHelp(advice, "write several processors with fewer collections each"),
});
