import { calculateObjectSize, Long } from "bson";
import type { Document } from "bson";
import { MongoServerError, type Collection, type Db } from "mongodb";
import { mergeKey } from "../core/merge-key.ts";
import { embedArray, embedBson } from "../embed-bson.ts";
import { runWrite } from "../sinks/run-write.ts";
import { sizeOf, streamBytes, writeElements, type KeptElement } from "./kept-elements.ts";

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
   * @param parts what each of them gives comes after what the one before it gave
   */
  read(...parts: readonly KeptPart[]): AsyncGenerator<readonly Uint8Array[]>;
  /** Takes all of them away. */
  clear(): Promise<void>;
}

/** Some of the kept documents, and what is to run over them. */
export interface KeptPart {
  /** Of blocks, but for `t`, which is of each document. */
  readonly filter: Document;
  readonly stages: readonly Document[];
}

const namespaceExists = 48;
const appendBytes = 12 * 1024 * 1024;
const blockBytes = 4 * 1024 * 1024;
const readBatch = 1000;
/** Of an element's number in an array, with its type and the zero behind it. */
const mostNumberBytes = 12;

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
    async *read(...parts) {
      const [first = [], ...others] = parts.map(({ filter, stages }) => [...opened(filter, form), ...stages]);
      const unions = others.map((pipeline) => ({ $unionWith: { coll: name, pipeline } }));
      const cursor = collection.aggregate([...first, ...unions], {
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

function toSingle({ at, number, timeMs, document, stream }: Kept): Sized {
  const own = { _id: { ...at, n: Long.fromNumber(number) }, t: new Date(timeMs), d: embedBson(document) };
  return {
    document: stream === undefined ? own : { ...own, m: stream },
    bytes: document.length + 200 + (stream === undefined ? 0 : calculateObjectSize(stream)),
  };
}

/** Documents of one place, in their order; those that other windows take begin another block. */
function toBlocks(documents: readonly Kept[]): readonly Sized[] {
  interface Block {
    readonly at: Document;
    readonly fromMs: number | undefined;
    number: number;
    bytes: number;
    readonly elements: KeptElement[];
  }
  const open = new Map<string, Block>();
  const blocks: Block[] = [];
  let last: { readonly at: Document; readonly key: string } | undefined;
  for (const kept of documents) {
    // Most come in the order of their places.
    if (last?.at !== kept.at) last = { at: kept.at, key: mergeKey(kept.at) };
    const { key } = last;
    const element = { timeMs: kept.timeMs, document: kept.document, stream: streamBytes(kept.stream) };
    const bytes = sizeOf(element) + mostNumberBytes;
    let block = open.get(key);
    if (block === undefined || block.fromMs !== kept.fromMs || block.bytes + bytes > blockBytes) {
      block = { at: kept.at, fromMs: kept.fromMs, number: kept.number, bytes: 0, elements: [] };
      open.set(key, block);
      blocks.push(block);
    }
    block.elements.push(element);
    block.bytes += bytes;
    block.number = kept.number;
  }
  return blocks.map(({ at, fromMs, number, bytes, elements }) => ({
    document: {
      _id: { ...at, n: Long.fromNumber(number) },
      ...(fromMs === undefined ? {} : { f: new Date(fromMs) }),
      d: embedArray(writeElements(elements)),
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
