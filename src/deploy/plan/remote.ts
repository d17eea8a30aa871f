import type { Document } from "bson";
import type { DeadLetterTarget } from "../../stages/definition.ts";

/** How the tier follows the load. */
export interface Autoscaling {
  readonly enabled?: boolean;
  readonly minTier?: string;
  readonly maxTier?: string;
}

/** A processor as a workspace has it, whichever way it was read; fields that no one here knows are left out. */
export interface RemoteProcessor {
  readonly name: string;
  /** Values of BSON; where integer-like keys would lose their order, a `Map`. */
  readonly pipeline: readonly Document[];
  /** CREATED, STARTED, STOPPED, FAILED; any other name passes by itself. */
  readonly state: string;
  /** Why it is FAILED, in the service's words. */
  readonly error?: string;
  readonly tier?: string;
  readonly dlq?: DeadLetterTarget;
  readonly autoscaling?: Autoscaling;
  readonly failoverEnabled?: boolean;
  readonly streamMetaFieldName?: string;
}

/** An entry of the connection registry, as far as the service shows it: never with secrets. */
export interface RemoteConnection {
  readonly name: string;
  readonly type: string;
  /** READY, PENDING, DELETING, FAILED; undefined where it is not shown. */
  readonly state?: string;
  /** The fields of its type, in the Admin API's names; undefined where not all are shown. */
  readonly settings?: Document;
}

/** What a workspace gives to processors that ask for nothing else. */
export interface WorkspaceDefaults {
  readonly tier?: string;
  readonly maxTier?: string;
  /** As the service names it. */
  readonly region?: string;
}

/** A workspace at one moment. */
export interface Remote {
  readonly processors: readonly RemoteProcessor[];
  readonly connections: readonly RemoteConnection[];
  readonly defaults: WorkspaceDefaults;
}
