import type { Document } from "bson";
import { MongoServerError, type Db } from "mongodb";
import { isWorldCode } from "../core/document-error.ts";

/**
 * Runs a write command and gives the errors of single documents, which come with `ok: 1`.
 *
 * It is acknowledged once a majority has it: what only the primary has may be gone after a crash or an election, and a checkpoint that
 * is stored later, on the server that has forgotten it, would cover it all the same.
 *
 * @throws MongoServerError where one of them is no document's fault (a full disk, an election), or the write is not yet safe
 */
export async function runWrite(
  db: Db,
  command: Document,
): Promise<{ readonly reply: Document; readonly errors: readonly Document[] }> {
  const reply = await db.command({ ...command, writeConcern: { w: "majority" } });
  const errors = (reply["writeErrors"] ?? []) as readonly Document[];
  const ofTheWorld =
    errors.find(({ code }) => isWorldCode(code)) ?? (reply["writeConcernError"] as Document | undefined);
  if (ofTheWorld !== undefined) throw new MongoServerError(ofTheWorld);
  return { reply, errors };
}
