import type { EventSource } from "../../src/projections/processor-value.ts";

/** The `events` block of the sample project. */
export const events: EventSource = {
  connectionName: "events",
  db: "shop",
  coll: "events",
  envelope: { id: "_id", stream: "streamId", version: "version", type: "type", time: "occurredAt", data: "data" },
};
