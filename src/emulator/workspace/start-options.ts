import type { Document, Timestamp } from "bson";
import { isDocument } from "../../compiler/kinds.ts";
import { didYouMean } from "../../diagnostics/suggest.ts";
import { isSampleSource } from "../../stages/sample-data.ts";
import { isTierName, tierNames, type TierName } from "../../stages/tiers.ts";
import type { StartAt } from "../../engine/engine.ts";
import { optionRefused } from "./refusals.ts";

/** Whether and how far a tier follows the load. The emulator keeps it and shows it, and never changes a tier. */
export interface Autoscaling {
  readonly enabled?: boolean;
  readonly minTier?: TierName;
  readonly maxTier?: TierName;
}

/** How a processor is to be started. Source: asp-language 6.2. */
export interface StartOptions {
  /** Default true. */
  readonly resumeFromCheckpoint?: boolean;
  readonly startAtOperationTime?: Timestamp | Date | string;
  /** A resume token. */
  readonly startAfter?: Document;
  /** Kept for later starts, too. */
  readonly tier?: TierName;
  readonly autoscaling?: Autoscaling;
}

/** The same, checked. */
export interface StartRequest {
  readonly resumeFromCheckpoint: boolean;
  readonly startAt: StartAt | undefined;
  readonly tier: TierName | undefined;
  readonly autoscaling: Autoscaling | undefined;
}

/** What a `$source` has that reads something else. */
const otherSources = ["documents", "schedule", "topic", "stream"] as const;

const known = ["resumeFromCheckpoint", "startAtOperationTime", "startAfter", "tier", "autoscaling"] as const;

/**
 * Checks the options of a start.
 *
 * @param source the `$source` of the processor
 * @throws AspError ASP5189
 */
export function readStartOptions(options: Document, source: Document): StartRequest {
  for (const name of Object.keys(options)) {
    if (name === "failover") throw optionRefused("`failover` has no meaning here: the emulator has one region");
    if (!known.some((one) => one === name)) {
      throw optionRefused(`\`start\` has no option \`${name}\``, didYouMean(name, known));
    }
  }
  const { resumeFromCheckpoint = true, startAfter, tier, autoscaling } = options;
  if (typeof resumeFromCheckpoint !== "boolean") throw optionRefused("`resumeFromCheckpoint` must be true or false");
  const time = readTime(options["startAtOperationTime"]);
  if (time !== undefined && startAfter !== undefined) {
    throw optionRefused("`startAtOperationTime` and `startAfter` exclude each other", "give one of the two");
  }
  if (startAfter !== undefined && !(isDocument(startAfter) && "_data" in startAfter)) {
    throw optionRefused("`startAfter` must be a resume token: a document with `_data`");
  }
  const isStream = !isSampleSource(source) && !otherSources.some((name) => name in source);
  if ((time !== undefined || startAfter !== undefined) && !isStream) {
    const name = time === undefined ? "startAfter" : "startAtOperationTime";
    throw optionRefused(`\`${name}\` needs a \`$source\` that reads a change stream`);
  }
  return {
    resumeFromCheckpoint,
    startAt:
      time !== undefined
        ? { startAtOperationTime: time }
        : startAfter === undefined
          ? undefined
          : { startAfter: startAfter as Document },
    tier: readTier(tier, "tier"),
    autoscaling: readAutoscaling(autoscaling),
  };
}

/** @throws AspError ASP5189 */
export function readTier(tier: unknown, name: string): TierName | undefined {
  if (tier === undefined || tier === null) return undefined;
  if (!isTierName(tier)) throw optionRefused(`\`${name}\` must be one of ${tierNames.join(", ")}`);
  return tier;
}

/** @throws AspError ASP5189 */
export function readAutoscaling(value: unknown): Autoscaling | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isDocument(value)) throw optionRefused("`autoscaling` must be a document");
  const minTier = readTier(value["minTier"], "autoscaling.minTier");
  const maxTier = readTier(value["maxTier"], "autoscaling.maxTier");
  const { enabled } = value;
  if (enabled !== undefined && typeof enabled !== "boolean") {
    throw optionRefused("`autoscaling.enabled` must be true or false");
  }
  if (minTier !== undefined && maxTier !== undefined && tierNames.indexOf(minTier) > tierNames.indexOf(maxTier)) {
    throw optionRefused("`autoscaling.minTier` is larger than `autoscaling.maxTier`");
  }
  return { ...(enabled === undefined ? {} : { enabled }), ...(minTier && { minTier }), ...(maxTier && { maxTier }) };
}

/** The Admin API takes a text in ISO 8601. */
function readTime(value: unknown): Timestamp | Date | undefined {
  if (value === undefined) return undefined;
  const isTimestamp = typeof value === "object" && value !== null && (value as Document)["_bsontype"] === "Timestamp";
  if (isTimestamp) return value as Timestamp;
  const date = typeof value === "string" ? new Date(value) : value;
  if (!(date instanceof Date) || Number.isNaN(date.getTime())) {
    throw optionRefused("`startAtOperationTime` must be a timestamp or a date");
  }
  return date;
}
