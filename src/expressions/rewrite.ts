import { isPlainObject } from "./is-plain-object.ts";

/**
 * What to do with the leaves of an aggregation expression. Returning `undefined` for a leaf gives the whole rewriting up:
 * the caller then takes a path that needs none.
 */
export interface Leaves {
  /** A field path without its `$`: `items`, `a.b`. */
  readonly fieldPath: (path: string) => string;
  /** A variable with what follows it, without its `$$`: `ROOT`, `new._asp.v`. */
  readonly variable: (reference: string) => string | undefined;
}

/** Names that `$let`, `$map`, `$filter` and `$reduce` bind would hide the variables we rename, so these are given up. */
const bindings: ReadonlyMap<string, string> = new Map([
  ["$map", "as"],
  ["$filter", "as"],
]);

/** Read the document behind the author's back, run code that may, or are no expressions of a server: no leaf shows what they touch. */
const opaque: ReadonlySet<string> = new Set(["$function", "$accumulator", "$meta", "$currentDate", "$createUUID"]);

/**
 * Rewrites every field path and variable of an aggregation expression, and leaves `$literal` alone.
 *
 * @returns the rewritten expression, or `undefined` where it cannot be shown to mean the same
 * (operators that read the document implicitly, or that bind one of the `reserved` names).
 */
export function rewriteExpression(expression: unknown, leaves: Leaves, reserved: ReadonlySet<string>): unknown {
  const gaveUp = Symbol("gave up");

  const walk = (value: unknown): unknown => {
    if (typeof value === "string") return leaf(value);
    if (Array.isArray(value)) return each(value);
    if (!isPlainObject(value)) return value;
    return object(value);
  };

  const leaf = (text: string): unknown => {
    if (text.startsWith("$$")) return leaves.variable(text.slice(2)) ?? gaveUp;
    return text.startsWith("$") ? leaves.fieldPath(text.slice(1)) : text;
  };

  const each = (list: readonly unknown[]): unknown => {
    const result: unknown[] = [];
    for (const item of list) {
      const rewritten = walk(item);
      if (rewritten === gaveUp) return gaveUp;
      result.push(rewritten);
    }
    return result;
  };

  const object = (value: Readonly<Record<string, unknown>>): unknown => {
    const keys = Object.keys(value);
    const [operator] = keys;
    if (keys.length === 1 && operator !== undefined && operator.startsWith("$")) {
      if (operator === "$literal") return value;
      if (opaque.has(operator) || hides(operator, value[operator])) return gaveUp;
      if (operator === "$getField") return getField(value[operator]);
    }
    const result: Record<string, unknown> = {};
    for (const key of keys) {
      const rewritten = walk(value[key]);
      if (rewritten === gaveUp) return gaveUp;
      result[key] = rewritten;
    }
    return result;
  };

  /** `{$getField: "a"}` reads the current document without naming it. */
  const getField = (argument: unknown): unknown => {
    const full =
      isPlainObject(argument) && "field" in argument
        ? { field: argument["field"], input: argument["input"] ?? "$$CURRENT" }
        : { field: argument, input: "$$CURRENT" };
    const rewritten = walk(full);
    return rewritten === gaveUp ? gaveUp : { $getField: rewritten };
  };

  const hides = (operator: string, argument: unknown): boolean => {
    if (!isPlainObject(argument)) return false;
    if (operator === "$let") return Object.keys(argument["vars"] ?? {}).some((name) => reserved.has(name));
    const name = bindings.get(operator);
    return name !== undefined && reserved.has(String(argument[name] ?? "this"));
  };

  const rewritten = walk(expression);
  return rewritten === gaveUp ? undefined : rewritten;
}
