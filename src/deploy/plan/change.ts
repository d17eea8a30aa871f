import type { Document } from "bson";
import type { DeadLetterTarget } from "../../stages/definition.ts";
import type { Autoscaling } from "./remote.ts";

/** What is changed of a processor that exists; what is absent stays as it is. */
export interface Change {
  /** A new name. */
  readonly name?: string;
  readonly pipeline?: readonly Document[];
  /** Null takes the dead letter queue away. */
  readonly dlq?: DeadLetterTarget | null;
  readonly tier?: string;
  readonly autoscaling?: Autoscaling;
  readonly failoverEnabled?: boolean;
  /** False gives the checkpoint up. */
  readonly resumeFromCheckpoint: boolean;
}
