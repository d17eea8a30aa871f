import type { Document } from "bson";
import type { EngineOptions, ProcessorStats } from "../../../src/engine/engine.ts";
import type { TestDatabase } from "../../support/mongod.ts";
import { dlq, freshName, mergeInto, runToEnd } from "../support.ts";

export interface Passed {
  /** In the database of the test. */
  readonly coll: string;
  readonly stats: ProcessorStats | undefined;
  /** By `_id`. */
  readonly documents: readonly Document[];
  readonly letters: readonly Document[];
}

/** Takes inline documents through stages, and reads what is stored and what became a dead letter. */
export async function pass(
  { client, ...database }: TestDatabase,
  documents: readonly Document[],
  stages: readonly Document[],
  options: Partial<EngineOptions> = {},
): Promise<Passed> {
  const [coll, letters] = [freshName(), freshName()];
  const definition = {
    name: coll,
    pipeline: [{ $source: { documents } }, ...stages, mergeInto(database.db, coll, { whenMatched: "replace" })],
    options: dlq(database.db, letters),
  };
  const [stats] = await runToEnd({ client, ...database }, [definition], options);
  const read = (name: string, sort: Document): Promise<Document[]> =>
    client
      .db(database.db)
      .collection<Document>(name)
      .find({}, { sort: sort as never })
      .toArray();
  return { coll, stats, documents: await read(coll, { _id: 1 }), letters: await read(letters, { "doc._id": 1 }) };
}
