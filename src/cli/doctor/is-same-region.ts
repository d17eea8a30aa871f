import type { Provider } from "../../stages/define-stage.ts";
import { providerOf, serviceRegion, toAwsRegion } from "../../stages/regions.ts";

/**
 * Whether two names mean one region: Stream Processing, clusters and clouds write them differently. Undefined where that is not known.
 *
 * @param provider undefined: as the names themselves tell
 */
export function isSameRegion(provider: Provider | undefined, one: string, other: string): boolean | undefined {
  if (one === other) return true;
  const cloud = provider ?? providerOf(one) ?? providerOf(other);
  if (cloud === undefined || cloud === "GCP") return undefined;
  const [first, second] = [one, other].map((region) => nameOf(cloud, region));
  return first === undefined || second === undefined ? undefined : first === second;
}

function nameOf(cloud: Provider, region: string): string | undefined {
  if (cloud === "AWS") return toAwsRegion(region);
  return serviceRegion(cloud, region) ?? (providerOf(region) === cloud ? region : undefined);
}
