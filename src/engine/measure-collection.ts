import type { Collection } from "mongodb";

/** How many bytes a collection holds, as BSON without compression; 0 where there is none. */
export async function measureCollection(collection: Collection): Promise<number> {
  const stats = { $collStats: { storageStats: {} } };
  const exists = await collection.db.listCollections({ name: collection.collectionName }, { nameOnly: true }).hasNext();
  if (!exists) return 0;
  const [found] = await collection.aggregate([stats, { $project: { size: "$storageStats.size" } }]).toArray();
  return Number(found?.["size"] ?? 0);
}
