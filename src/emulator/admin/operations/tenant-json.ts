import type { Static } from "@sinclair/typebox";
import { tierNames, type TierName } from "../../../stages/tiers.ts";
import type { Project, Tenant, TenantRequest } from "../../project-types.ts";
import type { tenantRequest } from "../schemas/tenant.ts";
import { toConnection } from "./connection-json.ts";
import { invalidAttribute } from "./demand.ts";

/** What a workspace has whose request names none, as recorded. Source: asp-control-plane 1.6. */
const usualTier: TierName = "SP30";
const largestTier = tierNames.at(-1);

/** A workspace as the API shows it. Source: asp-control-plane 1.2, 1.6. */
export function toTenant(
  project: Project,
  { record, connections, hostname }: Tenant,
  includeConnections = false,
): object {
  const { id, name, dataProcessRegion, tier, maxTier, failoverRegions } = record;
  return {
    _id: id,
    ...(includeConnections ? { connections: connections.list().map(toConnection) } : {}),
    dataProcessRegion,
    failoverRegions,
    groupId: project.id,
    hostnames: hostname === "" ? [] : [hostname],
    name,
    // A limit that is none is left out, as recorded.
    streamConfig: maxTier === largestTier ? { tier } : { maxTierSize: maxTier, tier },
  };
}

/** @throws ApiError 400 for a region that the service does not have */
export function toTenantRequest(body: Static<typeof tenantRequest>): TenantRequest {
  const { name, dataProcessRegion, streamConfig, failoverRegions = [] } = body;
  if (!/^[\w.*-]{1,64}$/.test(name)) {
    throw invalidAttribute("name", "1 to 64 letters, digits, `_`, `-`, `.` and `*`");
  }
  if (reservedNames.includes(name)) throw invalidAttribute("name", "a path of the API has this name");
  checkRegion(dataProcessRegion);
  const tier = streamConfig?.tier ?? cap(usualTier, streamConfig?.maxTierSize);
  checkTiers(tier, streamConfig?.maxTierSize);
  return {
    name,
    dataProcessRegion,
    tier,
    ...(streamConfig?.maxTierSize && { maxTier: streamConfig.maxTierSize }),
    failoverRegions,
  };
}

/** A workspace of such a name could not be asked for. */
const reservedNames = [
  "accountDetails",
  "privateLinkConnections",
  "vpcPeeringConnections",
  "activeVpcPeeringConnections",
];

function cap(tier: TierName, largest: TierName | null | undefined): TierName {
  return largest && tierNames.indexOf(largest) < tierNames.indexOf(tier) ? largest : tier;
}

/** @throws ApiError 400 where a workspace's own tier is larger than the largest that it allows */
export function checkTiers(tier: TierName, largest: TierName | null | undefined): void {
  if (cap(tier, largest) === tier) return;
  throw invalidAttribute("streamConfig.tier", `${tier} is larger than maxTierSize, ${largest}`);
}

/** Source: asp-control-plane 1.2, the Atlas stream names of regions. */
const regions: Readonly<Record<string, readonly string[]>> = {
  AWS: [
    "SYDNEY_AUS",
    "MUMBAI_IND",
    "FRANKFURT_DEU",
    "DUBLIN_IRL",
    "LONDON_GBR",
    "VIRGINIA_USA",
    "OHIO_USA",
    "OREGON_USA",
    "SAOPAULO_BRA",
    "MONTREAL_CAN",
    "TOKYO_JPN",
    "SINGAPORE_SGP",
    "PARIS_FRA",
    "SEOUL_KOR",
  ],
  AZURE: ["eastus", "westus", "eastus2", "westeurope", "brazilsouth", "australiaeast"],
  GCP: ["US_CENTRAL1", "EUROPE_WEST1", "US_EAST4"],
};

/** @throws ApiError 400 */
export function checkRegion({ cloudProvider, region }: TenantRequest["dataProcessRegion"]): void {
  const known = regions[cloudProvider];
  if (known === undefined || known.includes(region)) return;
  throw invalidAttribute("dataProcessRegion", `${cloudProvider} has no region ${region}; it has ${known.join(", ")}`);
}
