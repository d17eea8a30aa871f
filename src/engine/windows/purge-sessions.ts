import { Long } from "bson";
import type { Collection, Document } from "mongodb";
import { runWrite } from "../sinks/run-write.ts";
import type { KeptDocuments } from "./kept-documents.ts";
import { createRowWriter, rangeOf, readRows } from "./session-rows.ts";

/** Takes away the sessions that were closed before a round, and their documents. Done again, it finishes what was interrupted. */
export async function purgeSessions(sessions: Collection<Document>, kept: KeptDocuments, round: number): Promise<void> {
  const filter: Document = { c: { $lt: Long.fromNumber(round) } };
  const { db, collectionName } = kept.collection;
  // A statement for each range: of several in one `$or` the server would make a look at all documents.
  const writer = createRowWriter(async (deletes) => {
    await runWrite(db, { delete: collectionName, deletes, ordered: false });
  });
  let found = 0;
  for await (const { k, after, ...session } of readRows(sessions, filter)) {
    found += 1;
    await writer.add({ q: { _id: rangeOf(k, session), "_id.n": { $lte: Long.fromNumber(after) } }, limit: 0 });
  }
  await writer.flush();
  if (found > 0) await sessions.deleteMany(filter);
}
