import type { Timestamp } from "bson";
import type { Db } from "mongodb";
import type { TimeEvent } from "./core/time-event.ts";
import type { Elsewhere } from "./core/plan-steps.ts";
import type { Connections } from "./connections.ts";
import type { Cluster } from "./engine.ts";
import type { ExpressionRunner } from "./expression-runner.ts";

/** What sources, operators and sinks of one processor work with. */
export interface EngineContext {
  /** Of the processor. */
  readonly name: string;
  readonly cluster: (connectionName: string) => Cluster;
  /** Everything that is no cluster. */
  readonly connections: Connections;
  /** Runs stages on the engine's own mongod, or elsewhere; whoever asks for one does not close it. */
  readonly runner: (elsewhere?: Elsewhere) => ExpressionRunner;
  /** Where the state of windows is kept: the checkpoints' database. */
  readonly stateDb: Db;
  /** Engine time, in milliseconds since the epoch. */
  readonly now: () => number;
  /** Engine time of a change by its `clusterTime`, where that is not its `wallTime`. */
  readonly timeOf?: ((clusterTime: Timestamp) => number) | undefined;
  /** Told what decides where the documents of windows go. */
  readonly onTime?: ((event: TimeEvent) => void) | undefined;
  /** Lets so much engine time pass, in milliseconds; rejects when aborted. False: engine time does not pass by waiting. */
  readonly pause: (ms: number) => Promise<boolean>;
  /** How long an endpoint that does not answer is asked again, in milliseconds; undefined: as long as a cluster. */
  readonly callPatienceMs?: number | undefined;
  /** Aborted when the processor fails or is stopped at once. */
  readonly signal: AbortSignal;
}
