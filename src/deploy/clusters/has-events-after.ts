import type { Timestamp } from "bson";
import type { Collection } from "mongodb";

/**
 * Whether a collection's change stream has an event later than an operation time. Only those are asked for that hold a document however the
 * stream is opened: documents that were inserted or replaced. Changes nothing on the cluster.
 *
 * @param lookMs how long the server looks for one, in milliseconds; false where it finds none by then
 * @throws MongoError where the stream cannot be read, or no more from that time on
 */
export async function hasEventsAfter(collection: Collection, time: Timestamp, lookMs: number): Promise<boolean> {
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
