import { defineFinding } from "../../diagnostics/define-finding.ts";
import { tierHelp, tierNotes } from "../tier-advice.ts";
import type { TierAdvice } from "../tier-advice.ts";

/** Documented in docs/errors/ASP4032.md, whose examples are run as tests. */
export const parallelismOverTier = defineFinding<{
  sum: number;
  limit: number;
  asked: readonly { readonly stage: string; readonly value: number }[];
  advice: TierAdvice;
}>("ASP4032", {
  severity: "error",
  message: ({ sum, limit, advice }) =>
    `the stages ask for ${threads(sum)} beyond the first of each, and tier \`${advice.given.name}\` gives ${limit}`,
  notes: ({ asked, advice }) => [
    `parallelism: ${asked.map(({ stage, value }) => `${value} in ${stage}`).join(", ")}`,
    ...tierNotes(advice),
  ],
  help: ({ limit, advice }) => tierHelp(advice, `lower \`parallelism\` until no more than ${limit} are left`),
});

function threads(count: number): string {
  return count === 1 ? "1 thread" : `${count} threads`;
}
