import { serialize } from "bson";
import type { Document } from "bson";
import type { StageRunner } from "../stage-runner.ts";
import type { Batch } from "./batch.ts";

const batchSize = 1000;
const emptyDocument = serialize({});

/**
 * Delivers inline documents once, in order, then ends.
 *
 * @param documents an array, or an expression that mongod evaluates to one. Source: asp-language 1.1.6.
 * @param from how many have been handled before
 */
export async function* readDocuments(documents: unknown, from: number, runner: StageRunner): AsyncGenerator<Batch> {
  const expression = Array.isArray(documents) ? { $literal: documents } : documents;
  const stages: Document[] = [
    { $project: { _id: 0, d: expression } },
    { $unwind: "$d" },
    { $replaceRoot: { newRoot: "$d" } },
  ];
  const all = await runner.run(stages, [emptyDocument]);
  for (let start = from; start < all.length; start += batchSize) {
    const part = all.slice(start, start + batchSize);
    const events = part.map((bson, index) => ({ bson, after: { documents: start + index + 1 } }));
    yield { events, position: { documents: start + events.length } };
  }
}
