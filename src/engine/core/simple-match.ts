import type { Document } from "bson";
import { isPlainObject } from "../../expressions/is-plain-object.ts";
import { fieldOf } from "./exact-bson.ts";

/** Tells whether a change event passes a filter. */
export type Predicate = (event: unknown) => boolean;

/**
 * A `config.pipeline` that only compares paths with texts, as a predicate: so processors that read the same source with
 * different filters can share one change stream.
 *
 * @returns `undefined` for a pipeline that says more; mongod decides those, in a change stream of their own.
 */
export function toPredicate(pipeline: readonly Document[]): Predicate | undefined {
  const tests: Predicate[] = [];
  for (const stage of pipeline) {
    const query: unknown = stage["$match"];
    if (!isPlainObject(query) || Object.keys(stage).length !== 1) return undefined;
    for (const [path, condition] of Object.entries(query)) {
      const texts = textsOf(condition);
      if (path.startsWith("$") || /(^|\.)\d/.test(path) || texts === undefined) return undefined;
      tests.push(comparison(path.split("."), texts));
    }
  }
  return (event) => tests.every((test) => test(event));
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
function comparison(path: readonly string[], texts: ReadonlySet<unknown>): Predicate {
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
