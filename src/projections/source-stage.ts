import type { Document } from "bson";
import { anyType } from "./handler.ts";
import type { EventSource, Guard } from "./processor-value.ts";

/**
 * Reads inserted events of the handled types, and nothing else.
 *
 * The position guard needs the change event, whose `_id._data` is the position; the others only the event.
 */
export function sourceStage(source: EventSource, guard: Guard, types: readonly string[]): Document {
  const handled = types.includes(anyType) ? {} : { [`fullDocument.${source.envelope.type}`]: { $in: types } };
  return {
    $source: {
      connectionName: source.connectionName,
      db: source.db,
      coll: source.coll,
      config: {
        pipeline: [{ $match: { operationType: "insert", ...handled } }],
        ...(guard === "position" ? {} : { fullDocumentOnly: true }),
      },
    },
  };
}
