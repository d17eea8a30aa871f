import { inserts } from "./consumer.ts";
import type { Consumer, InsertOfEvent } from "./consumer.ts";
import { toGuardedUpdate } from "./guarded-update.ts";

const batchSize = 1000;

/**
 * A consumer that somebody took trouble over: guarded updates in batches of a thousand, the next batch read while one is written.
 * The writes ask for a majority, as the position does: one that a crashed primary has forgotten would be covered by it all the same.
 */
export async function consumeInBulk({ events, orders, position, savePosition, until }: Consumer): Promise<void> {
  const stream = events.watch<InsertOfEvent, InsertOfEvent>(inserts, { startAfter: position, batchSize });
  let savedAt = Date.now();
  const write = async (changes: readonly InsertOfEvent[]): Promise<void> => {
    const operations = changes.map(({ fullDocument }) => ({ updateOne: toGuardedUpdate(fullDocument) }));
    // In order, as a batch may hold several events of one order.
    await orders.bulkWrite(operations, { ordered: true, writeConcern: { w: "majority" } });
    const last = changes.at(-1);
    if (last === undefined || Date.now() - savedAt < 1000) return;
    await savePosition(last._id);
    savedAt = Date.now();
  };
  let writing: Promise<void> = Promise.resolve();
  for (let seen = 0; seen < until;) {
    const batch: InsertOfEvent[] = [];
    while (batch.length < batchSize && seen + batch.length < until) batch.push(await stream.next());
    seen += batch.length;
    await writing;
    writing = write(batch);
  }
  await writing;
  await stream.close();
}
