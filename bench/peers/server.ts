import type { Document } from "mongodb";
import type { Definition } from "../../src/stages/definition.ts";

/**
 * What the server does alone with the same stages: one aggregation over the stored events that ends with the same `$merge`. It reads
 * no change stream and keeps no position, so it is a bound and not a way to run a service.
 */
export function toStoredPipeline({ pipeline }: Definition): readonly Document[] {
  const [source, ...rest] = pipeline;
  const merge: Document = rest.at(-1)?.["$merge"] ?? {};
  const { db, coll } = merge["into"] as { readonly db: string; readonly coll: string };
  const pushedDown: readonly Document[] = source?.["$source"]?.config?.pipeline ?? [];
  return [
    ...pushedDown.map(({ $match }) => ({ $match: overStoredEvent($match as Document) })),
    ...rest.slice(0, -1),
    { $merge: { ...merge, into: { db, coll } } },
  ];
}

/** The condition on a change as one on the event in it. */
function overStoredEvent(match: Document): Document {
  const conditions = Object.entries(match).filter(([path]) => path !== "operationType");
  return Object.fromEntries(conditions.map(([path, value]) => [path.replace(/^fullDocument\./, ""), value as unknown]));
}
