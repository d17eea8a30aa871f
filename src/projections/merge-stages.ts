import type { Document } from "bson";
import type { ProjectionValue } from "./processor-value.ts";

/**
 * The last stages of every projection.
 *
 * The documents are built whole, so nothing of the event is left in them; but the service may add `_ts` and `_stream_meta` on the way
 * to the sink unless a stage removes them by name (asp-language section 5).
 */
export function mergeStages(into: ProjectionValue["into"], replacement: unknown): readonly Document[] {
  return [
    { $unset: ["_ts", "_stream_meta"] },
    {
      $merge: {
        into: { connectionName: into.connectionName, db: into.db, coll: into.coll },
        whenMatched: [{ $replaceWith: replacement }],
        whenNotMatched: "insert",
      },
    },
  ];
}
