import { createHash } from "node:crypto";
import type { Collection, Document } from "mongodb";

/** The number of read models in a collection and a hash of them, without what their writers keep there for themselves. */
export async function readDigest<Stored extends Document>(collection: Collection<Stored>): Promise<string> {
  const hash = createHash("sha256");
  let count = 0;
  for await (const document of collection.find({}).sort({ _id: 1 })) {
    const { _asp, version: _, deleted, ...view } = document;
    if (deleted === true || _asp?.deleted === true) continue;
    count += 1;
    hash.update(JSON.stringify(sorted(view)));
  }
  if (count === 0) throw new Error(`wrong result: ${collection.namespace} is empty`);
  return `${count} documents, ${hash.digest("hex").slice(0, 12)}`;
}

function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  if (Array.isArray(value)) return value.map(sorted);
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, part]) => [name, sorted(part)]));
}
