import type { Db, Document, IndexDirection, MongoClient } from "mongodb";
import { MongoServerError } from "mongodb";
import type { CollectionSpec } from "../config/config.ts";
import { placeNamespace } from "../config/place-namespace.ts";
import type { NamesHere } from "../config/place-namespace.ts";
import { AspError } from "../diagnostics/asp-error.ts";
import { changedSettings, otherKind, toCreateOptions, toIndexOptions } from "../compiler/collection-settings.ts";

/**
 * Makes sure that a cluster has the collections that the config asks for, with their indexes, validators and pre-images.
 * What is there already stays, and its validator and pre-images are set as asked; nothing is dropped.
 *
 * `names`: what databases and collections are called on this cluster, where that differs from what the config calls them.
 *
 * @throws AspError ASP4130 where an index or a time series is there with another definition, ASP4131 where the server
 * refuses a collection.
 */
export async function prepareCluster(
  client: MongoClient,
  collections: readonly CollectionSpec[],
  names: NamesHere = { databases: {} },
): Promise<void> {
  for (const spec of collections) {
    const { db: database, coll } = placeNamespace(spec.db, spec.coll, names);
    const db = client.db(database);
    await prepareCollection(db, coll, toCreateOptions(spec));
    for (const index of spec.indexes ?? []) await prepareIndex(db, coll, index.key, toIndexOptions(index));
  }
}

/**
 * Makes a collection, or sets what can be set of one that is there.
 *
 * @param wanted as `create` takes it
 * @throws AspError ASP4130, ASP4131 as {@link prepareCluster}
 */
export async function prepareCollection(db: Db, coll: string, wanted: Document): Promise<void> {
  const name = `${db.databaseName}.${coll}`;
  await refusingAs(name, async () => {
    const there = (await findCollection(db, coll)) ?? (await createCollection(db, coll, wanted));
    if (there === undefined) return;
    const kinds = otherKind(wanted, there);
    if (kinds !== undefined) throw conflict(name, kinds.found, kinds.wanted);
    const changed = changedSettings(wanted, there.options);
    if (Object.keys(changed).length > 0) await db.command({ collMod: coll, ...changed });
  });
}

/** A collection as its cluster lists it. */
export interface FoundCollection {
  /** `collection`, `timeseries`, `view`. */
  readonly type: string;
  /** As `create` takes them. */
  readonly options: Document;
}

export async function findCollection(db: Db, coll: string): Promise<FoundCollection | undefined> {
  const found = await db.listCollections({ name: coll }).next();
  if (found === null) return undefined;
  return { type: found.type ?? "collection", options: "options" in found ? (found.options ?? {}) : {} };
}

/** Undefined where it was made; otherwise another process has made it since. */
async function createCollection(db: Db, coll: string, options: Document): Promise<FoundCollection | undefined> {
  try {
    await db.createCollection(coll, options);
    return undefined;
  } catch (error) {
    if (!(error instanceof MongoServerError) || error.code !== codes.namespaceExists) throw error;
    return findCollection(db, coll);
  }
}

/**
 * Makes an index, also one that is there already.
 *
 * @throws AspError ASP4130, ASP4131 as {@link prepareCluster}
 */
export async function prepareIndex(
  db: Db,
  coll: string,
  key: Readonly<Record<string, unknown>>,
  options: Document,
): Promise<void> {
  const name = `${db.databaseName}.${coll}`;
  await refusingAs(name, async () => {
    try {
      await db.collection(coll).createIndex(key as Record<string, IndexDirection>, options);
    } catch (error) {
      if (!(error instanceof MongoServerError) || !isIndexConflict(error)) throw error;
      throw new AspError(
        "ASP4130",
        `\`${name}\` has an index that conflicts with ${JSON.stringify({ key, ...options })}: ${error.message}`,
        { help: "drop the index that is there, or write it into the config as it is", cause: error },
      );
    }
  });
}

/** What the server itself refuses, told as what it is about. */
async function refusingAs(name: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof MongoServerError)) throw error;
    throw new AspError("ASP4131", `the server refused collection \`${name}\` as the config has it: ${error.message}`, {
      help: "correct its entry under `collections` in atlas.config.yaml",
      cause: error,
    });
  }
}

const codes = { namespaceExists: 48, indexOptionsConflict: 85, indexKeySpecsConflict: 86 };

function isIndexConflict({ code }: MongoServerError): boolean {
  return code === codes.indexOptionsConflict || code === codes.indexKeySpecsConflict;
}

function conflict(name: string, found: string, wanted: string): AspError {
  return new AspError("ASP4130", `\`${name}\` is ${found}, and the config asks for ${wanted}`, {
    help: "drop the collection, or write it into the config as it is",
  });
}
