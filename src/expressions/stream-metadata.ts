import type { Document } from "bson";
import { isPlainObject } from "./is-plain-object.ts";

/** The hidden field that carries a document's metadata and its number within the batch through the stages. */
export const carrier = "__asp_carrier";

/** Tells `$redact` to leave the hidden field alone. */
export const keptMark = "__asp_kept";

/** What {@link carrier} holds: `stream` is what `{$meta: "stream"}` gives. */
export interface Carried {
  readonly [keptMark]: true;
  /** Which of the delivered documents this one came from. */
  readonly index: number;
  /** Which of the documents under a `$validate` this one is: `$unwind` may have made several of one. */
  readonly position?: number;
  readonly stream: Document;
}

/** True if an expression somewhere in `value` reads stream metadata, or a stage there sets it. */
export function readsStreamMetadata(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(readsStreamMetadata);
  if (!isPlainObject(value) || "$literal" in value) return false;
  if ("$setStreamMeta" in value) return true;
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
      return { $redact: { $cond: [{ $eq: [`$${keptMark}`, true] }, "$$KEEP", carriedExpression(argument)] } };
    case "$group":
    case "$addFields":
    case "$set":
      return { [name]: carriedExpression(argument) };
    case "$lookup":
      return { $lookup: carriedLookup(argument) };
    case "$setStreamMeta":
      return { $set: carriedMetadata(argument) };
    default:
      return stage;
  }
}

/** The pipeline of a `$lookup` runs on the cluster's own documents; only what is handed to it can read the stream's. */
function carriedLookup(argument: unknown): unknown {
  if (!isPlainObject(argument) || argument["let"] === undefined) return argument;
  return { ...argument, let: carriedExpression(argument["let"]) };
}

/** `{"stream.route": …}` of `$setStreamMeta` as fields of what travels along. */
function carriedMetadata(argument: unknown): Document {
  const entries = Object.entries(isPlainObject(argument) ? argument : {});
  return Object.fromEntries(entries.map(([path, value]) => [`${carrier}.${path}`, carriedExpression(value)]));
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

/** A schema that counts, closes or describes all of the document's fields must leave the hidden one out. */
function carriedSchema(schema: unknown): unknown {
  if (!isPlainObject(schema)) return schema;
  const rewritten = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, carriedKeyword(key, value)]));
  if (!("additionalProperties" in schema) && !("properties" in schema)) return rewritten;
  return { ...rewritten, properties: { ...(schema["properties"] as Document | undefined), [carrier]: {} } };
}

function carriedKeyword(keyword: string, value: unknown): unknown {
  switch (keyword) {
    case "minProperties":
    case "maxProperties":
      return isNumber(value) ? Number(value) + 1 : value;
    case "patternProperties": {
      if (!isPlainObject(value)) return value;
      return Object.fromEntries(
        Object.entries(value).map(([pattern, part]) => [`^(?!${carrier}$)[\\s\\S]*?(?:${pattern})`, part]),
      );
    }
    case "allOf":
    case "anyOf":
    case "oneOf":
      return Array.isArray(value) ? value.map(carriedSchema) : value;
    case "not":
      return carriedSchema(value);
    case "dependencies":
      return isPlainObject(value) ? mapValues(value, carriedSchema) : value;
    default:
      return value;
  }
}

function isNumber(value: unknown): boolean {
  return (
    typeof value === "number" || (typeof value === "object" && value !== null && numberTypes.has(bsonTypeOf(value)))
  );
}

const numberTypes: ReadonlySet<unknown> = new Set(["Int32", "Double", "Long", "Decimal128"]);

/** By name and not by class: the driver and this package may each have a copy of the BSON library. */
function bsonTypeOf(value: object): unknown {
  return "_bsontype" in value ? value._bsontype : undefined;
}

function carriedProjection(projection: unknown): unknown {
  if (!isPlainObject(projection)) return projection;
  const rewritten = mapValues(projection, carriedExpression);
  return isExcluding(projection) ? rewritten : { ...rewritten, [carrier]: 1 };
}

/** As on the server, the first field but `_id` that says so decides; with `_id` alone, that one. */
function isExcluding(projection: Readonly<Record<string, unknown>>): boolean {
  const others = Object.entries(projection).filter(([name]) => name !== "_id");
  if (others.length === 0) return isExclusion(projection["_id"]);
  return others.some(([, value]) => isExclusion(value));
}

function isExclusion(value: unknown): boolean {
  if (value === false) return true;
  if (isNumber(value)) return Number(value) === 0;
  if (!isPlainObject(value) || Object.keys(value).some((name) => name.startsWith("$"))) return false;
  return Object.values(value).some(isExclusion);
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

/** A text of the server that quotes a document, without the hidden field in it. */
export function withoutCarrierText(text: string): string {
  const at = text.indexOf(`${carrier}: {`);
  if (at === -1) return text;
  let end = at + carrier.length + 2;
  let quoted = false;
  for (let depth = 0; end < text.length; end += 1) {
    const character = text[end];
    if (quoted && character === "\\") end += 1;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && character === "{") depth += 1;
    else if (!quoted && character === "}" && (depth -= 1) === 0) break;
  }
  const [before, after] = [text.slice(0, at), text.slice(end + 1)];
  const joined = before.endsWith(", ") ? before.slice(0, -2) + after : before + after.replace(/^, /, "");
  return withoutCarrierText(joined);
}
