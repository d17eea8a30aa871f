import { same } from "./call-term.ts";
import type { CallTerm, Term } from "./term.ts";

/**
 * The truth of a condition that follows from its form alone: `x > x` is false, whatever x is, and a value is in a list that has
 * just got it.
 */
export function decideBySides(condition: Term): boolean | undefined {
  if (condition.kind === "literal") return isTruthy(condition.value);
  if (condition.kind !== "call") return undefined;
  const [first, second] = condition.args;
  switch (condition.name) {
    case "$not":
      return negate(first === undefined ? undefined : decideBySides(first));
    case "$and":
      return all(condition, true);
    case "$or":
      return negate(all(condition, false));
    case "gt":
      return first !== undefined && second !== undefined && isAtLeast(second, first) ? false : undefined;
    case "$eq":
      return first !== undefined && second !== undefined && same(first, second) ? true : undefined;
    case "$in":
      return first !== undefined && second !== undefined && holds(second, first) ? true : undefined;
    default:
      return undefined;
  }
}

/** True where every operand is `truth`, false where one is not. */
function all({ args }: CallTerm, truth: boolean): boolean | undefined {
  const decided = args.map(decideBySides);
  if (decided.includes(!truth)) return false;
  return decided.every((each) => each === truth) ? true : undefined;
}

function negate(truth: boolean | undefined): boolean | undefined {
  return truth === undefined ? undefined : !truth;
}

/** As the server takes a value for a condition. */
export function isTruthy(value: unknown): boolean {
  if (typeof value === "object" && value !== null && "_bsontype" in value) return Number(String(value)) !== 0;
  return value !== undefined && value !== null && value !== 0 && value !== false;
}

/**
 * True where `a` is not less than `b` in BSON's order. Missing is less than all others, and null than all but missing; so a
 * default for a missing `b` that is a plain constant is not less than it either.
 */
function isAtLeast(a: Term, b: Term): boolean {
  if (same(a, b)) return true;
  if (a.kind !== "call") return false;
  const [first, ...others] = a.args;
  if (first === undefined) return false;
  if (a.name === "$max" && others.length > 0) return a.args.some((arg) => isAtLeast(arg, b));
  if (a.name === "present") return isAtLeast(first, b);
  return a.name === "$ifNull" && isAtLeast(first, b) && others.every(isPlainConstant);
}

function isPlainConstant(term: Term): boolean {
  if (term.kind !== "literal" || term.value === undefined) return false;
  const { value } = term;
  return typeof value !== "object" || value === null || !("_bsontype" in value) || value._bsontype !== "MinKey";
}

/** True for a list that holds the value; one that is missing would stand in it as null, so it has to be there. */
function holds(list: Term, value: Term): boolean {
  if (list.kind !== "call" || !isThere(value)) return false;
  if (list.name === "[]") return list.args.some((item) => same(item, value));
  if (list.name === "$ifNull") return list.args[0] !== undefined && holds(list.args[0], value);
  return (list.name === "$concatArrays" || list.name === "$setUnion") && list.args.some((arg) => holds(arg, value));
}

/** True for a constant, and for what comes in, which is taken to be there. */
export function isThere(term: Term): boolean {
  return term.kind === "incoming" || (term.kind === "literal" && term.value !== undefined);
}
