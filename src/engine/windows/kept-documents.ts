import { Long } from "bson";
import type { Document } from "bson";
import { MongoServerError, type Collection, type Db } from "mongodb";
import { embedBson } from "../embed-bson.ts";
import { runWrite } from "../sinks/run-write.ts";

/** A document that waits in a window. */
export interface Kept {
  /** Where it belongs: what its `_id` begins with, so that those of one window lie together. */
  readonly at: Document;
  /** Counts all that a processor ever kept, so that a restart knows which came after its checkpoint. */
  readonly number: number;
  readonly timeMs: number;
  /** Start of the first window that takes it, where earlier ones that hold its time are closed already. */
  readonly fromMs?: number | undefined;
  readonly document: Uint8Array;
  /** What `{$meta: "stream"}` gives, where a stage of the window asks for it. */
  readonly stream: Document | undefined;
}

/**
 * The documents of a processor's open windows, in a collection of their own: `{_id: {…at, n}, t, f, d, m}`.
 *
 * They are written before the checkpoint that covers them, and taken away after the one that no longer needs them.
 */
export interface KeptDocuments {
  readonly collection: Collection;
  /** Makes the collection, unless it is there. */
  prepare(): Promise<void>;
  append(documents: readonly Kept[]): Promise<void>;
  /** Takes away what came after a checkpoint. */
  rollBack(number: number): Promise<void>;
  /** Stages over what a filter finds, in the order of `_id`. */
  read(filter: Document, stages: readonly Document[]): AsyncGenerator<readonly Uint8Array[]>;
  /** Takes all of them away. */
  clear(): Promise<void>;
}

const namespaceExists = 48;
const appendBytes = 12 * 1024 * 1024;
const readBatch = 1000;

export function createKeptDocuments(db: Db, name: string): KeptDocuments {
  const collection = db.collection(name);
  const insert = async (documents: readonly Document[]): Promise<void> => {
    if (documents.length === 0) return;
    const { errors } = await runWrite(db, { insert: name, documents, ordered: false });
    const [error] = errors;
    if (error !== undefined) throw new Error(`a document cannot be kept for its window: ${String(error["errmsg"])}`);
  };
  return {
    collection,
    prepare: async () => {
      // One tree holds documents and keys, as those of a window are written, read and taken away together.
      const options = { clusteredIndex: { key: { _id: 1 }, unique: true } } as const;
      await db.createCollection(name, options).catch((error: unknown) => {
        if (!(error instanceof MongoServerError) || error.code !== namespaceExists) throw error;
      });
    },
    append: async (documents) => {
      let open: Document[] = [];
      let bytes = 0;
      for (const { at, number, timeMs, fromMs, document, stream } of documents) {
        if (open.length > 0 && bytes + document.length > appendBytes) {
          await insert(open);
          open = [];
          bytes = 0;
        }
        bytes += document.length + 200;
        const _id = { ...at, n: Long.fromNumber(number) };
        open.push({
          _id,
          t: new Date(timeMs),
          ...(fromMs === undefined ? {} : { f: new Date(fromMs) }),
          d: embedBson(document),
          ...(stream && { m: stream }),
        });
      }
      await insert(open);
    },
    rollBack: async (number) => {
      await collection.deleteMany({ "_id.n": { $gt: Long.fromNumber(number) } });
    },
    async *read(filter, stages) {
      const cursor = collection.aggregate([{ $match: filter }, { $sort: { _id: 1 } }, ...stages], {
        raw: true,
        allowDiskUse: true,
        batchSize: readBatch,
      });
      let open: Uint8Array[] = [];
      try {
        for await (const bytes of cursor as unknown as AsyncIterable<Uint8Array>) {
          open.push(bytes);
          if (open.length < readBatch) continue;
          yield open;
          open = [];
        }
      } finally {
        await cursor.close();
      }
      if (open.length > 0) yield open;
    },
    clear: async () => {
      await collection.deleteMany({});
    },
  };
}
