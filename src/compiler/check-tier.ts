import type { Finding } from "../diagnostics/finding.ts";
import type { TierLimit } from "../stages/define-stage.ts";
import { isTierName, tierNames, tiers } from "../stages/tiers.ts";
import type { Tier, TierName } from "../stages/tiers.ts";
import { at, holds } from "./check-relations.ts";
import { atOf, child, descend } from "./cursor.ts";
import type { Cursor } from "./cursor.ts";
import { toNumber } from "./kinds.ts";
import { demandOf } from "./own-stages.ts";
import type { WholeProcessor } from "./own-stages.ts";
import { labelOf } from "./read-stages.ts";
import type { LocatedStage } from "./read-stages.ts";
import { cacheOverTier } from "./rules/cache-over-tier.ts";
import { initialSyncOverTier } from "./rules/initial-sync-over-tier.ts";
import { parallelismOverTier } from "./rules/parallelism-over-tier.ts";
import { partitionsOverTier } from "./rules/partitions-over-tier.ts";
import { tierTooSmall } from "./rules/tier-too-small.ts";
import { adviseTier } from "./tier-advice.ts";
import type { GivenTier } from "./tier-advice.ts";

/**
 * Checks what a processor asks of its tier: `options.tier`, or that of the environment. Where neither says one, nothing is checked.
 *
 * Source: asp-language section 7.2.
 */
export function checkTier({ root, environment, stages }: WholeProcessor): readonly Finding[] {
  const { tier, region } = environment.settings ?? {};
  const own = descend(root, ["options", "tier"]).value;
  const name = own === undefined ? tier : own;
  if (!isTierName(name)) return [];
  const given: GivenTier = {
    name,
    ...(own === undefined ? { environment: environment.name } : {}),
    ...(region === undefined ? {} : { region }),
  };
  return [
    ...checkParallelism(stages, given),
    ...stages.flatMap((stage) => [
      ...checkLeastTier(stage, given),
      ...(demandOf(stage, "tierLimits") ?? []).flatMap((limit) => checkLimit(limit, stage.args, given) ?? []),
    ]),
    ...checkFailover(descend(root, ["options", "failoverEnabled"]), given),
  ];
}

/** The sum over all stages of what each asks for beyond its first thread; the finding stands at the largest. */
function checkParallelism(stages: readonly LocatedStage[], given: GivenTier): readonly Finding[] {
  const asked = askedParallelism(stages);
  const sum = sumOf(asked);
  const advice = adviseTier(given, ({ parallelism }) => parallelism >= sum);
  const [largest] = asked.toSorted((a, b) => b.value - a.value);
  if (advice === undefined || largest === undefined) return [];
  const limit = tiers[given.name].parallelism;
  return [parallelismOverTier(atOf(largest.cursor), { sum, limit, asked, advice })];
}

/** Threads of all stages together, beyond the first of each. */
export function parallelismOf(stages: readonly LocatedStage[]): number {
  return sumOf(askedParallelism(stages));
}

function sumOf(asked: readonly { readonly value: number }[]): number {
  return asked.reduce((total, { value }) => total + value - 1, 0);
}

interface Asked {
  readonly stage: string;
  readonly cursor: Cursor;
  readonly value: number;
}

function askedParallelism(stages: readonly LocatedStage[]): readonly Asked[] {
  return stages.flatMap((stage) =>
    stage.described().flatMap(({ schema, cursor }) => {
      const value = schema.isParallelism === true ? (toNumber(cursor.value) ?? 1) : 1;
      return value > 1 && Number.isInteger(value) ? [{ stage: labelOf(stage), cursor, value }] : [];
    }),
  );
}

function checkLeastTier(stage: LocatedStage, given: GivenTier): readonly Finding[] {
  const leastTier = demandOf(stage, "leastTier");
  if (leastTier === undefined) return [];
  const what = labelOf(stage);
  const advice = adviseTier(given, isAtLeast(leastTier));
  return advice === undefined ? [] : [tierTooSmall(atOf(stage.stage), { what, advice })];
}

/** The smallest tier that can fail over to another region. Source: asp-language section 7.1. */
const leastFailoverTier: TierName = "SP10";

function checkFailover(failover: Cursor, given: GivenTier): readonly Finding[] {
  if (failover.value !== true) return [];
  const advice = adviseTier(given, isAtLeast(leastFailoverTier));
  return advice === undefined ? [] : [tierTooSmall(atOf(failover), { what: "`failoverEnabled` of `options`", advice })];
}

function isAtLeast(least: TierName): (tier: Tier, name: TierName) => boolean {
  return (_, name) => tierNames.indexOf(name) >= tierNames.indexOf(least);
}

function checkLimit(limit: TierLimit, args: Cursor, given: GivenTier): Finding | undefined {
  const tier = tiers[given.name];
  switch (limit.kind) {
    case "initialSyncCollections": {
      const names = at(args, limit.field);
      if (!holds(args, limit.when) || !Array.isArray(names.value)) return undefined;
      const count = new Set(names.value).size;
      const advice = adviseTier(given, ({ initialSyncCollections }) => initialSyncCollections >= count);
      const most = tier.initialSyncCollections;
      return advice && initialSyncOverTier(atOf(names), { count, limit: most, advice });
    }
    case "kafkaPartitions": {
      const [first, last] = [toNumber(at(args, limit.first).value) ?? 0, toNumber(at(args, limit.last).value)];
      if (last === undefined) return undefined;
      const count = last - first + 1;
      const advice = adviseTier(given, ({ kafkaPartitions = Number.POSITIVE_INFINITY }) => kafkaPartitions >= count);
      const most = tier.kafkaPartitions ?? count;
      return advice && partitionsOverTier(atOf(at(args, limit.last)), { count, limit: most, advice });
    }
    case "memoryShare": {
      const bytes = toNumber(at(args, limit.field).value);
      if (bytes === undefined) return undefined;
      const most = (memoryGb: number): number => memoryGb * 2 ** 30 * limit.share;
      const advice = adviseTier(given, ({ memoryGb }) => most(memoryGb) >= bytes);
      return advice && cacheOverTier(atOf(child(args, limit.field)), { bytes, limit: most(tier.memoryGb), advice });
    }
  }
}
