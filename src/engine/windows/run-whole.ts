import type { Document } from "bson";
import { carrier, carryStreamMetadata, keptMark } from "../../expressions/stream-metadata.ts";
import { carriedOf, withoutCarrier } from "../carry.ts";
import { createFieldFinder, decodeField, documentIn } from "../core/bson-fields.ts";
import type { Delivered } from "../transform.ts";
import type { KeptDocuments, KeptPart } from "./kept-documents.ts";

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
  for await (const batch of from.read({ filter, stages: stagesOver(stages, carries) })) {
    yield batch.map((document): Delivered => {
      if (!carries || findCarrier(document) === undefined) return { document, stream: () => stream };
      const own = carriedOf(document).stream;
      return { document: withoutCarrier(document), stream: () => ({ ...stream, ...own, window: stream["window"] }) };
    });
  }
}

const mostDocuments = 5000;
const mostBytes = 4 * 1024 * 1024;

/**
 * Runs the stages of several windows, each over its own kept documents, by one command.
 *
 * @returns what each gave; `undefined` where that is too much to be held at once
 */
export async function runTogether(
  from: KeptDocuments,
  windows: readonly KeptPart[],
): Promise<readonly (readonly Uint8Array[])[] | undefined> {
  const given = windows.map((): Uint8Array[] => []);
  const parts = windows.map(({ filter, stages }, w): KeptPart => {
    const numbered = { $replaceWith: { w: { $literal: w }, d: "$$ROOT" } };
    return { filter, stages: [...stagesOver(stages, false), numbered] };
  });
  let documents = 0;
  let bytes = 0;
  for await (const batch of from.read(...parts)) {
    documents += batch.length;
    for (const bson of batch) bytes += bson.length;
    if (documents > mostDocuments || bytes > mostBytes) return undefined;
    for (const bson of batch) {
      const document = documentIn(bson, find.d(bson));
      if (document !== undefined) given[Number(decodeField(bson, find.w(bson)))]?.push(document);
    }
  }
  return given;
}

const find = { w: createFieldFinder("w"), d: createFieldFinder("d") };

/** The stages, after what takes a kept document out of its wrapping. */
export function stagesOver(stages: readonly Document[], carries: boolean): readonly Document[] {
  if (!carries) return [{ $replaceWith: "$d" }, ...stages];
  const carried = { [keptMark]: true, index: { $literal: 0 }, stream: { $ifNull: ["$m", {}] } };
  return [{ $replaceWith: { $mergeObjects: ["$d", { [carrier]: carried }] } }, ...carryStreamMetadata(stages)];
}

const findCarrier = createFieldFinder(carrier);
