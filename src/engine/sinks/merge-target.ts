import { ObjectId } from "bson";
import type { Document } from "bson";
import { createFieldFinder, decodeField, withFields } from "../core/bson-fields.ts";
import { fieldOf } from "../core/exact-bson.ts";
import { mergeKey } from "../core/merge-key.ts";
import { isLiteralText, type MergeMode, type MergePlan } from "../core/plan.ts";
import type { Outgoing } from "../transform.ts";

/** Where and how one document is written. */
export interface Target {
  readonly db: string;
  readonly coll: string;
  /** The values of the fields that it is merged on. */
  readonly on: readonly unknown[];
  /** Equal for documents that go to the same stored one. */
  readonly key: string;
  readonly document: Uint8Array;
  readonly whenMatched: MergeMode | "pipeline";
  readonly insert: boolean;
  readonly variables: Document | undefined;
}

/** A field that documents are merged on. */
export interface OnField {
  readonly path: string;
  /** Its value in a document, or the array that its path leads through. */
  readonly read: (document: Uint8Array) => unknown;
}

const matchedModes: ReadonlySet<unknown> = new Set(["replace", "keepExisting", "merge", "delete"]);
const notMatchedModes: ReadonlySet<unknown> = new Set(["insert", "discard"]);

/** The expressions of a `$merge` that each document answers for itself; `undefined` where everything is constant. */
export function sinkExpressions(plan: MergePlan): Document | undefined {
  const expressions: Document = {};
  for (const [name, value] of Object.entries({ db: plan.db, coll: plan.coll })) {
    if (!isLiteralText(value)) expressions[name] = value;
  }
  if (!Array.isArray(plan.whenMatched) && !isLiteralText(plan.whenMatched))
    expressions["whenMatched"] = plan.whenMatched;
  if (!isLiteralText(plan.whenNotMatched)) expressions["whenNotMatched"] = plan.whenNotMatched;
  if (plan.let !== undefined) expressions["let"] = plan.let;
  return Object.keys(expressions).length === 0 ? undefined : expressions;
}

/**
 * Resolves where a document goes.
 *
 * @returns the target, or the reason why there is none: an expression that gives no text or no mode, or an `on` field that is
 * missing, null or an array, which `$merge` refuses and `update` would not.
 */
export function resolveTarget(
  plan: MergePlan,
  on: readonly OnField[],
  outgoing: Outgoing,
): Target | { readonly reason: string } {
  const value = (name: string, constant: unknown): unknown => {
    const own = outgoing.values === undefined ? undefined : fieldOf(outgoing.values, name);
    return outgoing.values !== undefined && own === undefined && !isLiteralText(constant)
      ? undefined
      : (own ?? constant);
  };
  const db = value("db", plan.db);
  const coll = value("coll", plan.coll);
  if (typeof db !== "string" || db === "") return { reason: notText("into.db", db) };
  if (typeof coll !== "string" || coll === "") return { reason: notText("into.coll", coll) };
  const whenMatched = Array.isArray(plan.whenMatched) ? "pipeline" : value("whenMatched", plan.whenMatched);
  if (whenMatched !== "pipeline" && !matchedModes.has(whenMatched)) {
    return { reason: notMode("whenMatched", whenMatched, matchedModes) };
  }
  const whenNotMatched = value("whenNotMatched", plan.whenNotMatched);
  if (!notMatchedModes.has(whenNotMatched))
    return { reason: notMode("whenNotMatched", whenNotMatched, notMatchedModes) };
  let { document } = outgoing;
  const values: unknown[] = [];
  for (const { path, read } of on) {
    let found = read(document);
    if (found === undefined && path === "_id") {
      // As `$merge` does, a document without `_id` that is merged on it gets one.
      found = new ObjectId();
      document = withFields(document, { _id: found }, "before");
    }
    if (found === undefined || found === null || Array.isArray(found)) {
      return { reason: `$merge write error: 'on' field '${path}' cannot be missing, null, undefined or an array` };
    }
    values.push(found);
  }
  return {
    db,
    coll,
    on: values,
    key: keyOf(values),
    document,
    whenMatched: whenMatched as MergeMode | "pipeline",
    insert: whenNotMatched === "insert",
    variables: outgoing.values === undefined ? undefined : (fieldOf(outgoing.values, "let") as Document | undefined),
  };
}

/** What finds the stored document that a target goes to. */
export function filterOf(plan: MergePlan, { on }: Target): Document {
  const filter: Document = {};
  for (const [at, path] of plan.on.entries()) filter[path] = isPlainValue(on[at]) ? on[at] : { $eq: on[at] };
  return filter;
}

/** Equal for the values of documents that go to the same stored one. */
export function keyOf(values: readonly unknown[]): string {
  return values.map(mergeKey).join("\u0000");
}

/** Prepares the reading of the fields that documents are merged on. */
export function prepareOn(paths: readonly string[]): readonly OnField[] {
  return paths.map((path) => {
    const [first = "", ...rest] = path.split(".");
    const find = createFieldFinder(first);
    return { path, read: (document) => valueAt(decodeField(document, find(document)), rest) };
  });
}

function valueAt(top: unknown, path: readonly string[]): unknown {
  let value = top;
  for (const name of path) {
    if (Array.isArray(value)) return value;
    value = fieldOf(value, name);
  }
  return value;
}

/** Documents and regular expressions mean something else to a filter than their value. */
function isPlainValue(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  return value instanceof Date || ("_bsontype" in value && value["_bsontype"] !== "BSONRegExp");
}

function notText(option: string, value: unknown): string {
  return `$merge.${option} must evaluate to a non-empty string, found ${value === undefined ? "nothing" : typeof value}`;
}

function notMode(option: string, value: unknown, allowed: ReadonlySet<unknown>): string {
  const found = typeof value === "string" ? `"${value}"` : value === undefined ? "nothing" : typeof value;
  return `$merge.${option} must evaluate to one of ${[...allowed].join(", ")}, found ${found}`;
}
