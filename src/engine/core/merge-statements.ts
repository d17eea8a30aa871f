import { calculateObjectSize } from "bson";
import type { Document } from "bson";
import { fieldOf } from "./exact-bson.ts";
import { foldUpdates } from "./fold-updates.ts";
import type { MergeMode } from "./plan.ts";
import { findDiscriminator, specialize, type Discriminator } from "./specialize.ts";

/** A pipeline of an update with its size in bytes, which every statement that carries it pays. */
export interface UpdatePipeline {
  readonly stages: readonly Document[];
  readonly bytes: number;
}

/** The pipelines that one `whenMatched` gives. */
export interface UpdatePipelines {
  /** For one incoming document. */
  single(document: Document): UpdatePipeline;
  /** For several of one key; `undefined` where they must be written one by one. */
  folded(documents: readonly Document[]): UpdatePipeline | undefined;
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
  const full = measure(stages);
  if (by === undefined) {
    const fullFolded = folded && measure(folded);
    return { single: () => full, folded: () => fullFolded };
  }
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
    const made = measure(isFolded ? (foldUpdates(chosen)?.pipeline ?? []) : chosen);
    if (cache.size < cacheLimit) cache.set(key, made);
    return made;
  };
  return {
    single: (document) => {
      const value = discriminatorOf(document, by);
      return value === undefined ? full : forValues(singles, new Set([value]), false);
    },
    folded: (documents) => {
      if (folded === undefined) return undefined;
      const values = new Set<string>();
      for (const document of documents) {
        const value = discriminatorOf(document, by);
        if (value === undefined) return measure(folded);
        values.add(value);
      }
      return forValues(several, values, true);
    },
  };
}

function discriminatorOf(document: Document, by: Discriminator): string | undefined {
  let value: unknown = document;
  for (const name of by.path) value = fieldOf(value, name);
  return typeof value === "string" ? value : undefined;
}

function measure(stages: readonly Document[]): UpdatePipeline {
  return { stages, bytes: calculateObjectSize(stages) };
}
