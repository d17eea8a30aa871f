import type { Document } from "bson";
import { isRewritten, rewriteConversion, serverOfConversion } from "./binary-conversions.ts";
import { isPlainObject } from "./is-plain-object.ts";

/** True for stages that hold `$currentDate` or `$createUUID`, which no server has, or a conversion that a server of this version has not. */
export function usesEngineExpressions(value: unknown, version: string): boolean {
  return holds(
    value,
    (key, item) =>
      key === "$currentDate" || key === "$createUUID" || (key === "$convert" && isRewritten(item, version)),
  );
}

/** True for stages for which it counts how old the server is. */
export function usesBinaryConversions(value: unknown): boolean {
  return holds(value, (key, item) => key === "$convert" && serverOfConversion(item) !== undefined);
}

/** True for stages that run JavaScript on a server of this version, once they are rewritten. */
export function runsJavaScript(value: unknown, version: string): boolean {
  return holds(value, (key, item) => javaScript.has(key) || (key === "$convert" && isRewritten(item, version)));
}

const javaScript: ReadonlySet<string> = new Set(["$function", "$accumulator", "$where", "$createUUID"]);

function holds(value: unknown, isWanted: (key: string, item: unknown) => boolean): boolean {
  if (Array.isArray(value)) return value.some((item) => holds(item, isWanted));
  if (!isPlainObject(value) || "$literal" in value) return false;
  return Object.entries(value).some(([key, item]) => isWanted(key, item) || holds(item, isWanted));
}

/** Where and when expressions are evaluated. */
export interface Evaluation {
  readonly currentDate: Date;
  /** Of the server, as it says: "6.0.5". */
  readonly version: string;
}

/**
 * Rewrites the expressions that only Stream Processing has, so that a plain mongod evaluates them: `$currentDate` is the time that is
 * given, `$createUUID` a function of the server that gives a new UUID each time, and a conversion of binary data that the server does not have
 * yet a function too. Everything else stays as it is.
 *
 * What a `$lookup` runs over there is the cluster's own, and only its `let` is rewritten. Source: asp-language section 1.15.
 */
export function rewriteEngineExpressions(stages: readonly Document[], there: Evaluation): readonly Document[] {
  return stages.map((stage) => {
    const [name = ""] = Object.keys(stage);
    const argument: unknown = stage[name];
    switch (name) {
      case "$match":
        return { $match: inQuery(argument, there) };
      case "$lookup":
        if (!isPlainObject(argument) || !("let" in argument)) return stage;
        return { $lookup: { ...argument, let: inExpression(argument["let"], there) } };
      case "$addFields":
      case "$group":
      case "$project":
      case "$redact":
      case "$replaceRoot":
      case "$replaceWith":
      case "$set":
        return { [name]: inExpression(argument, there) };
      default:
        return stage;
    }
  });
}

function inExpression(expression: unknown, there: Evaluation): unknown {
  if (Array.isArray(expression)) return expression.map((item) => inExpression(item, there));
  if (!isPlainObject(expression) || "$literal" in expression) return expression;
  if ("$currentDate" in expression) return there.currentDate;
  if ("$createUUID" in expression) return newUuid;
  const rewritten = Object.fromEntries(
    Object.entries(expression).map(([key, item]) => [key, inExpression(item, there)]),
  );
  return isRewritten(expression["$convert"], there.version)
    ? rewriteConversion(rewritten["$convert"] as Document)
    : rewritten;
}

/** `UUID()` of the server's JavaScript makes one of version 4. No other expression of a mongod 6.0 makes binary data. */
const newUuid = { $function: { body: "function() { return UUID(); }", args: [], lang: "js" } };

/** In a query, only `$expr` holds expressions. */
function inQuery(query: unknown, there: Evaluation): unknown {
  if (Array.isArray(query)) return query.map((item) => inQuery(item, there));
  if (!isPlainObject(query)) return query;
  return Object.fromEntries(
    Object.entries(query).map(([key, value]) => {
      if (key === "$expr") return [key, inExpression(value, there)];
      return [key, key === "$and" || key === "$or" || key === "$nor" ? inQuery(value, there) : value];
    }),
  );
}
