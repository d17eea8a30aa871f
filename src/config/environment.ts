import type { Adjustment } from "../diagnostics/adjustment.ts";
import type { DeadLetterTarget } from "../stages/definition.ts";
import type { EventSource } from "../projections/processor-value.ts";
import type { CollectionSpec, PlaceOf } from "./config.ts";
import type { ConnectionConfig } from "./connection-schema.ts";
import type { EnvironmentConfig, targets } from "./environment-schema.ts";

/** A connection as one environment has it: what is shared, with the environment's own fields over it. */
export type Connection = ConnectionConfig & { readonly type: string };

/** One environment of the config, merged with what all share. `${NAME}` is still text. */
export interface Environment {
  readonly name: string;
  readonly target: (typeof targets)[number];
  readonly events?: EventSource;
  readonly dlq?: DeadLetterTarget;
  /** Database as pipelines name it → its name here. */
  readonly databases: Readonly<Record<string, string>>;
  /** `db.coll` as pipelines name it → the collection's own name here; see place-namespace.ts. */
  readonly collectionNames?: Readonly<Record<string, string>>;
  readonly connections: Readonly<Record<string, Connection>>;
  readonly collections: readonly CollectionSpec[];
  readonly checkpoints: { readonly connectionName?: string; readonly db: string };
  /** Severities of findings: its own, and what all environments share. */
  readonly adjustments?: readonly Adjustment[];
  /** What the environment says beside that: tier, region, credentials … */
  readonly settings?: EnvironmentConfig;
  /** Absent for an environment that was not read from a file. Paths are those of the whole file. */
  readonly placeOf?: PlaceOf;
}
