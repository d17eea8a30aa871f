import type { Document } from "bson";
import { isPlainObject } from "../../expressions/is-plain-object.ts";
import { fieldOf } from "./exact-bson.ts";

/** Tells whether a change event passes a filter. */
export type Predicate = (event: unknown) => boolean;

/** One condition of a filter: the value at the path, or a member of it, is one of the texts. */
interface Comparison {
  readonly path: readonly string[];
  readonly texts: ReadonlySet<unknown>;
}

/**
 * A `config.pipeline` that only compares paths with texts, as a predicate: so processors that read the same source with
 * different filters can share one change stream.
 *
 * @returns `undefined` for a pipeline that says more; mongod decides those, in a change stream of their own.
 */
export function toPredicate(pipeline: readonly Document[]): Predicate | undefined {
  const tests = toComparisons(pipeline)?.map(toTest);
  return tests && ((event) => tests.every((test) => test(event)));
}

/**
 * The same filter as an expression: true exactly where the predicate is. It fails for an array within an array, through which
 * queries and expressions take other ways.
 *
 * @returns `undefined` where an expression cannot name the path
 */
export function toCondition(pipeline: readonly Document[]): unknown {
  const comparisons = toComparisons(pipeline);
  if (comparisons?.some(({ path }) => path.some((name) => name === "" || name.startsWith("$"))) !== false) {
    return undefined;
  }
  return { $and: comparisons.map(toExpression) };
}

function toComparisons(pipeline: readonly Document[]): readonly Comparison[] | undefined {
  const comparisons: Comparison[] = [];
  for (const stage of pipeline) {
    const query: unknown = stage["$match"];
    if (!isPlainObject(query) || Object.keys(stage).length !== 1) return undefined;
    for (const [path, condition] of Object.entries(query)) {
      const texts = textsOf(condition);
      if (path.startsWith("$") || /(^|\.)\d/.test(path) || texts === undefined) return undefined;
      comparisons.push({ path: path.split("."), texts });
    }
  }
  return comparisons;
}

function toExpression({ path, texts }: Comparison): Document {
  const value = `$${path.join(".")}`;
  const isOneOf = (item: string): Document => ({ $in: [item, { $literal: [...texts] }] });
  const noArray = { $toInt: { $concat: ["no ", { $type: "$$asp_item" }] } };
  const member = { $cond: [{ $isArray: "$$asp_item" }, noArray, isOneOf("$$asp_item")] };
  const anyMember = { $anyElementTrue: [{ $map: { input: value, as: "asp_item", in: member } }] };
  return { $cond: [{ $isArray: value }, anyMember, isOneOf(value)] };
}

function textsOf(condition: unknown): ReadonlySet<unknown> | undefined {
  const list = typeof condition === "string" ? [condition] : operand(condition);
  return list?.every((item) => typeof item === "string") ? new Set(list) : undefined;
}

function operand(condition: unknown): readonly unknown[] | undefined {
  if (!isPlainObject(condition) || Object.keys(condition).length !== 1) return undefined;
  if ("$eq" in condition) return [condition["$eq"]];
  return Array.isArray(condition["$in"]) ? condition["$in"] : undefined;
}

/** As in a query, a path goes through the members of arrays, and an array matches by any of its members. */
function toTest({ path, texts }: Comparison): Predicate {
  const matches = (value: unknown, depth: number): boolean => {
    const name = path[depth];
    if (name === undefined) return texts.has(value) || (Array.isArray(value) && value.some((item) => texts.has(item)));
    if (Array.isArray(value)) {
      return value.some((item) => isDocument(item) && matches(fieldOf(item, name), depth + 1));
    }
    return isDocument(value) && matches(fieldOf(value, name), depth + 1);
  };
  return (event) => matches(fieldOf(event, path[0] ?? ""), 1);
}

/** A BSON value is a class with fields of its own, which are no fields of the document. */
function isDocument(value: unknown): boolean {
  return isPlainObject(value) || value instanceof Map;
}
