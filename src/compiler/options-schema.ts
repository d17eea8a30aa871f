import { Type } from "@sinclair/typebox";
import { tierNames } from "../stages/tiers.ts";
import { fields, flag, word } from "../stages/values.ts";

/**
 * Shape of `options` of a processor but for `dlq`, which has a schema of its own. Other options may stand there: what the service
 * documents is not all that it takes. Source: asp-language section 7.1.
 */
export const optionsSchema = Type.Object({
  tier: Type.Optional(word(tierNames, "Tier; default that of the workspace.")),
  failoverEnabled: Type.Optional(flag("Whether it may fail over to another region.")),
  autoscaling: Type.Optional(
    fields(
      {
        enabled: Type.Optional(flag("Whether the tier follows the load.")),
        minTier: Type.Optional(word(tierNames, "Smallest tier.")),
        maxTier: Type.Optional(word(tierNames, "Largest tier.")),
      },
      { description: "Whether and how far the tier follows the load." },
    ),
  ),
  resumeFromCheckpoint: Type.Optional(flag("Whether a changed processor goes on where it stopped; default true.")),
});

/** The options that are known. */
export const knownOptions: readonly string[] = ["dlq", ...Object.keys(optionsSchema.properties)];
