import { defineFinding } from "../../diagnostics/define-finding.ts";
import { tierHelp, tierNotes } from "../tier-advice.ts";
import type { TierAdvice } from "../tier-advice.ts";

/** Documented in docs/errors/ASP4036.md, whose examples are run as tests. */
export const cacheOverTier = defineFinding<{ bytes: number; limit: number; advice: TierAdvice }>("ASP4036", {
  severity: "error",
  message: ({ bytes, advice }) =>
    `\`maxMemUsageBytes\` is ${bytes}, which is more than an eighth of the memory of tier \`${advice.given.name}\``,
  notes: ({ advice }) => tierNotes(advice),
  help: ({ limit, advice }) => tierHelp(advice, `set it to ${limit} or less`),
});
