import type { Document } from "bson";
import { carrier, carryStreamMetadata, keptMark } from "../../expressions/stream-metadata.ts";
import { carriedOf, withoutCarrier } from "../carry.ts";
import { createFieldFinder } from "../core/bson-fields.ts";
import type { Delivered } from "../transform.ts";
import type { KeptDocuments } from "./kept-documents.ts";

/** Kept documents that belong together. */
export interface WholeInput {
  readonly from: KeptDocuments;
  readonly filter: Document;
}

export interface WholeOptions {
  /** Whether each document's own metadata travels along. */
  readonly carries: boolean;
  /** Metadata of what comes out, where a document has none of its own. */
  readonly stream: Document;
}

/** Runs stages over kept documents as over a collection. */
export async function* runWhole(
  { from, filter }: WholeInput,
  stages: readonly Document[],
  { carries, stream }: WholeOptions,
): AsyncGenerator<readonly Delivered[]> {
  for await (const batch of from.read(filter, stagesOver(stages, carries))) {
    yield batch.map((document): Delivered => {
      if (!carries || findCarrier(document) === undefined) return { document, stream: () => stream };
      const own = carriedOf(document).stream;
      return { document: withoutCarrier(document), stream: () => ({ ...stream, ...own, window: stream["window"] }) };
    });
  }
}

/** The stages, after what takes a kept document out of its wrapping. */
export function stagesOver(stages: readonly Document[], carries: boolean): readonly Document[] {
  if (!carries) return [{ $replaceWith: "$d" }, ...stages];
  const carried = { [keptMark]: true, index: { $literal: 0 }, stream: { $ifNull: ["$m", {}] } };
  return [{ $replaceWith: { $mergeObjects: ["$d", { [carrier]: carried }] } }, ...carryStreamMetadata(stages)];
}

const findCarrier = createFieldFinder(carrier);
