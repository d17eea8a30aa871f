import { serialize } from "bson";
import type { Document } from "bson";
import { bsonTypes, createFieldFinder, decodeField, type BsonField, type FieldFinder } from "./bson-fields.ts";
import { foldUpdates } from "./fold-updates.ts";
import type { MergeMode } from "./plan-sink.ts";
import { findDiscriminator, specialize, type Discriminator } from "./specialize.ts";

/** A pipeline of an update as a BSON array: every statement carries it, and it is written once. */
export type UpdatePipeline = Uint8Array;

/** The pipelines that one `whenMatched` gives. */
export interface UpdatePipelines {
  /** For one incoming document. */
  single(document: Uint8Array): UpdatePipeline;
  /** For several of one key; `undefined` where they must be written one by one. */
  folded(documents: readonly Uint8Array[]): UpdatePipeline | undefined;
}

/** The modes of `$merge`, as pipelines over the stored document and `$$new`. */
const modes: Readonly<Record<Exclude<MergeMode, "delete">, readonly Document[]>> = {
  replace: [{ $replaceWith: "$$new" }],
  keepExisting: [{ $replaceWith: "$$ROOT" }],
  merge: [{ $replaceWith: { $mergeObjects: ["$$ROOT", "$$new"] } }],
};

/** More kinds of batch than this are not kept; the full pipeline serves them. */
const cacheLimit = 500;

/** Prepares the pipelines for a mode or a `whenMatched` pipeline. */
export function preparePipelines(whenMatched: Exclude<MergeMode, "delete"> | readonly Document[]): UpdatePipelines {
  const stages = typeof whenMatched === "string" ? modes[whenMatched] : whenMatched;
  const folded = foldUpdates(stages)?.pipeline;
  const by = findDiscriminator(stages);
  const full = encode(stages);
  const fullFolded = folded && encode(folded);
  if (by === undefined) return { single: () => full, folded: () => fullFolded };
  const discriminate = createDiscriminate(by);
  const singles = new Map<string, UpdatePipeline>();
  const several = new Map<string, UpdatePipeline>();
  const forValues = (
    cache: Map<string, UpdatePipeline>,
    values: ReadonlySet<string>,
    isFolded: boolean,
  ): UpdatePipeline => {
    const key = [...values].toSorted().join("\u0000");
    const known = cache.get(key);
    if (known !== undefined) return known;
    const chosen = specialize(stages, by, values);
    const made = encode(isFolded ? (foldUpdates(chosen)?.pipeline ?? []) : chosen);
    if (cache.size < cacheLimit) cache.set(key, made);
    return made;
  };
  return {
    single: (document) => {
      const value = discriminate(document);
      return value === undefined ? full : forValues(singles, new Set([value]), false);
    },
    folded: (documents) => {
      if (fullFolded === undefined) return undefined;
      const values = new Set<string>();
      for (const document of documents) {
        const value = discriminate(document);
        if (value === undefined) return fullFolded;
        values.add(value);
      }
      return forValues(several, values, true);
    },
  };
}

/** Reads the text that tells which branches a document takes. */
function createDiscriminate({ path }: Discriminator): (document: Uint8Array) => string | undefined {
  const finders: readonly FieldFinder[] = path.map(createFieldFinder);
  return (document) => {
    let field: BsonField | undefined;
    for (const find of finders) {
      if (field !== undefined && field.type !== bsonTypes.document) return undefined;
      field = find(document, field?.offset ?? 0);
      if (field === undefined) return undefined;
    }
    const value = decodeField(document, field);
    return typeof value === "string" ? value : undefined;
  };
}

const findPipeline = createFieldFinder("u");

function encode(stages: readonly Document[]): UpdatePipeline {
  const statement = serialize({ u: stages });
  const field = findPipeline(statement);
  return statement.subarray(field?.offset, field?.end);
}
