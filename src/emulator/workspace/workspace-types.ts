import type { Document } from "bson";
import type { ModifyEffect } from "../../compiler/explain-modify.ts";
import type { Environment } from "../../config/environment.ts";
import type { EngineOptions } from "../../engine/engine.ts";
import type { DeadLetterTarget, Definition } from "../../stages/definition.ts";
import type { TierName } from "../../stages/tiers.ts";
import type { WorkspaceState } from "./life-cycle.ts";
import type { Process } from "./process.ts";
import type { RecordedError } from "./processor-record.ts";
import type { Sample, Sampler } from "./sampler.ts";
import type { Autoscaling, StartOptions } from "./start-options.ts";
import type { StatsOptions } from "./stats-reply.ts";

/** A processor as a list shows it. */
export interface ProcessorInfo {
  /** 24 hexadecimal digits; stays over a change of the name. */
  readonly id: string;
  readonly name: string;
  readonly pipeline: Definition["pipeline"];
  readonly options?: NonNullable<Definition["options"]>;
  readonly state: WorkspaceState;
  readonly tier: TierName;
  readonly autoscaling?: Autoscaling;
  readonly hasStarted: boolean;
  readonly pipelineVersion: number;
  readonly lastModified: Date;
  readonly lastStateChange: Date;
  /** Why it is FAILED, or is being started again. */
  readonly error?: RecordedError;
}

/** A change of state. `DROPPED` comes last of all. */
export interface StateChange {
  readonly name: string;
  readonly from: WorkspaceState | undefined;
  readonly to: WorkspaceState | "DROPPED";
  readonly error?: RecordedError;
}

/** What is to change; what is absent stays. Source: asp-control-plane 1.4 and 3.2. */
export interface ModifyOptions {
  readonly name?: string;
  readonly pipeline?: Definition["pipeline"];
  /** `{}` takes it away. */
  readonly dlq?: DeadLetterTarget | { readonly coll?: never };
  readonly tier?: TierName;
  readonly autoscaling?: Autoscaling | null;
  readonly failoverEnabled?: boolean;
  /** Default true. */
  readonly resumeFromCheckpoint?: boolean;
}

/** Of a pipeline that runs for whoever looks at it. */
export interface ProcessOptions {
  readonly dlq?: DeadLetterTarget;
  readonly streamMetaFieldName?: string;
  readonly [option: string]: unknown;
}

/** What a workspace may change later (`environment`, the tiers) is read anew for each command. */
export interface WorkspaceOptions extends Pick<
  EngineOptions,
  "cluster" | "connections" | "checkpoints" | "checkpointIntervalMs" | "now" | "clock" | "timeOf"
> {
  /** Default `local`. */
  readonly name?: string;
  /** What definitions are checked against: the connections, by their names. */
  readonly environment: Environment;
  /** Of processors that name none; default SP10, as in a workspace of the service. */
  readonly defaultTier?: TierName;
  /** Default SP50, the largest. */
  readonly maxTier?: TierName;
  /** Pauses before a processor is started again; their number is the limit. Default {@link retryPausesMs}. */
  readonly retryPausesMs?: readonly number[];
  readonly onState?: (change: StateChange) => void;
}

/**
 * The processors of a workspace, with their life as the service has it (asp-language 6 to 8). Methods reject with AspError for what
 * the service would refuse; commands to one processor run one after the other.
 */
export interface Workspace extends AsyncDisposable {
  readonly name: string;
  readonly defaults: { readonly tier: TierName; readonly maxTier: TierName };
  create(definition: Definition): Promise<ProcessorInfo>;
  /** Resolves once it runs or has failed for the first time: see its state. */
  start(name: string, options?: StartOptions): Promise<ProcessorInfo>;
  stop(name: string): Promise<ProcessorInfo>;
  modify(name: string, options: ModifyOptions): Promise<ProcessorInfo & { readonly effect: ModifyEffect }>;
  drop(name: string): Promise<void>;
  /** In the order in which they were created. */
  list(): readonly ProcessorInfo[];
  /** Pipelines that run for whoever looks at them, and are not in the list. */
  temporary(): readonly Definition[];
  get(name: string): ProcessorInfo;
  /** In the documented envelope, also of a processor that does not run. */
  stats(name: string, options?: StatsOptions): Promise<Document>;
  /** Begins now; leaves out what its reader is too slow for, and never slows the processor. */
  sample(name: string, options?: { readonly limit?: number }): Sample & Pick<Sampler, "end">;
  /** Runs a pipeline, with or without a sink, and hands over all that comes out. Nothing of it is kept. */
  process(pipeline: Definition["pipeline"], options?: ProcessOptions): Promise<Process>;
  /** Those documents that a query selects, as mongod understands it. Rejects with AspError ASP5353 for what is no query. */
  select(documents: readonly Document[], query: Document): Promise<readonly Document[]>;
  /** Resolves when all that run have handled everything that was written up to now. */
  caughtUp(): Promise<void>;
  /** Has every window and schedule that runs look at the clock, where that stands still until it is moved. */
  tick(): Promise<void>;
  /** Stops what runs, with checkpoints, and keeps it as STARTED: opened again, the workspace goes on with it. */
  close(): Promise<void>;
  /** Leaves at once, as a crash would. */
  kill(): Promise<void>;
}
