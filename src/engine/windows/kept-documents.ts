import { calculateObjectSize, Long } from "bson";
import type { Document } from "bson";
import { MongoServerError, type Collection, type Db } from "mongodb";
import { mergeKey } from "../core/merge-key.ts";
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
 * How documents lie in the collection. `single`: each for itself, `{_id: {…at, n}, t, d, m}`. `blocks`: those that came together and belong
 * together in one, `{_id: {…at, n}, f, d: [{t, d, m}]}` with the number of the last, since a server writes and deletes many small documents at
 * a much higher price.
 */
export type KeptForm = "single" | "blocks";

/**
 * The documents of a processor's open windows, in a collection of their own.
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
  /**
   * Stages over what a filter finds, in the order of `_id`: documents `{t, d, m}`.
   *
   * @param filter of blocks, but for `t`, which is of each document
   */
  read(filter: Document, stages: readonly Document[]): AsyncGenerator<readonly Uint8Array[]>;
  /** Takes all of them away. */
  clear(): Promise<void>;
}

const namespaceExists = 48;
const appendBytes = 12 * 1024 * 1024;
const blockBytes = 4 * 1024 * 1024;
const readBatch = 1000;

export function createKeptDocuments(db: Db, name: string, form: KeptForm = "single"): KeptDocuments {
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
      for (const { document, bytes: own } of form === "blocks" ? toBlocks(documents) : documents.map(toSingle)) {
        if (open.length > 0 && bytes + own > appendBytes) {
          await insert(open);
          open = [];
          bytes = 0;
        }
        bytes += own;
        open.push(document);
      }
      await insert(open);
    },
    rollBack: async (number) => {
      await collection.deleteMany({ "_id.n": { $gt: Long.fromNumber(number) } });
    },
    async *read(filter, stages) {
      const cursor = collection.aggregate([...opened(filter, form), ...stages], {
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

interface Sized {
  readonly document: Document;
  /** About so many. */
  readonly bytes: number;
}

function toSingle({ at, number, ...kept }: Kept): Sized {
  return { document: { _id: { ...at, n: Long.fromNumber(number) }, ...toElement(kept) }, bytes: bytesOf(kept) };
}

function toElement({ timeMs, document, stream }: Pick<Kept, "timeMs" | "document" | "stream">): Document {
  return { t: new Date(timeMs), d: embedBson(document), ...(stream && { m: stream }) };
}

function bytesOf({ document, stream }: Pick<Kept, "document" | "stream">): number {
  return document.length + 200 + (stream === undefined ? 0 : calculateObjectSize(stream));
}

/** Documents of one place, in their order; those that other windows take begin another block. */
function toBlocks(documents: readonly Kept[]): readonly Sized[] {
  interface Block {
    readonly at: Document;
    readonly fromMs: number | undefined;
    number: number;
    bytes: number;
    readonly d: Document[];
  }
  const open = new Map<string, Block>();
  const blocks: Block[] = [];
  let last: { readonly at: Document; readonly key: string } | undefined;
  for (const { at, number, fromMs, ...kept } of documents) {
    // Most come in the order of their places.
    if (last?.at !== at) last = { at, key: mergeKey(at) };
    const { key } = last;
    const bytes = bytesOf(kept);
    let block = open.get(key);
    if (block === undefined || block.fromMs !== fromMs || block.bytes + bytes > blockBytes) {
      block = { at, fromMs, number, bytes: 0, d: [] };
      open.set(key, block);
      blocks.push(block);
    }
    block.d.push(toElement(kept));
    block.bytes += bytes;
    block.number = number;
  }
  return blocks.map(({ at, fromMs, number, bytes, d }) => ({
    document: {
      _id: { ...at, n: Long.fromNumber(number) },
      ...(fromMs === undefined ? {} : { f: new Date(fromMs) }),
      d,
    },
    bytes,
  }));
}

/** The documents that a filter finds, each for itself. */
function opened({ t, ...filter }: Document, form: KeptForm): readonly Document[] {
  const ofDocument = t === undefined ? [] : [{ $match: { t } }];
  const found = [{ $match: filter }, { $sort: { _id: 1 } }];
  if (form === "single") return [...ofDocument, ...found];
  return [...found, { $unwind: "$d" }, { $replaceWith: "$d" }, ...ofDocument];
}
