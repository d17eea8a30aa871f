import type { Document } from "bson";
import { isPlainObject } from "../../expressions/is-plain-object.ts";
import { rewriteExpression } from "../../expressions/rewrite.ts";
import { givesDocument } from "./gives-document.ts";
import type { ProcessorPlan } from "./plan.ts";
import { rootExpression } from "./root-expression.ts";

/** The field of a change event that holds what the stages make of it, where the change stream has run them. */
export const pushedField = "__asp_pushed";

/** Parts of a change event that are needed beside what the stages made of it: its position, its time, its metadata. */
const kept = { _id: 1, operationType: 1, wallTime: 1, ns: 1, documentKey: 1 };

/**
 * A processor's stages as the last stage of its change stream: each event then comes as the document for the sink, and need not
 * be sent to mongod again.
 *
 * It makes one document of each event or fails; a change stream that fails is opened again without it, so that the event is
 * isolated as always.
 *
 * @returns `undefined` for stages that may drop, multiply or refuse to be one expression, or that read metadata
 */
export function pushDown(plan: ProcessorPlan): Document | undefined {
  const { source, steps, readsMetadata } = plan;
  const [step] = steps;
  if (source.kind !== "changeStream" || source.initialSync || readsMetadata) return undefined;
  if (step?.kind !== "stages" || steps.length !== 1) return undefined;
  if (source.fullDocumentOnly && !isOfInserts(source.pipeline)) return undefined;
  let expression: unknown = source.fullDocumentOnly ? "$fullDocument" : "$$ROOT";
  for (const stage of step.stages) {
    const next = toExpression(stage);
    if (next === undefined) return undefined;
    expression = { $let: { vars: { asp_doc: expression }, in: next } };
  }
  return { $project: { ...kept, [pushedField]: expression } };
}

/** Only inserts are sure to have a `fullDocument`. */
function isOfInserts(pipeline: readonly Document[]): boolean {
  return pipeline.some((stage) => isPlainObject(stage["$match"]) && stage["$match"]["operationType"] === "insert");
}

/** A stage as an expression over the document in `$$asp_doc`. */
function toExpression(stage: Document): unknown {
  const unset: unknown = stage["$unset"];
  if (unset !== undefined) return withoutFields(Array.isArray(unset) ? unset : [unset]);
  const root = rootExpression(stage);
  if (!givesDocument(root)) return undefined;
  return rewriteExpression(root, leaves, reserved);
}

function withoutFields(names: readonly unknown[]): unknown {
  let input: unknown = "$$asp_doc";
  for (const field of names) {
    if (typeof field !== "string" || field.includes(".")) return undefined;
    input = { $unsetField: { field, input } };
  }
  return input;
}

const reserved: ReadonlySet<string> = new Set(["asp_doc"]);

const leaves = {
  fieldPath: (path: string) => `$$asp_doc.${path}`,
  variable: (reference: string) => `$$${reference.replace(/^(?:ROOT|CURRENT)(?=\.|$)/u, "asp_doc")}`,
};
