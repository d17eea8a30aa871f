import type { Document } from "bson";
import type { DeadLetterTarget } from "../stages/definition.ts";
import type { EventSource } from "../projections/processor-value.ts";

/** What a connection name stands for in one environment: its type, and the rest as the config file has it, `${NAME}` included. */
export interface ConnectionSpec {
  readonly type: string;
  readonly uri?: string;
  /** The name it has at the target, where that differs. */
  readonly name?: string;
  readonly [setting: string]: unknown;
}

/** An index that a collection needs, as `createIndexes` takes it. */
export interface IndexSpec {
  readonly key: Document;
  readonly unique?: boolean;
  readonly [option: string]: unknown;
}

/** What sinks and sources need of a collection. */
export interface CollectionSpec {
  readonly connectionName: string;
  readonly db: string;
  readonly coll: string;
  readonly indexes?: readonly IndexSpec[];
  readonly validator?: Document;
  readonly changeStreamPreAndPostImages?: Document;
  readonly timeseries?: Document;
}

/** A named target of `atlas.config.yaml` with what all environments share merged in. Nothing is interpolated yet. */
export interface Environment {
  readonly name: string;
  readonly target: string;
  readonly events?: EventSource;
  readonly dlq?: DeadLetterTarget;
  /** Database names that differ here: authored name → name in this environment. */
  readonly databases: Readonly<Record<string, string>>;
  readonly connections: Readonly<Record<string, ConnectionSpec>>;
  readonly collections: readonly CollectionSpec[];
  /** Where checkpoints are kept. */
  readonly checkpoints: { readonly connectionName?: string; readonly db: string };
}
