import type { Document, Timestamp } from "bson";
import type { MongoClient } from "mongodb";
import type { Connections } from "./connections.ts";
import type { AspError } from "../diagnostics/asp-error.ts";
import type { InitialSyncDetail } from "./core/sync-position.ts";
import type { LagMs } from "./core/lag.ts";
import type { TimeEvent } from "./core/time-event.ts";
import type { ProcessorDetails } from "./processor-details.ts";

/** What a processor is doing. */
export type ProcessorState = "CREATED" | "STARTED" | "STOPPED" | "FAILED";

/** Counters since this engine was started. */
export interface ProcessorStats {
  readonly name: string;
  readonly state: ProcessorState;
  /** Documents that `$source` delivered. */
  readonly input: number;
  /** Documents handed to the sink. */
  readonly output: number;
  readonly deadLetters: number;
  readonly lagMs: LagMs;
  /** Of a `$source` that copied what was stored, since this engine was started. */
  readonly initialSync?: InitialSyncDetail;
  /** Why the processor FAILED. */
  readonly error?: AspError;
}

/** Names a cluster; equal names are one cluster, so that tails can be shared. */
export interface Cluster {
  readonly name: string;
  readonly client: MongoClient;
  /** A client of one member alone, by its "host:port": for cursors of a source with a `readPreference`. The engine does not close it. */
  readonly member?: (host: string) => Promise<MongoClient>;
}

/** Ways to hurt a processor on purpose, for trials. Every batch is one source batch of one processor. */
export interface Faults {
  /** Cut batches to one document for the first so many documents of each processor. */
  readonly onePerBatchUntil?: number;
  /** After each batch's sink writes, go back to the last checkpoint and hand the same documents to the sink again. */
  readonly redeliver?: boolean;
}

/** What has just been written. */
export interface Written {
  /** As they were handed to the sink, as BSON; collected when asked for. */
  readonly documents: () => readonly Uint8Array[];
  /** Dead letters, also where there is no queue for them. */
  readonly letters: readonly Document[];
}

/** Where processors without a checkpoint begin. */
export interface StartAt {
  readonly startAtOperationTime?: Timestamp | Date;
  /** A resume token. */
  readonly startAfter?: Document;
}

export interface EngineOptions {
  /** The cluster behind a connection name. The engine does not close its clients. */
  readonly cluster: (connectionName: string) => Cluster;
  /** Everything that is no cluster; needed by processors that name such connections. The engine does not close them. */
  readonly connections?: Connections;
  /** Where checkpoints are kept (collection `asp_checkpoints`); the cluster whose mongod also runs the stages. */
  readonly checkpoints: { readonly cluster: Cluster; readonly db: string };
  /** At least so often a checkpoint is written while documents flow; default 1,000. */
  readonly checkpointIntervalMs?: number;
  /** Overrides what the `$source` of a change stream says. */
  readonly startAt?: StartAt;
  /** Others read what processors write, and must see each change of it: updates of one key are not joined. Default false. */
  readonly eachChange?: boolean;
  /** The state of windows may grow to so many bytes of BSON; beyond that the processor is FAILED. Default no limit. */
  readonly mostStateBytes?: number;
  /** So many tables may a computed `tableName` of `$iceberg` give; default what the processor's own tier has, else the largest. */
  readonly mostIcebergTables?: number | undefined;
  /** How long an endpoint that does not answer is asked again, in milliseconds; default five minutes, as for everything else. */
  readonly callPatienceMs?: number;
  readonly faults?: Faults;
  /** Milliseconds since the epoch, for lag, checkpoints and dead letters; default the wall clock. */
  readonly now?: () => number;
  /** Engine time, which windows and idle sources go by; default `now`. One that stands still is moved on with {@link Engine.tick}. */
  readonly clock?: () => number;
  /**
   * Engine time at which a change was made, by its `clusterTime`, where `clock` is not the clock of the cluster: what an event without a
   * `timeField` has for its event time. Default its `wallTime`.
   */
  readonly timeOf?: (clusterTime: Timestamp) => number;
  /** Asks a cluster for the time of its last write, for {@link Engine.details}; default a command for each processor. */
  readonly newestTime?: (cluster: Cluster) => Promise<Timestamp>;
  /** Called with what decides where the documents of windows go, once it is decided. */
  readonly onTime?: (event: TimeEvent) => void;
  /** Called after each write; the processor waits for what it returns. */
  readonly onWritten?: (written: Written) => Promise<void> | undefined;
  /** Called when a processor's state changes. */
  readonly onState?: (stats: ProcessorStats) => void;
}

/** Processors at work. */
export interface Engine extends AsyncDisposable {
  stats(): readonly ProcessorStats[];
  /** The same with what has to be asked of the clusters, unless `countedOnly`. Rejects with what the driver throws. */
  details(options?: { readonly countedOnly?: boolean }): Promise<readonly ProcessorDetails[]>;
  /**
   * Resolves when every processor that is not FAILED has handled everything written to its cluster up to now,
   * chains included, and nothing is in flight.
   */
  caughtUp(): Promise<void>;
  /** Has every window look at the clock, after everything that has been read: resolves once that has been asked for. */
  tick(): Promise<void>;
  /** Resolves when no processor is running any more: all finite sources are done, or all have FAILED. */
  readonly ended: Promise<void>;
  /** Finishes the batches in flight, writes checkpoints, closes cursors. */
  stop(): Promise<void>;
  /** Leaves at once and writes nothing more, as a crash would. */
  kill(): Promise<void>;
}
