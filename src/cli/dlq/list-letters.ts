import type { Document } from "mongodb";
import { shownId } from "../../deploy/letters/letter.ts";
import type { LetterFilter, Queue } from "./queues.ts";

/** Letters of one processor with one reason. */
export interface LetterGroup {
  readonly queue: string;
  readonly processor: string;
  readonly operator: string;
  readonly reason: string;
  readonly count: number;
  /** Of `count`: put through again already. */
  readonly redriven: number;
  readonly first: string;
  readonly last: string;
  /** Of the last one, as `asp dlq show` takes it. */
  readonly lastId: string;
}

/** Counted by the clusters, so that a queue may hold any number; documents that are no letters are counted apart. */
export async function listLetters(
  queues: readonly Queue[],
  { processor: only, reason: pattern, since }: LetterFilter,
): Promise<{ readonly groups: readonly LetterGroup[]; readonly strange: number }> {
  const isLetter = {
    processorName: { $type: "string" },
    dlqTime: { $type: "date" },
    "errInfo.reason": { $type: "string" },
  };
  const groups: LetterGroup[] = [];
  let strange = 0;
  for (const { name, collection } of queues) {
    const found = await collection
      .aggregate<Document>([
        { $match: { ...isLetter, ...(since !== undefined && { $expr: { $gte: ["$dlqTime", since] } }) } },
        ...(only === undefined ? [] : [{ $match: { processorName: only } }]),
        {
          $group: {
            _id: {
              processor: "$processorName",
              operator: { $ifNull: ["$operatorName", ""] },
              reason: "$errInfo.reason",
            },
            count: { $sum: 1 },
            redriven: { $sum: { $cond: [{ $eq: [{ $type: "$_asp.redriven" }, "missing"] }, 0, 1] } },
            first: { $min: "$dlqTime" },
            last: { $max: { time: "$dlqTime", id: "$_id" } },
          },
        },
        { $sort: { "_id.processor": 1, count: -1, "_id.reason": 1 } },
      ])
      .toArray();
    for (const { _id, count, redriven, first, last } of found) {
      const { processor, operator, reason } = _id as Record<"processor" | "operator" | "reason", string>;
      if (pattern !== undefined && !pattern.test(reason)) continue;
      const newest = last as { readonly time: Date; readonly id: unknown };
      groups.push({
        queue: name,
        processor,
        operator,
        reason,
        count,
        redriven,
        first: (first as Date).toISOString(),
        last: newest.time.toISOString(),
        lastId: shownId(newest.id),
      });
    }
    strange += await collection.countDocuments({ $nor: [isLetter] });
  }
  return { groups, strange };
}
