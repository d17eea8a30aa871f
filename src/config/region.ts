import { defineFinding } from "../diagnostics/define-finding.ts";
import type { Finding } from "../diagnostics/finding.ts";
import { didYouMean } from "../diagnostics/suggest.ts";
import { knownRegions, providerOf, serviceRegion } from "../stages/regions.ts";
import { knownText } from "./connections/connection-entry.ts";
import type { Environment } from "./environment.ts";

/** Documented in docs/errors/ASP4039.md. */
export const strangeRegion = defineFinding<{
  region: string;
  provider: string;
  known: readonly string[];
  help: string | undefined;
}>("ASP4039", {
  severity: "warning",
  message: ({ region, provider }) => `no region of ${provider} with Stream Processing is known as \`${region}\``,
  notes: ({ known, provider }) => (known.length === 0 ? [] : [`known regions of ${provider}: ${known.join(", ")}`]),
  help: ({ help }) => help ?? "check the name, and leave it where the service has the region by now",
});

/** Checks that the provider has the region; the lists are those of one day, so it is never more than a warning. */
export function checkRegion({ name, settings, placeOf }: Environment): readonly Finding[] {
  const { provider } = settings ?? {};
  const region = knownText(settings?.region);
  if (provider === undefined || region === undefined) return [];
  const known = knownRegions(provider);
  const other = providerOf(region);
  const isFine = known === undefined ? other === undefined || other === provider : known.includes(region);
  if (isFine) return [];
  const right = serviceRegion(provider, region);
  const help =
    (right === undefined ? undefined : `write \`${right}\``) ??
    (other === undefined
      ? didYouMean(region, known ?? [])
      : `set \`provider\` to ${other}, or name a region of ${provider}`);
  const place = placeOf?.(["environments", name, "region"]);
  return [
    strangeRegion({ ...(place && { place }), length: region.length }, { region, provider, known: known ?? [], help }),
  ];
}
