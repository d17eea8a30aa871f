import type { Document } from "bson";
import type { ConnectionConfig } from "../../config/connection-schema.ts";
import type { Definition } from "../../stages/definition.ts";
import type { Change } from "../plan/change.ts";
import type { RemoteConnection, RemoteProcessor, WorkspaceDefaults } from "../plan/remote.ts";
import type { ProcessorStats } from "./processor-stats.ts";
import type { WorkspaceChange, WorkspaceSettings } from "../plan/workspace-settings.ts";

/** How a processor is started. */
export interface StartOptions {
  readonly tier?: string;
  /** Default true. */
  readonly resumeFromCheckpoint?: boolean;
  /** For a processor that has no checkpoint, or gives it up: from which time on it reads its change stream; whole seconds. */
  readonly startAtOperationTime?: Date;
}

/** How much of what a processor writes is looked at. */
export interface SampleOptions {
  /** So many documents; default as many as the service gives. */
  readonly limit?: number;
  /** Aborted: the sample is over, without an error. */
  readonly signal?: AbortSignal;
}

/** Which lines of a workspace's logs. */
export interface LogOptions {
  /** What processors do, or who changed what; default the former. */
  readonly kind?: "operational" | "audit";
  /** Default as the service has it. */
  readonly from?: Date;
  readonly to?: Date;
  /** Of one processor alone. */
  readonly processor?: string;
}

/** Settings of a connection in the Admin API's own fields, `type` among them, secrets filled in. */
export type ConnectionSettings = Omit<ConnectionConfig, "name" | "uri" | "manage" | "functions"> & {
  readonly type: string;
};

/**
 * A workspace of the service, or of `asp emulator`, behind one of its doors.
 *
 * Reads are tried again where that may help. A write is sent again only after reading has shown that it changed nothing; one whose
 * reply is lost has succeeded where reading shows what it was to do. Every method rejects with an AspError, ASP6000 to ASP6009.
 */
export interface Target extends AsyncDisposable {
  /** For people: which workspace, through which door. Never a secret. */
  readonly label: string;
  /** The same for one workspace through one door, and another for any other workspace. Never a secret. */
  readonly identity: string;
  /** False where connections can only be listed, and the workspace itself is as it is. */
  readonly managesConnections: boolean;

  processors(): Promise<readonly RemoteProcessor[]>;
  /** Undefined where there is none of that name. */
  processor(name: string): Promise<RemoteProcessor | undefined>;
  connections(): Promise<readonly RemoteConnection[]>;
  defaults(): Promise<WorkspaceDefaults>;
  /** Undefined where there is no such workspace; a project that is not there is refused all the same. */
  workspace(): Promise<WorkspaceDefaults | undefined>;

  /** Undefined where there is none of that name. */
  stats(name: string): Promise<ProcessorStats | undefined>;
  /** Of all processors, in as few requests as the door allows. */
  allStats(): Promise<readonly ProcessorStats[]>;
  /**
   * What a running processor writes from now on, as it comes; dead letters come as `{_dlqMessage: {…}}`. Types and the order of keys are kept.
   * Fails with ASP6070 where the door has no samples.
   */
  sample(name: string, options?: SampleOptions): AsyncIterable<Document>;
  /** Lines, oldest first. Rejects with ASP6071 where the door has no logs. */
  logs(options?: LogOptions): Promise<readonly string[]>;

  create(definition: Definition): Promise<void>;
  start(name: string, options?: StartOptions): Promise<void>;
  stop(name: string): Promise<void>;
  /** Of a processor that does not run. */
  modify(name: string, change: Change): Promise<void>;
  drop(name: string): Promise<void>;

  createWorkspace(settings: WorkspaceSettings): Promise<void>;
  updateWorkspace(change: WorkspaceChange): Promise<void>;
  /** Of one without processors that run. */
  deleteWorkspace(): Promise<void>;

  createConnection(name: string, settings: ConnectionSettings): Promise<void>;
  updateConnection(name: string, settings: ConnectionSettings): Promise<void>;
  deleteConnection(name: string): Promise<void>;

  close(): Promise<void>;
}
