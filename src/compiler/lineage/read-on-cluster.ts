import { child, type Cursor } from "../cursor.ts";
import { isDocument } from "../kinds.ts";

/** A collection that a cluster reads for a pipeline that it is given. */
export interface ReadOnCluster {
  readonly db: string;
  readonly coll: string;
}

/** The further collections of a pipeline that a cluster runs; those without a database lie in `db`, which is the pipeline's own. */
export function readOnCluster(pipeline: Cursor, db: string): readonly ReadOnCluster[] {
  const stages = Array.isArray(pipeline.value) ? pipeline.value : [];
  return stages.flatMap((stage: unknown, index) => {
    if (!isDocument(stage)) return [];
    const cursor = child(pipeline, index);
    const inner = (args: Cursor, from: Cursor): readonly ReadOnCluster[] => {
      const found = namespaceOf(from, db);
      return [...(found === undefined ? [] : [found]), ...readOnCluster(child(args, "pipeline"), found?.db ?? db)];
    };
    const [lookup, graphLookup, union, facet] = ["$lookup", "$graphLookup", "$unionWith", "$facet"].map((name) =>
      child(cursor, name),
    );
    if (lookup?.value !== undefined) return inner(lookup, child(lookup, "from"));
    if (graphLookup?.value !== undefined) return inner(graphLookup, child(graphLookup, "from"));
    if (union?.value !== undefined) return inner(union, union);
    if (facet === undefined || !isDocument(facet.value)) return [];
    return Object.keys(facet.value).flatMap((name) => readOnCluster(child(facet, name), db));
  });
}

/** A collection by its name, or a document with `coll` and perhaps `db`. */
function namespaceOf(from: Cursor, ownDb: string): ReadOnCluster | undefined {
  if (typeof from.value === "string") return { db: ownDb, coll: from.value };
  const [db = ownDb, coll] = [child(from, "db").value, child(from, "coll").value];
  return typeof db === "string" && typeof coll === "string" ? { db, coll } : undefined;
}
