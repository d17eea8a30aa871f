import type { Document } from "bson";
import type { Definition } from "../../stages/definition.ts";

/** A projection's pipeline for events that are stored, in place of changes: what the cluster's own `aggregate` runs. */
export interface StoredStages {
  /** Chooses the events that the projection handles. */
  readonly match: readonly Document[];
  /** From the event to the document that is merged. */
  readonly stages: readonly Document[];
  /** Without `into`. */
  readonly merge: Document;
}

/**
 * The stages of a definition whose `$source` has `fullDocumentOnly`, so that they expect events as they are stored. Conditions on the
 * change around an event are left out: what is stored was inserted.
 */
export function toStoredStages({ pipeline }: Pick<Definition, "pipeline">): StoredStages {
  const [source, ...rest] = pipeline;
  const pushed = (source?.["$source"]?.config?.pipeline ?? []) as readonly Document[];
  const { into: _, ...merge } = (rest.at(-1)?.["$merge"] ?? {}) as Document;
  return {
    match: pushed.map((stage) => ({ $match: overStored((stage["$match"] ?? {}) as Document) })),
    stages: rest.slice(0, -1),
    merge,
  };
}

/** A condition on a change as one on the event in it. */
function overStored(match: Document): Document {
  const conditions = Object.entries(match).filter(([path]) => path !== "operationType");
  return Object.fromEntries(
    conditions.map(([path, value]) => [path.replace(/^fullDocument\./u, ""), value as unknown]),
  );
}

/** Where a definition's `$merge` writes, by the names of the workspace. */
export interface SinkPlace {
  readonly connectionName: string;
  readonly db: string;
  readonly coll: string;
}

/** Undefined for a pipeline that ends otherwise. */
export function sinkOf(pipeline: readonly Document[]): SinkPlace | undefined {
  const { connectionName, db, coll } = (pipeline.at(-1)?.["$merge"]?.into ?? {}) as Document;
  const isWritten = [connectionName, db, coll].every((name) => typeof name === "string");
  return isWritten ? { connectionName, db, coll } : undefined;
}

/** The same pipeline with its `$merge` into another collection. */
export function writingTo(pipeline: readonly Document[], coll: string): readonly Document[] {
  const merge = (pipeline.at(-1)?.["$merge"] ?? {}) as Document;
  // In its place: the order of keys is compared.
  const into = Object.fromEntries(
    Object.entries((merge["into"] ?? {}) as Document).map(([key, value]) => [
      key,
      key === "coll" ? coll : (value as unknown),
    ]),
  );
  const changed = Object.fromEntries(
    Object.entries(merge).map(([key, value]) => [key, key === "into" ? into : (value as unknown)]),
  );
  return [...pipeline.slice(0, -1), { $merge: changed }];
}
