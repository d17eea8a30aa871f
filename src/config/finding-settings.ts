import type { Adjustment } from "../diagnostics/adjustment.ts";
import type { ConfigText } from "./config-schema.ts";
import type { PlaceOf } from "./config.ts";
import type { FindingSetting } from "./findings-schema.ts";

/** The `findings` of a config file, those that all environments share and those of each. */
export function findingSettings(config: ConfigText, placeOf: PlaceOf): readonly Adjustment[] {
  return [
    ...toAdjustments(config.findings, undefined, placeOf),
    ...Object.entries(config.environments ?? {}).flatMap(([name, { findings }]) =>
      toAdjustments(findings, name, placeOf),
    ),
  ];
}

function toAdjustments(
  settings: Readonly<Record<string, FindingSetting>> | undefined,
  environment: string | undefined,
  placeOf: PlaceOf,
): readonly Adjustment[] {
  return Object.entries(settings ?? {}).map(([code, setting]): Adjustment => {
    const { severity, reason, processors } = typeof setting === "string" ? toMapping(setting) : setting;
    const path = [...(environment === undefined ? [] : ["environments", environment]), "findings", code];
    const place = placeOf(path, "key");
    return {
      code,
      severity,
      ...(reason === undefined ? {} : { reason }),
      at: { ...(place === undefined ? {} : { place }), length: code.length },
      scope: {
        kind: "config",
        ...(environment === undefined ? {} : { environment }),
        ...(processors === undefined ? {} : { processors }),
      },
    };
  });
}

function toMapping(severity: Extract<FindingSetting, string>): Exclude<FindingSetting, string> {
  return { severity };
}
