/** What a processor touches, of whatever kind. */
export type ResourceKind =
  | "collection"
  | "topic"
  | "stream"
  | "bucket"
  | "table"
  | "http"
  | "function"
  | "schedule"
  | "documents"
  | "sample"
  | "connection";

/** Something outside of a processor that it reads, asks or writes. Names are those of the environment. */
export interface Resource {
  /** The same for all that touch the same thing, and no secret. */
  readonly id: string;
  readonly kind: ResourceKind;
  /** `shop.orders`, a topic, a bucket with its path; `shop.*` and `*` for all collections of a database or a cluster. */
  readonly name: string;
  /** Names by which processors reach it, in the order in which they are met; none for what needs no connection. */
  readonly connections: readonly string[];
  /** True where an expression decides for each document: the name is that of the expression. */
  readonly isComputed: boolean;
}

/** What one does with the other: data flows along it. `within`: a collection is among those that are read. */
export type FlowKind = "reads" | "looks up" | "calls" | "writes" | "dead letters" | "within";

/** Ids of processors and resources, in the direction in which data flows. */
export interface LineageEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: FlowKind;
}

export interface LineageProcessor {
  readonly id: string;
  readonly name: string;
}

/** Which processors read, ask and write what. */
export interface Lineage {
  readonly processors: readonly LineageProcessor[];
  readonly resources: readonly Resource[];
  /** No two are equal. */
  readonly edges: readonly LineageEdge[];
}
