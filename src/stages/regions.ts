import type { Provider } from "./define-stage.ts";

/** Azure's regions that have Stream Processing, and what Atlas calls them for clusters. Source: asp-language section 10. */
const azure: ReadonlyMap<string, string> = new Map([
  ["eastus", "US_EAST"],
  ["eastus2", "US_EAST_2"],
  ["westus", "US_WEST"],
  ["westeurope", "EUROPE_WEST"],
  ["brazilsouth", "BRAZIL_SOUTH"],
  ["australiaeast", "AUSTRALIA_EAST"],
]);

/** Atlas's names of AWS regions where it processes data → AWS's own; not all that there are. Source: Admin API, `dataProcessRegion`. */
const aws: ReadonlyMap<string, string> = new Map([
  ["VIRGINIA_USA", "us-east-1"],
  ["OREGON_USA", "us-west-2"],
  ["DUBLIN_IRL", "eu-west-1"],
  ["LONDON_GBR", "eu-west-2"],
  ["FRANKFURT_DEU", "eu-central-1"],
  ["MUMBAI_IND", "ap-south-1"],
  ["SYDNEY_AUS", "ap-southeast-2"],
]);

/** The regions of a provider that are known here; undefined where the list would leave out too many. */
export function knownRegions(provider: Provider): readonly string[] | undefined {
  return provider === "AZURE" ? [...azure.keys()] : undefined;
}

/** The provider that a region's name is known of. */
export function providerOf(region: string): Provider | undefined {
  if (azure.has(region)) return "AZURE";
  return aws.has(region) ? "AWS" : undefined;
}

/** What the service calls a region that is written as Atlas calls it for clusters: `US_EAST_2` is `eastus2` on Azure. */
export function serviceRegion(provider: Provider, region: string): string | undefined {
  if (provider !== "AZURE") return undefined;
  return [...azure].find(([, cluster]) => cluster === region)?.[0];
}

/** AWS's own name of a region, however it is written: `VIRGINIA_USA`, `US_EAST_1`, `us-east-1`. Undefined for what is none. */
export function toAwsRegion(region: string): string | undefined {
  const own = aws.get(region) ?? region.toLowerCase().replaceAll("_", "-");
  return /^[a-z]{2}(?:-[a-z]+)+-\d$/.test(own) ? own : undefined;
}
