import type { Document } from "bson";
import type { TierName } from "./tiers.ts";

/** Where dead letters go: all three together. Source: asp-language section 4. */
export interface DeadLetterTarget {
  readonly connectionName: string;
  readonly db: string;
  readonly coll: string;
}

/** `options` of a processor, as the service takes them. */
export interface ProcessorOptions {
  readonly dlq?: DeadLetterTarget;
  /** Default: the tier of the workspace. */
  readonly tier?: TierName;
  readonly failoverEnabled?: boolean;
  readonly autoscaling?: { readonly enabled?: boolean; readonly minTier?: TierName; readonly maxTier?: TierName };
  /** For a change of a processor that exists; default true. */
  readonly resumeFromCheckpoint?: boolean;
  readonly [option: string]: unknown;
}

/**
 * What ASP runs: the compiled artefact, as mongosh, the Admin API and MongoDB's own examples have it.
 *
 * Values are BSON values (`bson` classes, Dates, numbers), key order is meaning.
 */
export interface Definition {
  readonly name: string;
  readonly pipeline: readonly Document[];
  readonly options?: ProcessorOptions;
}
