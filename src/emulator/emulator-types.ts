import type { Environment } from "../config/environment.ts";
import type { FindMongodOptions } from "../mongod/mongod.ts";
import type { Fault } from "./admin/faults/fault.ts";
import type { ProjectOptions } from "./project/project.ts";
import type { Project } from "./project-types.ts";
import type { Seed } from "./seed/seed-schema.ts";

export interface EmulatorOptions extends Pick<
  ProjectOptions,
  "pendingMs" | "checkpointIntervalMs" | "retryPausesMs" | "onState"
> {
  /** For `${NAME}` in the config and the seed, and for finding a mongod. */
  readonly env: FindMongodOptions["env"];
  /** Of the user's config: what connections are here, and which collections are to be there. Default one without any. */
  readonly environment?: Environment;
  /** A replica set that is there; default an embedded mongod. */
  readonly uri?: string;
  /** Database of its own state, where several emulators share a replica set; default `asp_emulator`. */
  readonly db?: string;
  /** Keeps everything between runs; default a temporary folder, removed at the end. */
  readonly dataDir?: string;
  readonly seed?: Seed;
  /** Replies of the Admin API that go wrong on purpose. */
  readonly faults?: readonly Fault[];
  /** Address to listen on; default 127.0.0.1. Another than loopback needs users and keys in `seed`. */
  readonly host?: string;
  /** Of the first workspace's wire endpoint; 0, the default, for any. */
  readonly wirePort?: number;
  /** Of the Admin API; 0, the default, for any. */
  readonly adminPort?: number;
  /** Default true. */
  readonly tls?: boolean;
  /** `virtual`: windows and schedules go by a clock that stands still until it is moved on. Default `wall`. */
  readonly time?: "wall" | "virtual";
  readonly signal?: AbortSignal;
  readonly onProgress?: (line: string) => void;
  /** What the endpoints have to say; never a secret. */
  readonly log?: (line: string) => void;
}

/** What a client needs to come in. */
export interface EmulatorAddresses {
  /** Connection string of the first workspace, with user and password. */
  readonly wire: string;
  /** Root of the Admin API. */
  readonly adminApi: string;
  /** Certificate of the authority that both endpoints' certificates are from; absent without TLS. */
  readonly caFile?: string;
  readonly projectId: string;
  readonly workspace: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly publicKey: string;
  readonly privateKey: string;
  /** Of the cluster that connections lead to. */
  readonly clusterUri: string;
  readonly clusterName: string;
}

export interface RunningEmulator extends EmulatorAddresses, AsyncDisposable {
  readonly project: Project;
  /** Resolves with what happened when its own mongod ends by itself. */
  readonly died: Promise<string>;
  /** Engine time, in milliseconds since the epoch. */
  now(): number;
  /**
   * Moves the virtual clock on, after everything that has been written: resolves once windows and schedules have looked at it. Rejects with AspError ASP5310 for
   * the wall clock, ASP5312 for what is no time to come.
   */
  advance(ms: number): Promise<void>;
  /** Stops processors, with checkpoints, and everything that was started. */
  close(): Promise<void>;
}
