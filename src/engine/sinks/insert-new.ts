import type { Document } from "bson";
import type { Db } from "mongodb";
import { createFieldFinder, decodeField } from "../core/bson-fields.ts";
import { isDocumentError } from "../core/document-error.ts";
import { embedBson } from "../embed-bson.ts";
import { commandBytes, commandStatements } from "./cut-commands.ts";
import { keyOf, type Target } from "./merge-target.ts";
import { runWrite } from "./run-write.ts";

export interface InsertNewOptions {
  readonly db: Db;
  readonly coll: string;
}

const findId = createFieldFinder("_id");

/**
 * Inserts those documents whose key is not stored yet, as an upsert would: asking first and inserting many at once costs the server
 * a tenth of as many upserts, and what follows for the key needs to be sent once only.
 *
 * @param targets of different keys, merged on `_id`
 * @returns the places of those that were inserted; whatever was not goes the way of an update, which tells why
 */
export async function insertNew(targets: readonly Target[], options: InsertNewOptions): Promise<ReadonlySet<number>> {
  const inserted = new Set<number>();
  let open: number[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    for (const place of await insertMissing(targets, open, options)) inserted.add(place);
    open = [];
    bytes = 0;
  };
  for (const [place, { document, destination }] of targets.entries()) {
    if (!destination.insert || destination.whenMatched === "delete") continue;
    if (open.length === commandStatements || bytes + document.length > commandBytes) await flush();
    open.push(place);
    bytes += document.length;
  }
  await flush();
  return inserted;
}

async function insertMissing(
  targets: readonly Target[],
  places: readonly number[],
  { db, coll }: InsertNewOptions,
): Promise<readonly number[]> {
  if (places.length === 0) return [];
  const targetAt = (place: number): Target => targets[place] as Target;
  try {
    const filter: Document = { _id: { $in: places.map((place) => idOf(targetAt(place).document)) } };
    const found = await db
      .collection(coll)
      .find(filter, { projection: { _id: 1 }, raw: true })
      .toArray();
    const stored = new Set((found as unknown as Uint8Array[]).map((bson) => keyOf([idOf(bson)])));
    const missing = places.filter((place) => !stored.has(targetAt(place).key));
    if (missing.length === 0) return [];
    const documents = missing.map((place) => embedBson(targetAt(place).document));
    const { errors } = await runWrite(db, { insert: coll, documents, ordered: false });
    const refused = new Set(errors.map(({ index }) => index as number));
    return missing.filter((_, index) => !refused.has(index));
  } catch (error) {
    if (!isDocumentError(error)) throw error;
    return [];
  }
}

function idOf(bson: Uint8Array): unknown {
  return decodeField(bson, findId(bson));
}
