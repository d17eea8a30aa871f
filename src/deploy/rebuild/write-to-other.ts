import type { Document } from "bson";
import { embedArrayOf } from "../../engine/embed-bson.ts";
import type { CollectionAt } from "./fill.ts";

export interface WriteToOtherParts {
  readonly source: CollectionAt;
  readonly target: CollectionAt;
  readonly stages: readonly Document[];
  readonly merge: Document;
  readonly readConcern: Document;
  readonly signal: AbortSignal;
}

const mostDocuments = 1000;
/** A command may not pass 16 MB. */
const mostBytes = 8 * 1024 * 1024;

/** Where events and read model are on two clusters: one runs the stages, the other the `$merge`, batch after batch and in order. */
export async function writeToOther(parts: WriteToOtherParts): Promise<void> {
  const { source, target, stages, merge, readConcern, signal } = parts;
  const write = async (documents: readonly Uint8Array[]): Promise<void> => {
    const pipeline = [{ $documents: { $literal: embedArrayOf(documents) } }, merge];
    await target.client.db(target.db).command({ aggregate: 1, pipeline, cursor: {} }, { signal });
  };
  const cursor = source.client
    .db(source.db)
    .collection(source.coll)
    .aggregate<Uint8Array>([...stages], {
      allowDiskUse: true,
      readConcern: readConcern as { level: "snapshot" },
      signal,
      // Bytes go on as they came, whatever their types.
      raw: true,
    });
  let batch: Uint8Array[] = [];
  let bytes = 0;
  for await (const document of cursor) {
    if (batch.length > 0 && (batch.length >= mostDocuments || bytes + document.length > mostBytes)) {
      await write(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(document);
    bytes += document.length;
  }
  if (batch.length > 0) await write(batch);
}
