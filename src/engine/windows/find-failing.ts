import { Long } from "bson";
import type { Document } from "bson";
import { withoutCarrierText } from "../../expressions/stream-metadata.ts";
import { createFieldFinder, decodeField } from "../core/bson-fields.ts";
import { isDocumentError } from "../core/document-error.ts";
import { decodeExact, fieldOf } from "../core/exact-bson.ts";
import { serverReason } from "../core/server-reason.ts";
import type { Refused } from "../transform.ts";
import type { KeptDocuments } from "./kept-documents.ts";
import { stagesOver, type WholeOptions } from "./run-whole.ts";

/**
 * Finds the documents that make a stage over all of them fail, by halves, and refuses each.
 *
 * @param count the documents are numbered from 1 to this
 * @returns a filter that leaves them out
 */
export async function findFailing(
  from: KeptDocuments,
  count: number,
  stage: Document,
  { carries, stream }: WholeOptions,
  refuse: (failed: readonly Refused[]) => void,
): Promise<Document> {
  const stages = [...stagesOver([stage], carries), { $limit: 1 }];
  const failing: Long[] = [];
  const search = async (first: number, last: number): Promise<void> => {
    if (first > last) return;
    const range = { "_id.n": { $gte: Long.fromNumber(first), $lte: Long.fromNumber(last) } };
    try {
      for await (const _ of from.read({ filter: range, stages })) break;
    } catch (error) {
      if (!isDocumentError(error)) throw error;
      if (first === last) return found(first, error);
      const middle = Math.floor((first + last) / 2);
      await search(first, middle);
      await search(middle + 1, last);
    }
  };
  const found = async (number: number, error: unknown): Promise<void> => {
    failing.push(Long.fromNumber(number));
    for await (const [bson] of from.read({ filter: { "_id.n": Long.fromNumber(number) }, stages: [] })) {
      if (bson === undefined) continue;
      const own = decodeField(bson, findStream(bson)) as Document | undefined;
      refuse([
        {
          document: fieldOf(decodeExact(bson), "d") as Document,
          operator: Object.keys(stage)[0] ?? "",
          reason: withoutCarrierText(serverReason(error)),
          index: -1,
          stream: { ...stream, ...own, window: stream["window"] },
        },
      ]);
    }
  };
  await search(1, count);
  return failing.length === 0 ? {} : { "_id.n": { $nin: failing } };
}

const findStream = createFieldFinder("m");
