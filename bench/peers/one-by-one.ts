import { inserts } from "./consumer.ts";
import type { Consumer, InsertOfEvent } from "./consumer.ts";
import { toGuardedUpdate } from "./guarded-update.ts";

/** A consumer as services have it today: one guarded update per change, acknowledged as the driver does by default. */
export async function consumeOneByOne({ events, orders, position, savePosition, until }: Consumer): Promise<void> {
  const stream = events.watch<InsertOfEvent, InsertOfEvent>(inserts, { startAfter: position });
  let savedAt = Date.now();
  for (let seen = 0; seen < until; seen += 1) {
    const change = await stream.next();
    const { filter, update, upsert } = toGuardedUpdate(change.fullDocument);
    await orders.updateOne(filter, update, { upsert });
    if (Date.now() - savedAt < 1000) continue;
    await savePosition(change._id);
    savedAt = Date.now();
  }
  await stream.close();
}
