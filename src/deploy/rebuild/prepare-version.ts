import type { Document, MongoClient } from "mongodb";
import type { CollectionSpec } from "../../config/config.ts";
import { prepareCluster } from "../../engine/prepare-collections.ts";

export interface VersionToPrepare {
  readonly client: MongoClient;
  readonly db: string;
  /** Whose settings it takes over, where it is there. */
  readonly live: string;
  /** What is made. */
  readonly next: string;
  /** What the config asks of the live one. */
  readonly specs: readonly CollectionSpec[];
}

/**
 * Makes the collection that the new version is built in: with what the live one has, and what the config asks for. What is there
 * stays, so it may be done again.
 *
 * @throws AspError ASP4130, ASP4131 where the two contradict each other, or the server refuses
 */
export async function prepareVersion({ client, db, live, next, specs }: VersionToPrepare): Promise<void> {
  const database = client.db(db);
  const [found] = await database.listCollections({ name: live }).toArray();
  const isMade = await hasCollection(client, db, next);
  if (!isMade) {
    await database.createCollection(next, ((found as Document | undefined)?.["options"] ?? {}) as Document);
  }
  const indexes = found === undefined ? [] : await database.collection(live).indexes();
  for (const { key, v: _, ns: __, ...options } of indexes as readonly Document[]) {
    if (options["name"] !== "_id_" && options["clustered"] !== true) {
      await database.collection(next).createIndex(key as Record<string, 1>, options);
    }
  }
  await prepareCluster(
    client,
    specs.map((spec) => ({ ...spec, db, coll: next })),
  );
}

export async function hasCollection(client: MongoClient, db: string, name: string): Promise<boolean> {
  return (await client.db(db).listCollections({ name }, { nameOnly: true }).toArray()).length > 0;
}
