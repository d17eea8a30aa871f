import { calculateObjectSize, type Document } from "bson";
import { MongoServerError, type MongoClient } from "mongodb";
import { queryRefused } from "./refusals.ts";

/** So much goes into one command, together with what is around it. */
const mostBytes = 12 * 1024 * 1024;

/**
 * Those documents that a query selects, in their order. mongod says which: nothing of a query is understood here.
 *
 * @throws AspError ASP5353 for what is no query
 */
export async function selectDocuments(
  client: MongoClient,
  documents: readonly Document[],
  query: Document,
): Promise<readonly Document[]> {
  const selected: Document[] = [];
  for (const part of partsOf(documents)) {
    const numbered = part.map((document, position) => ({ document, position }));
    const stages = [
      { $documents: { $literal: numbered } },
      // The query sees the document alone, and its number comes beside it again.
      { $replaceWith: { $mergeObjects: ["$document", { [positionField]: "$position" }] } },
      { $match: query },
      { $project: { _id: 0, [positionField]: 1 } },
    ];
    try {
      const found = await client.db("admin").aggregate<Document>(stages).toArray();
      for (const { [positionField]: position } of found) selected.push(part[position as number] ?? {});
    } catch (error) {
      if (error instanceof MongoServerError) throw queryRefused(error);
      throw error;
    }
  }
  return selected;
}

const positionField = "__asp_position";

function* partsOf(documents: readonly Document[]): Iterable<readonly Document[]> {
  let part: Document[] = [];
  let bytes = 0;
  for (const document of documents) {
    const own = calculateObjectSize(document) + 64;
    if (bytes + own > mostBytes && part.length > 0) {
      yield part;
      [part, bytes] = [[], 0];
    }
    part.push(document);
    bytes += own;
  }
  if (part.length > 0) yield part;
}
