import type { Document } from "bson";
import type { Connection } from "../config/environment.ts";
import type { TierName } from "../stages/tiers.ts";
import type { Workspace } from "./workspace/workspace-types.ts";

/** What the Admin API calls `StreamsConnection` lives through. Source: asp-control-plane 1.3. */
export type ConnectionState = "PENDING" | "READY" | "DELETING" | "FAILED";

/** An entry of a workspace's connection registry. */
export interface ConnectionRecord {
  /** 24 hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  /** The Admin API's own fields, `type` among them and secrets included: never shown as they are. */
  readonly settings: Connection;
  readonly state: ConnectionState;
  /** Where the service would reach it from: its own, or the workspace's. */
  readonly region: string;
  /** Why it is FAILED. */
  readonly error?: string;
}

/** The connections of one workspace, in the order in which they were made. Methods reject with AspError for what the service would refuse. */
export interface ConnectionRegistry {
  list(): readonly ConnectionRecord[];
  find(name: string): ConnectionRecord | undefined;
  /** PENDING at first. @throws AspError ASP5302 where the name is taken, ASP5304 for settings that are wrong */
  create(name: string, settings: Connection): Promise<ConnectionRecord>;
  /** Fields that are given replace those there are. @throws AspError ASP5303 where it is missing, ASP5304, ASP5305 while a processor uses it */
  update(name: string, settings: Partial<Connection>): Promise<ConnectionRecord>;
  /** @throws AspError ASP5303, ASP5305 */
  remove(name: string): Promise<void>;
  /** From the user's own files: made, or set to what they say now. Their `${NAME}` are variables; what comes through a door has none. */
  provide(name: string, settings: Connection): Promise<void>;
}

/** Source: asp-control-plane 1.2. */
export interface TenantRecord {
  /** 24 hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  readonly dataProcessRegion: { readonly cloudProvider: string; readonly region: string };
  readonly tier: TierName;
  readonly maxTier: TierName;
  readonly failoverRegions: readonly Document[];
}

export type TenantChange = Partial<Omit<TenantRecord, "id" | "name">>;

export interface TenantRequest extends Omit<TenantRecord, "id" | "tier" | "maxTier" | "failoverRegions"> {
  readonly tier?: TierName;
  readonly maxTier?: TierName;
  readonly failoverRegions?: readonly Document[];
  /** Connections of type Sample that it holds from the beginning. */
  readonly samples?: readonly string[];
}

/** What happened in a workspace, as its logs have it. */
export interface LogEntry {
  readonly at: Date;
  /** `audit`: who did what through which door. `operational`: what became of processors. */
  readonly kind: "audit" | "operational";
  readonly processor?: string;
  readonly message: string;
  readonly detail?: Document;
}

/** A workspace of the service as the emulator holds it: the Admin API's tenant. */
export interface Tenant {
  readonly record: TenantRecord;
  readonly connections: ConnectionRegistry;
  /** Its processors. */
  readonly workspace: Workspace;
  /** `host:port` of its wire endpoint. */
  readonly hostname: string;
  log(entry: Omit<LogEntry, "at">): void;
  /** In order of time; both bounds are included. */
  logs(wanted: {
    readonly kind: LogEntry["kind"];
    readonly from?: Date;
    readonly to?: Date;
    readonly processor?: string;
  }): Promise<readonly LogEntry[]>;
}

/** Kinds of what is stored as it was sent, with a state of its own, and does nothing here. */
export type ResourceKind = "privateLink" | "vpcPeering" | "failoverConnection";

export interface Resource {
  /** 24 hexadecimal digits. */
  readonly id: string;
  readonly kind: ResourceKind;
  /** Fields as the Admin API shows them, secrets included. */
  readonly fields: Document;
  /** When it was made, in milliseconds since the epoch. */
  readonly createdAtMs: number;
}

export interface ResourceStore {
  list(kind: ResourceKind): readonly Resource[];
  find(kind: ResourceKind, id: string): Resource | undefined;
  create(kind: ResourceKind, fields: Document): Promise<Resource>;
  update(kind: ResourceKind, id: string, fields: Document): Promise<Resource>;
  remove(kind: ResourceKind, id: string): Promise<void>;
}

/** One Atlas project: the one store behind the wire endpoints and the Admin API. */
export interface Project extends AsyncDisposable {
  /** 24 hexadecimal digits. */
  readonly id: string;
  /** Names of the clusters that a connection of type Cluster may name. */
  readonly clusterNames: readonly string[];
  readonly resources: ResourceStore;
  /** In the order in which they were made. */
  tenants(): readonly Tenant[];
  find(name: string): Tenant | undefined;
  /** @throws AspError ASP5300 where the name is taken */
  create(request: TenantRequest): Promise<Tenant>;
  /** @throws AspError ASP5301 where it is missing */
  change(name: string, change: TenantChange): Promise<Tenant>;
  /** @throws AspError ASP5301; ASP5306 while processors are started */
  remove(name: string): Promise<void>;
  /** Stops what runs, with checkpoints; opened again over the same mongod, it goes on. */
  close(): Promise<void>;
}
