import type { Document } from "bson";
import { isPlainObject, rewriteExpression } from "../../expressions/rewrite.ts";

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
 *
 * @returns `undefined` where the pipeline has another shape or reads the document in a way that cannot be rewritten.
 */
export function foldUpdates(pipeline: readonly Document[]): FoldedUpdate | undefined {
  const [stage] = pipeline;
  if (pipeline.length !== 1 || stage === undefined) return undefined;
  const expression: unknown = stage["$replaceWith"] ?? newRoot(stage["$replaceRoot"]);
  if (expression === undefined) return undefined;
  const step = rewriteExpression(expression, leaves, reserved);
  if (step === undefined) return undefined;
  const one = { $let: { vars: { asp_doc: "$$value", asp_new: "$$this" }, in: step } };
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

function newRoot(argument: unknown): unknown {
  return isPlainObject(argument) ? argument["newRoot"] : undefined;
}
