import type { Document } from "bson";
import { isPlainObject } from "../../expressions/is-plain-object.ts";
import { rewriteExpression } from "../../expressions/rewrite.ts";
import { givesDocument } from "./gives-document.ts";
import type { ProcessorPlan } from "./plan.ts";
import { rootExpression } from "./root-expression.ts";

/** The field of a change event that holds what the change stream has made of it, by reader. */
export const resultsField = "__asp_results";

/** Parts of a change event that are needed beside what the stages made of it: its position, its time, its metadata. */
const kept = { _id: 1, operationType: 1, wallTime: 1, ns: 1, documentKey: 1 };

/** A reader of a change stream whose stages are one expression over an event. */
export interface PushedReader {
  readonly expression: unknown;
  /** Whether it wants the event at all; absent where it wants every event of the change stream. */
  readonly condition: unknown;
}

/** The field within {@link resultsField} of the reader at `place`. */
export function resultName(place: number): string {
  return `r${place}`;
}

/**
 * The last stage of a change stream that does the work of its readers' stages: each event then comes with the documents for their
 * sinks, and need not be sent to mongod again, let alone once for each.
 *
 * It makes one document of each event that a reader wants or fails; a change stream that fails is opened again without it, so that
 * the event is isolated as always.
 *
 * @param keepsEvents whether another reader needs the events themselves
 */
export function pushDown(readers: readonly PushedReader[], keepsEvents: boolean): Document {
  const results = readers.map(({ expression, condition }, place) => [
    resultName(place),
    condition === undefined ? expression : { $cond: [condition, expression, "$$REMOVE"] },
  ]);
  const field = { [resultsField]: Object.fromEntries(results) as Document };
  return keepsEvents ? { $set: field } : { $project: { ...kept, ...field } };
}

/**
 * A processor's stages as one expression over a change event.
 *
 * @returns `undefined` for stages that may drop, multiply or refuse to be one expression, or that read metadata
 */
export function stagesAsExpression(plan: ProcessorPlan): unknown {
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
  return expression;
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
