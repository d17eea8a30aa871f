import type { Document } from "bson";
import { isPlainObject } from "./rewrite.ts";

/** The hidden field that carries a document's metadata and its number within the batch through the stages. */
export const carrier = "__asp_carrier";

/** What {@link carrier} holds: `stream` is what `{$meta: "stream"}` gives; `kept` tells `$redact` to leave it alone. */
export interface Carried {
  readonly kept: true;
  /** Which of the delivered documents this one came from. */
  readonly index: number;
  /** Which of the documents under a `$validate` this one is: `$unwind` may have made several of one. */
  readonly position?: number;
  readonly stream: Document;
}

/** True if an expression somewhere in `value` reads stream metadata. */
export function readsStreamMetadata(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(readsStreamMetadata);
  if (!isPlainObject(value) || "$literal" in value) return false;
  return streamPath(value) !== undefined || Object.values(value).some(readsStreamMetadata);
}

/**
 * Rewrites stages so that the hidden field survives each of them, `{$meta: "stream…"}` reads it, and nothing else sees it.
 *
 * `$meta` of a stream does not exist on a plain mongod. Source of the paths: asp-language section 5.
 */
export function carryStreamMetadata(stages: readonly Document[]): readonly Document[] {
  return stages.map(carryThrough);
}

/** An expression as it reads in a stage that {@link carryStreamMetadata} has rewritten. */
export function carriedExpression(expression: unknown): unknown {
  if (typeof expression === "string") return hidesCarrier.has(expression) ? without(expression) : expression;
  if (Array.isArray(expression)) return expression.map(carriedExpression);
  if (!isPlainObject(expression) || "$literal" in expression) return expression;
  const path = streamPath(expression);
  if (path !== undefined) return `$$ROOT.${carrier}.${path}`;
  return mapValues(expression, carriedExpression);
}

const hidesCarrier: ReadonlySet<string> = new Set(["$$ROOT", "$$CURRENT"]);

function without(variable: string): Document {
  return { $unsetField: { field: carrier, input: variable } };
}

function streamPath(expression: Readonly<Record<string, unknown>>): string | undefined {
  const path = expression["$meta"];
  return typeof path === "string" && (path === "stream" || path.startsWith("stream.")) ? path : undefined;
}

function carryThrough(stage: Document): Document {
  const [name = ""] = Object.keys(stage);
  const argument: unknown = stage[name];
  switch (name) {
    case "$match":
      return { $match: carriedQuery(argument) };
    case "$project":
      return { $project: carriedProjection(argument) };
    case "$replaceWith":
      return { $replaceWith: carriedRoot(argument) };
    case "$replaceRoot":
      return isPlainObject(argument) && "newRoot" in argument
        ? { $replaceWith: carriedRoot(argument["newRoot"]) }
        : stage;
    case "$redact":
      return { $redact: { $cond: [{ $eq: ["$kept", true] }, "$$KEEP", carriedExpression(argument)] } };
    case "$addFields":
    case "$set":
      return { [name]: carriedExpression(argument) };
    default:
      return stage;
  }
}

/** A query with the hidden field out of sight; also what `$validate` checks documents with. */
export function carriedQuery(query: unknown): unknown {
  if (Array.isArray(query)) return query.map(carriedQuery);
  if (!isPlainObject(query)) return query;
  return Object.fromEntries(
    Object.entries(query).map(([key, value]) => {
      if (key === "$expr") return [key, carriedExpression(value)];
      if (key === "$jsonSchema") return [key, carriedSchema(value)];
      return [key, key === "$and" || key === "$or" || key === "$nor" ? carriedQuery(value) : value];
    }),
  );
}

/** A schema that counts or closes the document's fields must not count the hidden one. */
function carriedSchema(schema: unknown): unknown {
  if (!isPlainObject(schema)) return schema;
  const more = (limit: unknown): unknown => (typeof limit === "number" ? limit + 1 : limit);
  return {
    ...schema,
    ...("additionalProperties" in schema || "properties" in schema
      ? { properties: { ...(schema["properties"] as Document | undefined), [carrier]: {} } }
      : {}),
    ...("maxProperties" in schema ? { maxProperties: more(schema["maxProperties"]) } : {}),
    ...("minProperties" in schema ? { minProperties: more(schema["minProperties"]) } : {}),
  };
}

function carriedProjection(projection: unknown): unknown {
  if (!isPlainObject(projection)) return projection;
  const excludes = Object.entries(projection).some(([key, value]) => key !== "_id" && isExclusion(value));
  const onlyId = Object.keys(projection).length === 1 && isExclusion(projection["_id"]);
  const rewritten = mapValues(projection, carriedExpression);
  return excludes || onlyId ? rewritten : { ...rewritten, [carrier]: 1 };
}

function isExclusion(value: unknown): boolean {
  return value === false || value === 0 || (typeof value === "object" && value !== null && Number(value) === 0);
}

/** Only a document takes the hidden field: what else the expression gives must be refused as it would be without us. */
function carriedRoot(expression: unknown): Document {
  const carried = { $setField: { field: carrier, input: "$$asp_root", value: `$${carrier}` } };
  return {
    $let: {
      vars: { asp_root: carriedExpression(expression) },
      in: { $cond: [{ $eq: [{ $type: "$$asp_root" }, "object"] }, carried, "$$asp_root"] },
    },
  };
}

function mapValues(value: Readonly<Record<string, unknown>>, map: (item: unknown) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, map(item)]));
}
