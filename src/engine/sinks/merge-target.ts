import { ObjectId } from "bson";
import type { Document } from "bson";
import { notDatabase, notText } from "../core/computed-text.ts";
import { createFieldFinder, decodeField, withFields } from "../core/bson-fields.ts";
import { createDynamicTargets } from "../core/dynamic-targets.ts";
import { fieldOf } from "../core/exact-bson.ts";
import { mergeKey } from "../core/merge-key.ts";
import { isLiteralText, type MergeMode, type MergePlan } from "../core/plan-sink.ts";
import type { Outgoing } from "../transform.ts";

/** Where and how documents are written. */
export interface Destination {
  readonly db: string;
  readonly coll: string;
  readonly whenMatched: MergeMode | "pipeline";
  readonly insert: boolean;
}

/** What becomes of one document. Tens of thousands wait to be written at once, so it holds little. */
export interface Target {
  readonly destination: Destination;
  readonly document: Uint8Array;
  /** Equal for documents that go to the same stored one. */
  readonly key: string;
  readonly variables: Document | undefined;
}

/** A target, or the reason why there is none. */
export type Resolved = Target | { readonly reason: string };

/** Resolves where documents go, and tells one target's documents apart. */
export interface Resolver {
  resolve(outgoing: Outgoing): Resolved;
  /** What finds the stored document that a document goes to. */
  filterOf(document: Uint8Array): Document;
}

/** A field that documents are merged on. */
interface OnField {
  readonly path: string;
  /** Its value in a document, or the array that its path leads through. */
  readonly read: (document: Uint8Array) => unknown;
}

const matchedModes: ReadonlySet<unknown> = new Set(["replace", "keepExisting", "merge", "delete"]);
const notMatchedModes: ReadonlySet<unknown> = new Set(["insert", "discard"]);

/** The expressions of a `$merge` that each document answers for itself; `undefined` where everything is constant. */
export function mergeExpressions(plan: MergePlan): Document | undefined {
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

/** Prepares the resolving of a plan's documents. */
export function createResolver(plan: MergePlan): Resolver {
  const on = plan.on.map(toOnField);
  const dynamicTargets = createDynamicTargets("$merge");
  const constant = mergeExpressions(plan) === undefined ? resolveDestination(plan, undefined) : undefined;
  return {
    resolve: ({ document: given, values }) => {
      const destination = constant ?? resolveDestination(plan, values);
      if ("reason" in destination) return destination;
      if (constant === undefined) dynamicTargets.add(destination.db, destination.coll);
      let document = given;
      const keys: unknown[] = [];
      for (const { path, read } of on) {
        let value = read(document);
        if (value === undefined && path === "_id") {
          // As `$merge` does, a document without `_id` that is merged on it gets one.
          value = new ObjectId();
          document = withFields(document, { _id: value }, "before");
        }
        // `update` would take them.
        if (value === undefined || value === null || Array.isArray(value)) {
          return { reason: `$merge write error: 'on' field '${path}' cannot be missing, null, undefined or an array` };
        }
        keys.push(value);
      }
      const variables = fieldOf(values, "let") as Document | undefined;
      return { destination, document, key: keyOf(keys), variables };
    },
    filterOf: (document) => {
      const filter: Document = {};
      for (const { path, read } of on) {
        const value = read(document);
        filter[path] = isPlainValue(value) ? value : { $eq: value };
      }
      return filter;
    },
  };
}

/** @returns the reason why there is none where an expression gives no text or no mode */
function resolveDestination(plan: MergePlan, values: Document | undefined): Destination | { readonly reason: string } {
  const value = (name: string, constant: unknown): unknown => {
    const own = fieldOf(values, name);
    return values !== undefined && own === undefined && !isLiteralText(constant) ? undefined : (own ?? constant);
  };
  const db = value("db", plan.db);
  const coll = value("coll", plan.coll);
  if (typeof db !== "string" || db === "") return { reason: notText("$merge", "into.db", db) };
  const noDatabase = notDatabase("$merge", "into.db", db);
  if (noDatabase !== undefined) return { reason: noDatabase };
  if (typeof coll !== "string" || coll === "") return { reason: notText("$merge", "into.coll", coll) };
  const whenMatched = Array.isArray(plan.whenMatched) ? "pipeline" : value("whenMatched", plan.whenMatched);
  if (whenMatched !== "pipeline" && !matchedModes.has(whenMatched)) {
    return { reason: notMode("whenMatched", whenMatched, matchedModes) };
  }
  const whenNotMatched = value("whenNotMatched", plan.whenNotMatched);
  if (!notMatchedModes.has(whenNotMatched))
    return { reason: notMode("whenNotMatched", whenNotMatched, notMatchedModes) };
  return { db, coll, whenMatched: whenMatched as MergeMode | "pipeline", insert: whenNotMatched === "insert" };
}

/** Equal for the values of documents that go to the same stored one. */
export function keyOf(values: readonly unknown[]): string {
  return values.map(mergeKey).join("\u0000");
}

function toOnField(path: string): OnField {
  const [first = "", ...rest] = path.split(".");
  const find = createFieldFinder(first);
  return { path, read: (document) => valueAt(decodeField(document, find(document)), rest) };
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

function notMode(option: string, value: unknown, allowed: ReadonlySet<unknown>): string {
  const found = typeof value === "string" ? `"${value}"` : value === undefined ? "nothing" : typeof value;
  return `$merge.${option} must evaluate to one of ${[...allowed].join(", ")}, found ${found}`;
}
