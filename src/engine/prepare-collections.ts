import type { Db, Document, IndexDirection, MongoClient } from "mongodb";
import { MongoServerError } from "mongodb";
import { takeSnapshot } from "../compiler/snapshot.ts";
import type { CollectionSpec, IndexSpec } from "../config/config.ts";
import { placeNamespace } from "../config/place-namespace.ts";
import type { NamesHere } from "../config/place-namespace.ts";
import { AspError } from "../diagnostics/asp-error.ts";

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
  for (const authored of collections) {
    const spec = { ...authored, ...placeNamespace(authored.db, authored.coll, names) };
    const db = client.db(spec.db);
    const name = `${db.databaseName}.${spec.coll}`;
    try {
      await prepareCollection(db, spec, name);
      for (const index of spec.indexes ?? []) await prepareIndex(db, spec.coll, index, name);
    } catch (error) {
      if (!(error instanceof MongoServerError)) throw error;
      throw new AspError(
        "ASP4131",
        `the server refused collection \`${name}\` as the config has it: ${error.message}`,
        {
          help: "correct its entry under `collections` in atlas.config.yaml",
          cause: error,
        },
      );
    }
  }
}

async function prepareCollection(db: Db, spec: CollectionSpec, name: string): Promise<void> {
  const { timeseries, expireAfterSeconds } = spec;
  const settings = toSettings(spec);
  const existing = await db.listCollections({ name: spec.coll }).next();
  if (existing === null) {
    const options = {
      ...settings,
      ...(timeseries && { timeseries }),
      ...(expireAfterSeconds && { expireAfterSeconds }),
    };
    try {
      await db.createCollection(spec.coll, options);
      return;
    } catch (error) {
      // Another process may have made it since.
      if (!(error instanceof MongoServerError) || error.code !== codes.namespaceExists) throw error;
    }
    return prepareCollection(db, spec, name);
  }
  const there = "options" in existing ? (existing.options ?? {}) : {};
  const wanted = timeseries?.timeField;
  const found: unknown = there["timeseries"]?.timeField;
  if (existing.type === "view" || wanted !== found)
    throw conflict(name, kindOf(existing.type, found), kindOf("collection", wanted));
  if (Object.entries(settings).some(([key, value]) => !isSame(there[key], value))) {
    await db.command({ collMod: spec.coll, ...settings });
  }
}

async function prepareIndex(db: Db, coll: string, { key, ...options }: IndexSpec, name: string): Promise<void> {
  try {
    await db.collection(coll).createIndex(key as Record<string, IndexDirection>, toBson(options) as Document);
  } catch (error) {
    if (!(error instanceof MongoServerError) || !isIndexConflict(error)) throw error;
    throw new AspError(
      "ASP4130",
      `\`${name}\` has an index that conflicts with ${JSON.stringify({ key, ...options })}: ${error.message}`,
      { help: "drop the index that is there, or write it into the config as it is", cause: error },
    );
  }
}

/** What `create` and `collMod` take alike. */
function toSettings(spec: CollectionSpec): Document {
  const { validator, validationLevel, validationAction, changeStreamPreAndPostImages } = spec;
  return {
    ...(validator && { validator: toBson(validator) }),
    ...(validationLevel && { validationLevel }),
    ...(validationAction && { validationAction }),
    ...(changeStreamPreAndPostImages && { changeStreamPreAndPostImages }),
  };
}

/** The config's plain values with their EJSON wrappers read. */
function toBson(value: unknown): unknown {
  return takeSnapshot(value, { processor: undefined, place: undefined, at: () => undefined }).value;
}

const codes = { namespaceExists: 48, indexOptionsConflict: 85, indexKeySpecsConflict: 86 };

function isIndexConflict({ code }: MongoServerError): boolean {
  return code === codes.indexOptionsConflict || code === codes.indexKeySpecsConflict;
}

function isSame(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

function kindOf(type: string | undefined, timeField: unknown): string {
  if (type === "view") return "a view";
  return timeField === undefined ? "a plain collection" : `a time series by \`${String(timeField)}\``;
}

function conflict(name: string, found: string, wanted: string): AspError {
  return new AspError("ASP4130", `\`${name}\` is ${found}, and the config asks for ${wanted}`, {
    help: "drop the collection, or write it into the config as it is",
  });
}
