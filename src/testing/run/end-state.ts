import type { MongoClient } from "mongodb";
import type { DeadLetterTarget } from "../../stages/definition.ts";
import type { StoredDocument } from "../compare/compare-collections.ts";
import type { CollectionName } from "../case/given.ts";

/** A collection as it is at the end of a run, by its names here and for authors. */
export interface WrittenCollection extends CollectionName {
  readonly label: string;
  /** Whoever may have written it. */
  readonly processors: readonly string[];
}

/** What a run left behind. */
export interface EndState {
  /** By label, each sorted by `_id` as the server sorts. */
  readonly collections: ReadonlyMap<string, readonly StoredDocument[]>;
  readonly deadLetters: readonly StoredDocument[];
}

/** Keeps every BSON type as it is stored: an int32 is not a double, a regular expression not a RegExp. */
const exact = { promoteValues: false, promoteLongs: false, bsonRegExp: true } as const;

/** All documents of a collection in the order of their `_id`, one after the other. */
export async function* readCollection(
  client: MongoClient,
  { db, coll }: CollectionName,
): AsyncGenerator<StoredDocument> {
  const cursor = client.db(db).collection(coll).find({}, exact).sort({ _id: 1 }).allowDiskUse();
  for await (const document of cursor) yield document;
}

/** The dead letters in the order in which they were written. */
export async function* readDeadLetters(
  client: MongoClient,
  targets: readonly DeadLetterTarget[],
  processors: readonly string[],
): AsyncGenerator<StoredDocument> {
  const seen = new Map(targets.map((target) => [`${target.db}.${target.coll}`, target]));
  for (const { db, coll } of seen.values()) {
    const cursor = client
      .db(db)
      .collection(coll)
      .find({ processorName: { $in: [...processors] } }, exact);
    for await (const letter of cursor.sort({ dlqTime: 1, _id: 1 })) yield letter;
  }
}

export async function readEndState(
  client: MongoClient,
  written: readonly WrittenCollection[],
  deadLetters: readonly DeadLetterTarget[],
): Promise<EndState> {
  const collections = new Map<string, readonly StoredDocument[]>();
  for (const collection of written) {
    const documents: StoredDocument[] = [];
    for await (const document of readCollection(client, collection)) documents.push(document);
    collections.set(collection.label, documents);
  }
  const processors = written.flatMap((one) => one.processors);
  const letters: StoredDocument[] = [];
  for await (const letter of readDeadLetters(client, deadLetters, processors)) letters.push(letter);
  return { collections, deadLetters: letters };
}
