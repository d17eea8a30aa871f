import type { Document } from "bson";
import { refuseBinaryData } from "../../expressions/binary-conversions.ts";
import { isPlainObject } from "../../expressions/is-plain-object.ts";
import { rewriteExpression } from "../../expressions/rewrite.ts";
import { givesDocument } from "./gives-document.ts";
import type { ProcessorPlan } from "./plan.ts";
import { rootExpression } from "./root-expression.ts";

/** The field of a change event that holds what the change stream has made of it, by reader. */
export const resultsField = "__asp_results";

/** Parts of a change event that are needed beside what the stages made of it: its position, its time, its metadata. */
const kept = { _id: 1, operationType: 1, wallTime: 1, ns: 1, documentKey: 1 };

/** Stages as one expression over a change event: it gives a document, or an array of as many as the stages make of the event. */
export interface StagesExpression {
  readonly expression: unknown;
  readonly gives: "document" | "documents";
}

/** A reader of a change stream whose stages are one expression. */
export interface PushedReader {
  readonly stages: StagesExpression;
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
 * It gives a result for each event that a reader wants, or fails; a change stream that fails is opened again without it, so that
 * the event is isolated as always.
 *
 * @param keepsEvents whether another reader needs the events themselves
 */
export function pushDown(readers: readonly PushedReader[], keepsEvents: boolean): Document {
  const results = readers.map(({ stages, condition }, place) => [
    resultName(place),
    condition === undefined ? stages.expression : { $cond: [condition, stages.expression, "$$REMOVE"] },
  ]);
  const field = { [resultsField]: Object.fromEntries(results) as Document };
  return keepsEvents ? { $set: field } : { $project: { ...kept, ...field } };
}

/**
 * A processor's stages as one expression over a change event.
 *
 * @returns `undefined` for stages that are none, as a `$match` is, or that read metadata
 */
export function stagesAsExpression(plan: ProcessorPlan): StagesExpression | undefined {
  const { source, steps, readsMetadata } = plan;
  const [step] = steps;
  if (source.kind !== "changeStream" || source.initialSync || readsMetadata) return undefined;
  if (source.timeField !== undefined) return undefined;
  if (step?.kind !== "stages" || step.on !== undefined || steps.length !== 1) return undefined;
  if (source.fullDocumentOnly && !isOfInserts(source.pipeline)) return undefined;
  let expression: unknown = source.fullDocumentOnly ? "$fullDocument" : "$$ROOT";
  let gives: StagesExpression["gives"] = "document";
  for (const stage of step.stages) {
    const isUnwind = "$unwind" in stage;
    const next = isUnwind ? unwound(stage["$unwind"]) : toExpression(stage);
    if (next === undefined || (isUnwind && gives === "documents")) return undefined;
    expression =
      gives === "document"
        ? { $let: { vars: { asp_doc: expression }, in: next } }
        : { $map: { input: expression, as: "asp_doc", in: next } };
    if (isUnwind) gives = "documents";
  }
  return { expression, gives };
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
  // The change stream converts no binary data, and must not say that it cannot be converted.
  const refusing = refuseBinaryData(root);
  return refusing === undefined ? undefined : rewriteExpression(refusing, leaves, reserved);
}

function withoutFields(names: readonly unknown[]): unknown {
  let input: unknown = "$$asp_doc";
  for (const field of names) {
    if (typeof field !== "string" || field.includes(".")) return undefined;
    input = { $unsetField: { field, input } };
  }
  return input;
}

/** An `$unwind` of a field of the document in `$$asp_doc`, as an array of documents. */
function unwound(argument: unknown): unknown {
  const field = typeof argument === "string" ? /^\$([^$.]+)$/.exec(argument)?.[1] : undefined;
  if (field === undefined) return undefined;
  const value = `$$asp_doc.${field}`;
  const isNothing = { $in: [{ $type: value }, ["missing", "null", "undefined"]] };
  const items = { $cond: [{ $isArray: value }, value, { $cond: [isNothing, [], [value]] }] };
  return {
    $map: { input: items, as: "asp_item", in: { $setField: { field, input: "$$asp_doc", value: "$$asp_item" } } },
  };
}

const reserved: ReadonlySet<string> = new Set(["asp_doc"]);

const leaves = {
  fieldPath: (path: string) => `$$asp_doc.${path}`,
  variable: (reference: string) => `$$${reference.replace(/^(?:ROOT|CURRENT)(?=\.|$)/u, "asp_doc")}`,
};
