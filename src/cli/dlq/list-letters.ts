import type { Document } from "mongodb";
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
            last: { $max: "$dlqTime" },
          },
        },
        { $sort: { "_id.processor": 1, count: -1, "_id.reason": 1 } },
      ])
      .toArray();
    for (const { _id, count, redriven, first, last } of found) {
      const { processor, operator, reason } = _id as Record<"processor" | "operator" | "reason", string>;
      if (pattern !== undefined && !pattern.test(reason)) continue;
      const [from, to] = [first, last].map((time) => (time as Date).toISOString());
      groups.push({ queue: name, processor, operator, reason, count, redriven, first: from ?? "", last: to ?? "" });
    }
    strange += await collection.countDocuments({ $nor: [isLetter] });
  }
  return { groups, strange };
}
