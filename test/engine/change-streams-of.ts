import type { Document } from "bson";
import type { MongoClient } from "mongodb";

const looks = 5;

/**
 * The change streams that a server has open on a collection: id of the cursor → its pipeline.
 *
 * A cursor that is being asked for more at the moment of a look may stand nowhere in the list, so several looks are put together.
 */
export async function changeStreamsOf(
  client: MongoClient,
  coll: string,
): Promise<ReadonlyMap<string, readonly Document[]>> {
  const streams = new Map<string, readonly Document[]>();
  for (let look = 0; look < looks; look += 1) {
    const ops = await client
      .db("admin")
      .aggregate([
        { $currentOp: { idleCursors: true, localOps: true } },
        { $match: { $or: [{ "cursor.originatingCommand.aggregate": coll }, { "command.aggregate": coll }] } },
      ])
      .toArray();
    for (const { cursor, command } of ops) {
      if (cursor?.cursorId === undefined) continue;
      streams.set(String(cursor.cursorId), (cursor.originatingCommand ?? command).pipeline);
    }
  }
  return streams;
}
