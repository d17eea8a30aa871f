import type { Timestamp } from "bson";
import type { Collection } from "mongodb";

/** How long the server looks for an event, in milliseconds. */
const lookMs = 1000;

/**
 * Whether a collection's change stream has an event later than an operation time. Only those are asked for that hold a document however the
 * stream is opened: documents that were inserted or replaced. False where none is found in a second. Changes nothing on the cluster.
 *
 * @throws MongoError where the stream cannot be read, or no more from that time on
 */
export async function hasEventsAfter(collection: Collection, time: Timestamp): Promise<boolean> {
  const later = { clusterTime: { $gt: time }, operationType: { $in: ["insert", "replace"] } };
  const stream = collection.watch([{ $match: later }, { $project: { operationType: 1 } }], {
    startAtOperationTime: time,
    maxAwaitTimeMS: lookMs,
  });
  try {
    return (await stream.tryNext()) !== null;
  } finally {
    await stream.close();
  }
}
