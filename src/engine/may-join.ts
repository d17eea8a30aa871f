import type { Document } from "bson";
import type { Cluster } from "./engine.ts";
import { isLiteralText, type MergePlan } from "./core/plan-sink.ts";

/**
 * True if the updates of one key may be joined into one, and keys written side by side, and nobody can tell: a document validator
 * or another unique index would refuse documents by states that joining leaves out, and by which key came first.
 *
 * Merged on other fields than `_id`, a document's own `_id` is such another unique key.
 */
export async function mayJoin(plan: MergePlan, cluster: Cluster): Promise<boolean> {
  const { db, coll, on } = plan;
  if (on.length !== 1 || on[0] !== "_id" || !isLiteralText(db) || !isLiteralText(coll)) return false;
  const database = cluster.client.db(db);
  try {
    const [found] = await database.listCollections({ name: coll }).toArray();
    if (found === undefined) return true;
    const { options } = found as { readonly options?: Document };
    if (options?.["validator"] !== undefined) return false;
    // Under another collation than the simple one, two texts may be one key.
    if (options?.["collation"] !== undefined) return false;
    const indexes = await database.collection(coll).listIndexes().toArray();
    return !indexes.some(({ unique }) => unique === true);
  } catch {
    return false;
  }
}
