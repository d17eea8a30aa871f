import type { Document } from "bson";
import { EJSON } from "bson";
import type { Db, MongoClient } from "mongodb";
import type { Definition } from "../../../src/stages/definition.ts";

/**
 * Delivers documents to a compiled projection as an engine would: the stages run on the server, the `$merge` is done by the `update`
 * command, and a document that fails stays behind alone. Returns how many stayed behind.
 *
 * A second implementation on purpose: the laws must not depend on our engine.
 */
export async function runDeliveries(
  client: MongoClient,
  db: string,
  definition: Definition,
  deliveries: readonly Document[],
): Promise<number> {
  const [, ...rest] = definition.pipeline;
  const merge = rest.at(-1)?.["$merge"] as {
    readonly into: { readonly coll: string };
    readonly whenMatched: Document[];
  };
  const stages = rest.slice(0, -1);
  const database = client.db(db);
  let failed = 0;
  for (let start = 0; start < deliveries.length; start += batchSize) {
    const batch = deliveries.slice(start, start + batchSize);
    const { documents, failures } = await transform(database, stages, batch);
    const writable = documents.filter(({ _id }) => _id !== null && _id !== undefined && !Array.isArray(_id));
    failed += failures + documents.length - writable.length;
    if (writable.length > 0) failed += await write(database, merge.into.coll, merge.whenMatched, writable);
  }
  return failed;
}

const batchSize = 1000;
const raw = { promoteValues: false, promoteLongs: false } as const;

interface Transformed {
  readonly documents: readonly Document[];
  readonly failures: number;
}

async function transform(database: Db, stages: readonly Document[], batch: readonly Document[]): Promise<Transformed> {
  try {
    const cursor = database.aggregate([{ $documents: { $literal: batch } }, ...stages], raw);
    return { documents: await cursor.toArray(), failures: 0 };
  } catch (error) {
    if (batch.length === 1) return { documents: [], failures: 1 };
    const middle = Math.ceil(batch.length / 2);
    const halves = [
      await transform(database, stages, batch.slice(0, middle)),
      await transform(database, stages, batch.slice(middle)),
    ];
    // Something that fails for no document on its own is a broken pipeline, not a dead letter.
    if (halves.every(({ failures }) => failures === 0)) throw error;
    return {
      documents: halves.flatMap(({ documents }) => documents),
      failures: halves.reduce((sum, { failures }) => sum + failures, 0),
    };
  }
}

async function write(
  database: Db,
  coll: string,
  pipeline: Document[],
  documents: readonly Document[],
): Promise<number> {
  const updates = documents.map((document) => ({
    q: { _id: { $eq: document["_id"] as unknown } },
    u: pipeline,
    c: { new: document },
    upsert: true,
    upsertSupplied: true,
  }));
  const result = await database.command({ update: coll, updates, ordered: false });
  return (result["writeErrors"] as readonly unknown[] | undefined)?.length ?? 0;
}

/** The read models that a reader sees: no tombstones, no `_asp`; by `_id` as EJSON. */
export async function readModels(client: MongoClient, db: string, coll: string): Promise<Map<string, Document>> {
  const documents = await client
    .db(db)
    .collection(coll)
    .find({ "_asp.deleted": { $ne: true } }, { projection: { _asp: 0 }, promoteBuffers: true })
    .toArray();
  return new Map(documents.map(({ _id, ...fields }) => [EJSON.stringify(_id, { relaxed: false }), fields]));
}
