import { tierNames, tiers } from "../stages/tiers.ts";
import type { Tier, TierName } from "../stages/tiers.ts";

/** The tier that a processor gets, and why. */
export interface GivenTier {
  readonly name: TierName;
  /** Absent where the processor names it itself. */
  readonly environment?: string;
  /** Region of the workspace, where that is known. */
  readonly region?: string;
}

/** A tier that is too small, and the smallest that is not; undefined where none is large enough. */
export interface TierAdvice {
  readonly given: GivenTier;
  readonly fits: TierName | undefined;
}

/** Undefined where the tier fits. */
export function adviseTier(given: GivenTier, fits: (tier: Tier, name: TierName) => boolean): TierAdvice | undefined {
  if (fits(tiers[given.name], given.name)) return undefined;
  return { given, fits: tierNames.find((name) => fits(tiers[name], name)) };
}

/** Where the tier is from, and what another one costs. */
export function tierNotes({ given, fits }: TierAdvice): readonly string[] {
  const { name, environment } = given;
  const from = environment === undefined ? [] : [`\`${name}\` is the tier of the environment \`${environment}\``];
  return [...from, fits === undefined ? "no tier is large enough" : smallest(given, fits)];
}

function smallest({ name, region = "" }: GivenTier, fits: TierName): string {
  const note = `the smallest tier that fits is ${fits}`;
  const [price, present] = [priceIn(fits, region), priceIn(name, region)];
  if (price === undefined || present === undefined) return note;
  return `${note}: $${price} an hour in ${region}, where ${name} costs $${present}`;
}

function priceIn(name: TierName, region: string): string | undefined {
  const { pricePerHour } = tiers[name];
  return Object.hasOwn(pricePerHour, region) ? pricePerHour[region]?.toFixed(4) : undefined;
}

/** One imperative; `otherwise` is what to do with the tier as it is. */
export function tierHelp({ fits }: TierAdvice, otherwise: string): string {
  return fits === undefined ? otherwise : `set \`options.tier\` to "${fits}", or ${otherwise}`;
}
