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
  /** AWS, AZURE, GCP … */
  readonly provider?: string;
}

/** What a cluster has of the collections that are wanted, or why nobody has looked. */
export type RemoteCluster =
  | { readonly kind: "read"; readonly collections: readonly RemoteCollection[] }
  | { readonly kind: "unread"; readonly reason: string };

export interface RemoteCollection {
  readonly db: string;
  readonly coll: string;
  /** `collection`, `timeseries`, `view`. */
  readonly type: string;
  /** As `create` takes them. */
  readonly options: Document;
  readonly indexes: readonly RemoteIndex[];
}

/** An index as its cluster lists it: its options stand beside the key. */
export interface RemoteIndex {
  readonly name: string;
  readonly key: Readonly<Record<string, unknown>>;
  readonly [option: string]: unknown;
}

/** A workspace at one moment. */
export interface Remote {
  readonly processors: readonly RemoteProcessor[];
  readonly connections: readonly RemoteConnection[];
  /** Of the workspace, or what a new one is to have. */
  readonly defaults: WorkspaceDefaults;
  /** True where there is no workspace yet. */
  readonly isMissing?: boolean;
}
