import type { ObjectId } from "bson";
import type { StartAt } from "../../engine/engine.ts";
import type { Definition } from "../../stages/definition.ts";
import type { TierName } from "../../stages/tiers.ts";
import type { Autoscaling } from "./start-options.ts";
import type { Counts } from "./stats-reply.ts";

/** A processor as a workspace keeps it: what is left of it when the process ends, at whatever point. */
export interface ProcessorRecord {
  readonly _id: ObjectId;
  readonly name: string;
  readonly pipeline: Definition["pipeline"];
  readonly options?: Definition["options"];
  readonly state: "CREATED" | "STARTED" | "STOPPED" | "DROPPING" | "FAILED";
  /** Of its last start or change; before `options.tier`. */
  readonly tier?: TierName;
  readonly autoscaling?: Autoscaling;
  readonly hasStarted: boolean;
  readonly pipelineVersion: number;
  readonly lastModified: Date;
  readonly lastStateChange: Date;
  /** Where it begins as long as there is no checkpoint. */
  readonly startAt?: StartAt;
  /** Its checkpoint has been given up, and may still be there. */
  readonly discard?: true;
  /** Its checkpoint may still bear this name. */
  readonly formerName?: string;
  readonly error?: RecordedError;
  /** Of all runs that have ended. */
  readonly counts: Counts;
}

export interface RecordedError {
  readonly code: string;
  readonly message: string;
  readonly help?: string;
  /** As the service would have it. */
  readonly server: { readonly code: number; readonly codeName: string };
  /** It is started again by itself. */
  readonly retried: boolean;
}

export function definitionOf({ name, pipeline, options }: ProcessorRecord): Definition {
  return { name, pipeline, ...(options === undefined ? {} : { options }) };
}
