import { calculateObjectSize, type Document } from "bson";
import { MongoServerError, type MongoClient } from "mongodb";
import { queryRefused } from "./refusals.ts";

/** So much goes into one command, together with what is around it. */
const mostBytes = 12 * 1024 * 1024;
/** For what a pattern may take. JavaScript, which no limit of time ends, is refused. */
const mostMs = 5000;

/**
 * Those documents that a query selects, in their order. mongod says which: nothing of a query is understood here.
 *
 * @throws AspError ASP5353 for what is no query, holds JavaScript, or takes longer than five seconds
 */
export async function selectDocuments(
  client: MongoClient,
  documents: readonly Document[],
  query: Document,
): Promise<readonly Document[]> {
  if (holdsJavaScript(query)) throw queryRefused(new Error("it holds JavaScript"));
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
      const found = await client.db("admin").aggregate<Document>(stages, { maxTimeMS: mostMs }).toArray();
      for (const { [positionField]: position } of found) selected.push(part[position as number] ?? {});
    } catch (error) {
      if (error instanceof MongoServerError) throw queryRefused(error);
      throw error;
    }
  }
  return selected;
}

const javaScript: ReadonlySet<unknown> = new Set(["$function", "$accumulator", "$where"]);

/** Documents whose keys are numbers come as maps. */
function holdsJavaScript(value: unknown): boolean {
  if (typeof value !== "object" || value === null || "_bsontype" in value) return false;
  if (Array.isArray(value)) return value.some(holdsJavaScript);
  const fields: readonly (readonly [unknown, unknown])[] = value instanceof Map ? [...value] : Object.entries(value);
  return fields.some(([key, each]) => javaScript.has(key) || holdsJavaScript(each));
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
