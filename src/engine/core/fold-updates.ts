import type { Document } from "bson";
import { rewriteExpression } from "../../expressions/rewrite.ts";
import { documentShape } from "./document-shape.ts";
import { rootExpression } from "./root-expression.ts";

/** Applies several incoming documents of one key, held in the constant `es`, in one update. */
export interface FoldedUpdate {
  readonly pipeline: readonly Document[];
}

const reserved: ReadonlySet<string> = new Set(["new", "asp_doc", "asp_new"]);

/**
 * Rewrites a `whenMatched` pipeline of a single `$replaceWith` so that one update applies the incoming documents `$$es`
 * one after the other, as that many updates would.
 *
 * Each round binds the document so far and the incoming one by `$let`, since inner `$reduce`s hide `$$value` and `$$this`.
 * What an update does between two rounds is done too: a result that is no document would have been refused, one with another
 * `_id` as well, and one without gets it back.
 *
 * @param pipeline of documents that are merged on `_id`
 * @returns `undefined` where the pipeline has another shape, reads the document in a way that cannot be rewritten, or where its
 * form does not show that each round gives a document with the same `_id`.
 */
export function foldUpdates(pipeline: readonly Document[]): FoldedUpdate | undefined {
  const [stage] = pipeline;
  if (pipeline.length !== 1 || stage === undefined) return undefined;
  const expression = rootExpression(stage);
  if (expression === undefined) return undefined;
  const shape = documentShape(expression);
  const step = rewriteExpression(expression, leaves, reserved);
  if (step === undefined || shape === "unknown") return undefined;
  const next = shape === "withId" ? step : { $mergeObjects: [{ _id: "$$ROOT._id" }, step] };
  const one = { $let: { vars: { asp_doc: "$$value", asp_new: "$$this" }, in: next } };
  return { pipeline: [{ $replaceWith: { $reduce: { input: "$$es", initialValue: "$$ROOT", in: one } } }] };
}

const leaves = {
  fieldPath: (path: string) => `$$asp_doc.${path}`,
  variable: (reference: string) => {
    const [name = "", ...rest] = reference.split(".");
    return ["$$" + (renamed.get(name) ?? name), ...rest].join(".");
  },
};

const renamed: ReadonlyMap<string, string> = new Map([
  ["ROOT", "asp_doc"],
  ["CURRENT", "asp_doc"],
  ["new", "asp_new"],
]);
