import type { Finding } from "../diagnostics/finding.ts";
import { operatorProviders } from "../expressions/operator-providers.ts";
import { toAwsRegion } from "../stages/regions.ts";
import { at } from "./check-relations.ts";
import { atOf } from "./cursor.ts";
import type { Cursor } from "./cursor.ts";
import { demandOf } from "./own-stages.ts";
import type { WholeProcessor } from "./own-stages.ts";
import { labelOf } from "./read-stages.ts";
import type { LocatedStage } from "./read-stages.ts";
import { otherRegion } from "./rules/other-region.ts";
import { regionNeeded } from "./rules/region-needed.ts";
import { stageNotOnProvider } from "./rules/stage-not-on-provider.ts";
import { walkExpressions } from "./walk-expressions.ts";

/** Checks that the workspace's cloud and region have what a processor uses; an environment that does not say them is not checked against. */
export function checkProvider({ environment, stages }: WholeProcessor): readonly Finding[] {
  const { provider, region } = environment.settings ?? {};
  if (provider === undefined && region === undefined) return [];
  return stages.flatMap((stage) => [
    ...checkStageProvider(stage, environment),
    ...checkOperatorProviders(stage, environment),
    ...checkRegionField(stage, environment),
    ...checkOwnRegion(stage, environment),
  ]);
}

type Surroundings = WholeProcessor["environment"];

function checkStageProvider(stage: LocatedStage, { name, settings }: Surroundings): readonly Finding[] {
  const providers = demandOf(stage, "providers");
  const provider = settings?.provider;
  if (provider === undefined || providers === undefined || providers.includes(provider)) return [];
  const what = labelOf(stage);
  return [stageNotOnProvider(atOf(stage.stage), { what, provider, environment: name, only: providers })];
}

function checkOperatorProviders({ described }: LocatedStage, { name, settings }: Surroundings): readonly Finding[] {
  const provider = settings?.provider;
  if (provider === undefined) return [];
  const refused = [...operatorProviders].filter(([, providers]) => !providers.includes(provider));
  if (refused.length === 0) return [];
  const findings: Finding[] = [];
  const operator = (operator: string, here: () => Cursor): void => {
    const [, only] = refused.find(([refusedOperator]) => refusedOperator === operator) ?? [];
    if (only === undefined) return;
    findings.push(stageNotOnProvider(atOf(here()), { what: `\`${operator}\``, provider, environment: name, only }));
  };
  for (const value of described()) walkExpressions(value, { operator });
  return findings;
}

function checkRegionField(stage: LocatedStage, { name, settings }: Surroundings): readonly Finding[] {
  const regionUnlessOn = demandOf(stage, "regionUnlessOn");
  const provider = settings?.provider;
  if (regionUnlessOn === undefined || provider === undefined || provider === regionUnlessOn.provider) return [];
  const { args } = stage;
  const { field, provider: home } = regionUnlessOn;
  if (typeof args.value !== "object" || at(args, field).value !== undefined) return [];
  return [regionNeeded(atOf(args), { owner: labelOf(stage), field, home, provider, environment: name })];
}

/** The region of a connection, and the one in an ARN, against the workspace's; in which words they are written does not matter. */
function checkOwnRegion(stage: LocatedStage, { name, settings, connections }: Surroundings): readonly Finding[] {
  const [ownRegion, providers] = [demandOf(stage, "ownRegion"), demandOf(stage, "providers")];
  const workspace = toAwsRegion(settings?.region ?? "");
  if (ownRegion === undefined || workspace === undefined) return [];
  if (settings?.provider !== undefined && providers?.includes(settings.provider) === false) return [];
  const arn = at(stage.args, ownRegion.arnField);
  const used = stage.described().flatMap(({ schema, cursor }) => {
    const connection = schema.asp === "connection" && typeof cursor.value === "string" ? cursor.value : "";
    const region = Object.hasOwn(connections, connection) ? connections[connection]?.region : undefined;
    return region === undefined ? [] : [{ cursor, what: `the connection \`${connection}\``, region }];
  });
  const [, arnRegion] = /^arn:aws[\w-]*:\w+:([\w-]+):/.exec(typeof arn.value === "string" ? arn.value : "") ?? [];
  if (arnRegion !== undefined) used.push({ cursor: arn, what: "a function", region: arnRegion });
  return used.flatMap(({ cursor, what, region: written }) => {
    const region = toAwsRegion(written);
    if (region === undefined || region === workspace) return [];
    return [otherRegion(atOf(cursor), { owner: labelOf(stage), what, region, workspace, environment: name })];
  });
}
