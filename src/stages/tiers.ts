/** Tiers of the service, the smallest first. Source: Admin API, `streamConfig.tier`. */
export const tierNames = ["SP2", "SP5", "SP10", "SP30", "SP50"] as const;

export type TierName = (typeof tierNames)[number];

/** What a tier has, and what it allows a processor. Absent: no limit, or no price that is known. */
export interface Tier {
  readonly vCpus: number;
  /** In gigabytes of 2^30 bytes. */
  readonly memoryGb: number;
  /** Threads of all stages together, beyond the first of each. */
  readonly parallelism: number;
  readonly kafkaPartitions?: number;
  readonly initialSyncCollections: number;
  /** So many tables may a computed `tableName` of `$iceberg` give; absent where there is no `$iceberg`. Source: asp-language 1.13. */
  readonly icebergTables?: number;
  /** US dollars by Azure region; other regions and clouds have prices that no source here gives. */
  readonly pricePerHour: Readonly<Record<string, number>>;
}

const prices = (eastus: number, westus: number, westeurope: number) => ({
  eastus,
  eastus2: eastus,
  westus,
  westeurope,
});

/** Source: asp-language section 7.2. */
export const tiers: Readonly<Record<TierName, Tier>> = {
  SP2: {
    vCpus: 0.25,
    memoryGb: 0.5,
    parallelism: 1,
    kafkaPartitions: 32,
    initialSyncCollections: 1,
    pricePerHour: prices(0.055, 0.0689, 0.0631),
  },
  SP5: {
    vCpus: 0.5,
    memoryGb: 1,
    parallelism: 2,
    kafkaPartitions: 64,
    initialSyncCollections: 1,
    pricePerHour: prices(0.11, 0.1379, 0.1261),
  },
  SP10: {
    vCpus: 1,
    memoryGb: 2,
    parallelism: 8,
    initialSyncCollections: 5,
    icebergTables: 5,
    pricePerHour: prices(0.19, 0.251, 0.2653),
  },
  SP30: {
    vCpus: 2,
    memoryGb: 8,
    parallelism: 16,
    initialSyncCollections: 10,
    icebergTables: 10,
    pricePerHour: prices(0.39, 0.5152, 0.5445),
  },
  SP50: {
    vCpus: 8,
    memoryGb: 32,
    parallelism: 64,
    initialSyncCollections: 50,
    icebergTables: 50,
    pricePerHour: prices(1.56, 2.0606, 2.178),
  },
};

/** How many tables a computed `tableName` may give; where no tier says it, as many as the largest allows. */
export function icebergTablesOf(tier: TierName | undefined): number {
  const most = tier === undefined ? undefined : tiers[tier].icebergTables;
  return most ?? tiers.SP50.icebergTables ?? 0;
}

export function isTierName(value: unknown): value is TierName {
  return typeof value === "string" && Object.hasOwn(tiers, value);
}
