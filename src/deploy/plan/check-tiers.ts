import { explainTier } from "../../compiler/explain-tier.ts";
import type { Environment } from "../../config/environment.ts";
import { defineFinding } from "../../diagnostics/define-finding.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { isTierName, tierNames } from "../../stages/tiers.ts";
import type { Desired } from "./desired.ts";
import type { WorkspaceDefaults } from "./remote.ts";

/** Documented in docs/errors/ASP6023.md. */
export const tierAboveLargest = defineFinding<{ tier: string; largest: string }>("ASP6023", {
  severity: "error",
  message: ({ tier, largest }) => `the workspace allows tiers up to ${largest}, and this processor is to have ${tier}`,
  help: "set a smaller `tier`, or raise the largest tier of the workspace",
});

/** Documented in docs/errors/ASP6029.md. */
export const tierGivenTooSmall = defineFinding<{ tier: string; refusal: string }>("ASP6029", {
  severity: "error",
  message: ({ tier }) => `this processor names no tier, gets ${tier}, and would not start there`,
  notes: ({ refusal }) => [refusal],
  help: "set `tier` for the processor or the environment",
});

/** What the workspace makes of a processor's tier; one that the project names was held against the processor when it was compiled. */
export function checkTiers(
  { definition, tier }: Desired,
  /** That of the processor as it is, where it is there. */
  present: string | undefined,
  { tier: given, maxTier }: WorkspaceDefaults,
  environment: Environment,
): readonly Finding[] {
  const at = { processor: definition.name };
  if (tier !== undefined) {
    const isAbove = isTierName(tier) && isTierName(maxTier) && tierNames.indexOf(tier) > tierNames.indexOf(maxTier);
    return isAbove ? [tierAboveLargest(at, { tier, largest: maxTier })] : [];
  }
  const gets = present ?? given;
  if (!isTierName(gets)) return [];
  const { refusal } = explainTier(definition, gets, environment);
  return refusal === undefined ? [] : [tierGivenTooSmall(at, { tier: gets, refusal })];
}
