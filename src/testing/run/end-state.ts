import type { MongoClient } from "mongodb";
import type { DeadLetterTarget } from "../../stages/definition.ts";
import { readCaptured } from "../captured/read-captured.ts";
import type { StoredDocument } from "../compare/compare-collections.ts";
import { withoutPlace } from "../compare/message-form.ts";
import type { CollectionName } from "../case/given.ts";

/** A collection as it is at the end of a run, by its names here and for authors. */
export interface WrittenCollection extends CollectionName {
  readonly label: string;
  /** Whoever may have written it. */
  readonly processors: readonly string[];
  /** False where what is delivered twice is there twice, and no document has an `_id` that the server or asp gave it. */
  readonly isKeyed?: boolean;
  /** Where it is files. */
  readonly dir?: string;
  /** Where it is a topic: what was emitted to it. */
  readonly messages?: readonly StoredDocument[];
}

/** What a run left behind. */
export interface EndState {
  /** By label, each sorted by `_id` as the server sorts. */
  readonly collections: ReadonlyMap<string, readonly StoredDocument[]>;
  readonly deadLetters: readonly StoredDocument[];
}

/** Keeps every BSON type as it is stored: an int32 is not a double, a regular expression not a RegExp. */
const exact = { promoteValues: false, promoteLongs: false, bsonRegExp: true } as const;

/** All documents of a collection in the order of their `_id`, of their files, or as they were emitted, one after the other. */
export async function* readCollection(
  client: MongoClient,
  { db, coll, dir, messages, isKeyed }: Pick<WrittenCollection, "db" | "coll" | "dir" | "messages" | "isKeyed">,
): AsyncGenerator<StoredDocument> {
  if (messages !== undefined) return yield* messages.map(withoutPlace);
  if (dir !== undefined) return yield* readCaptured(dir);
  const cursor = client.db(db).collection(coll).find({}, exact).sort({ _id: 1 }).allowDiskUse();
  for await (const document of cursor) yield isKeyed === false ? withoutGivenId(document) : document;
}

/** In a time series an `_id` is no key, and one that the server gave is another one in each run. */
function withoutGivenId(document: StoredDocument): StoredDocument {
  const { _id, ...rest } = document;
  return isObjectId(_id) ? rest : document;
}

/** By name: the driver has a copy of the BSON library of its own. */
function isObjectId(value: unknown): boolean {
  return typeof value === "object" && value !== null && "_bsontype" in value && value._bsontype === "ObjectId";
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
