import { isTierName, tiers } from "../../stages/tiers.ts";

/** The tier of a processor before and after a step, with what an hour costs where that is known, in US dollars. */
export interface TierChange {
  readonly before?: string;
  readonly after?: string;
  readonly hourlyBefore?: number;
  readonly hourlyAfter?: number;
}

/** Prices are known for some regions of one cloud; a tier nobody knows has none. */
export function toTierChange(
  before: string | undefined,
  after: string | undefined,
  region: string | undefined,
): TierChange {
  const [hourlyBefore, hourlyAfter] = [priceOf(before, region), priceOf(after, region)];
  return {
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
    ...(hourlyBefore !== undefined && { hourlyBefore }),
    ...(hourlyAfter !== undefined && { hourlyAfter }),
  };
}

function priceOf(tier: string | undefined, region = ""): number | undefined {
  if (!isTierName(tier)) return undefined;
  const { pricePerHour } = tiers[tier];
  return Object.hasOwn(pricePerHour, region) ? pricePerHour[region] : undefined;
}
