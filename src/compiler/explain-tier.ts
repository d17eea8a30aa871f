import type { Environment } from "../config/environment.ts";
import type { Finding } from "../diagnostics/finding.ts";
import type { Definition } from "../stages/definition.ts";
import { tierNames, tiers, type TierName } from "../stages/tiers.ts";
import { checkTier, parallelismOf } from "./check-tier.ts";
import { child, rootCursor } from "./cursor.ts";
import { readWhole } from "./own-stages.ts";
import { readStages } from "./read-stages.ts";

/** Whether a processor may run on a tier. */
export interface TierEffect {
  /** Threads of all stages together, beyond the first of each. */
  readonly parallelism: number;
  /** Why the service refuses to start it there, in its words where they are known; undefined where it does not. */
  readonly refusal: string | undefined;
  readonly findings: readonly Finding[];
}

/** Compares what a definition asks for with a tier, whatever tier the definition or the environment names. */
export function explainTier(definition: Definition, tier: TierName, environment: Environment): TierEffect {
  const { tier: _, ...options } = definition.options ?? {};
  const value = { ...definition, options: { ...options, tier } };
  const root = rootCursor(value, { processor: definition.name, place: undefined, placeOf: () => undefined });
  const { stages } = readStages(child(root, "pipeline"), "main");
  const whole = readWhole(root, environment, stages);
  const findings = checkTier(whole);
  const parallelism = parallelismOf(whole.stages);
  return { parallelism, refusal: overParallelism(parallelism, tier) ?? findings[0]?.message, findings };
}

/** Source: asp-language 7.2, the wording. Where no tier is large enough, what it says is not documented. */
function overParallelism(requested: number, tier: TierName): string | undefined {
  const limit = tiers[tier].parallelism;
  if (requested <= limit) return undefined;
  const fits = tierNames.find((name) => tiers[name].parallelism >= requested);
  const way =
    fits === undefined
      ? "No tier is large enough for this workload."
      : `Minimum tier for this workload: ${fits} or larger.`;
  return `Operator parallelism requested exceeds limit for this tier. (Requested: ${requested}, Limit: ${limit}). ${way}`;
}

/** The state of windows may take so many bytes on a tier. Source: asp-language 7.3. */
export function stateLimitOf(tier: TierName): number {
  return Math.floor(tiers[tier].memoryGb * 2 ** 30 * 0.8);
}
