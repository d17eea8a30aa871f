import type { Timestamp } from "bson";
import type { ConnectionConfig } from "../../config/connection-schema.ts";
import type { Definition } from "../../stages/definition.ts";
import type { Change } from "../plan/change.ts";
import type { RemoteConnection, RemoteProcessor, WorkspaceDefaults } from "../plan/remote.ts";

/** How a processor is started. */
export interface StartOptions {
  readonly tier?: string;
  /** Default true. */
  readonly resumeFromCheckpoint?: boolean;
  /** For a processor that has no checkpoint, or gives it up: from which time on it reads its change stream; whole seconds. */
  readonly startAtOperationTime?: Date;
}

/** Settings of a connection in the Admin API's own fields, `type` among them, secrets filled in. */
export type ConnectionSettings = Omit<ConnectionConfig, "name" | "uri" | "manage"> & { readonly type: string };

/**
 * A workspace of the service, or of `asp emulator`, behind one of its doors.
 *
 * Reads are tried again where that may help. A write is sent again only after reading has shown that it changed nothing; one whose
 * reply is lost has succeeded where reading shows what it was to do. Every method rejects with an AspError, ASP6000 to ASP6009.
 */
export interface Target extends AsyncDisposable {
  /** For people: which workspace, through which door. Never a secret. */
  readonly label: string;
  /** False where connections can only be listed. */
  readonly managesConnections: boolean;

  processors(): Promise<readonly RemoteProcessor[]>;
  /** Undefined where there is none of that name. */
  processor(name: string): Promise<RemoteProcessor | undefined>;
  /** The cluster time up to which a processor has handled its change stream; undefined where the workspace does not show it. */
  position(name: string): Promise<Timestamp | undefined>;
  connections(): Promise<readonly RemoteConnection[]>;
  defaults(): Promise<WorkspaceDefaults>;

  create(definition: Definition): Promise<void>;
  start(name: string, options?: StartOptions): Promise<void>;
  stop(name: string): Promise<void>;
  /** Of a processor that does not run. */
  modify(name: string, change: Change): Promise<void>;
  drop(name: string): Promise<void>;

  createConnection(name: string, settings: ConnectionSettings): Promise<void>;
  updateConnection(name: string, settings: ConnectionSettings): Promise<void>;
  deleteConnection(name: string): Promise<void>;

  close(): Promise<void>;
}
