import type { Collection, Document, ResumeToken } from "mongodb";
import { inserts } from "./consumer.ts";

const dayMs = 24 * 3_600_000;

export interface DailyCount {
  readonly _id: { readonly day: Date; readonly origin: string };
  readonly count: number;
}

/**
 * What somebody writes who counts by day in memory: when the time of the events has passed a day's end, its counts are written. A crash
 * loses what it counted, and it keeps no position.
 */
export async function countInMemory(
  events: Collection<Document>,
  counts: Collection<DailyCount>,
  position: ResumeToken,
  until: number,
): Promise<void> {
  const stream = events.watch<Document, { readonly fullDocument: { readonly at: Date; readonly origin: string } }>(
    inserts,
    { startAfter: position, batchSize: 1000 },
  );
  const days = new Map<number, Map<string, number>>();
  for (let seen = 0; seen < until; seen += 1) {
    const { at, origin } = (await stream.next()).fullDocument;
    const day = Math.floor(at.getTime() / dayMs) * dayMs;
    const origins = days.get(day) ?? new Map<string, number>();
    days.set(day, origins);
    origins.set(origin, (origins.get(origin) ?? 0) + 1);
    for (const [start, counted] of days) {
      if (start + dayMs > at.getTime()) continue;
      days.delete(start);
      const documents = [...counted].map(([name, count]) => ({ _id: { day: new Date(start), origin: name }, count }));
      await counts.bulkWrite(
        documents.map((document) => ({
          replaceOne: { filter: { _id: document._id }, replacement: document, upsert: true },
        })),
        { ordered: false },
      );
    }
  }
  await stream.close();
}
