import type { Collection } from "mongodb";

/** What a collection holds, as BSON without compression; 0 where there is none. */
export async function measureCollection(
  collection: Collection,
): Promise<{ readonly bytes: number; readonly count: number }> {
  const stats = { $collStats: { storageStats: {} } };
  const exists = await collection.db.listCollections({ name: collection.collectionName }, { nameOnly: true }).hasNext();
  if (!exists) return { bytes: 0, count: 0 };
  const project = { $project: { size: "$storageStats.size", count: "$storageStats.count" } };
  const [found] = await collection.aggregate([stats, project]).toArray();
  return { bytes: Number(found?.["size"] ?? 0), count: Number(found?.["count"] ?? 0) };
}
