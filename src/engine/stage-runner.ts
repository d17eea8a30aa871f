import type { ClientSession, Db } from "mongodb";
import type { Document } from "bson";
import { embedBson } from "./embed-bson.ts";

/** Runs stages of the server over documents on a mongod, in order. Documents go in and come out as BSON. */
export interface StageRunner {
  /** What runs is stopped, and rejects as interrupted: its session is killed, which reaches JavaScript where `maxTimeMS` does not. */
  interrupt(): Promise<void>;
  run(stages: readonly Document[], documents: readonly Uint8Array[]): Promise<readonly Uint8Array[]>;
  /** Of the mongod, as it says: "6.0.5". */
  version(): Promise<string>;
  close(): Promise<void>;
}

/** More than any batch has; the server cuts at 16 MB by itself. */
const batchSize = 1_000_000;

/** Stages run in a `$documents` aggregate, so that their semantics are the server's own. */
export function createStageRunner(db: Db): StageRunner {
  const session: ClientSession = db.client.startSession();
  const raw = { firstBatch: true, nextBatch: true };
  let version: Promise<string> | undefined;
  return {
    interrupt: async () => {
      await db.client.db("admin").command({ killSessions: [session.id] });
    },
    run: async (stages, documents) => {
      const pipeline = [{ $documents: { $literal: documents.map((bson) => embedBson(bson)) } }, ...stages];
      let reply = await db.command({ aggregate: 1, pipeline, cursor: { batchSize } }, { session, fieldsAsRaw: raw });
      const results = [...(reply["cursor"].firstBatch as Uint8Array[])];
      for (let id: unknown = reply["cursor"].id; Number(id) !== 0; id = reply["cursor"].id) {
        const getMore = { getMore: id, collection: "$cmd.aggregate", batchSize };
        reply = await db.command(getMore, { session, fieldsAsRaw: raw });
        for (const bytes of reply["cursor"].nextBatch as Uint8Array[]) results.push(bytes);
      }
      return results;
    },
    version: () => {
      version ??= readVersion(db).catch((error: unknown) => {
        // Asked again once it answers.
        version = undefined;
        throw error;
      });
      return version;
    },
    close: () => session.endSession(),
  };
}

async function readVersion(db: Db): Promise<string> {
  const { version } = await db.client.db("admin").command({ buildInfo: 1 });
  return String(version);
}
