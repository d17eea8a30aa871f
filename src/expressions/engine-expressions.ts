import type { Document } from "bson";
import { isPlainObject } from "./is-plain-object.ts";

/** True for stages that hold `$currentDate` or `$createUUID`, which no server has. */
export function usesEngineExpressions(value: unknown): boolean {
  return holds(value, (key) => key === "$currentDate" || key === "$createUUID");
}

/** True for stages that run JavaScript on the server, once they are rewritten. */
export function runsJavaScript(value: unknown): boolean {
  return holds(value, (key) => javaScript.has(key));
}

const javaScript: ReadonlySet<string> = new Set(["$function", "$accumulator", "$where", "$createUUID"]);

function holds(value: unknown, isWanted: (key: string) => boolean): boolean {
  if (Array.isArray(value)) return value.some((item) => holds(item, isWanted));
  if (!isPlainObject(value) || "$literal" in value) return false;
  return Object.entries(value).some(([key, item]) => isWanted(key) || holds(item, isWanted));
}

/**
 * Rewrites the expressions that only Stream Processing has, so that a plain mongod evaluates them: `$currentDate` is the time that is
 * given, `$createUUID` a function of the server that gives a new UUID each time. Everything else stays as it is.
 *
 * What a `$lookup` runs over there is the cluster's own, and only its `let` is rewritten. Source: asp-language section 1.15.
 */
export function rewriteEngineExpressions(stages: readonly Document[], currentDate: Date): readonly Document[] {
  return stages.map((stage) => {
    const [name = ""] = Object.keys(stage);
    const argument: unknown = stage[name];
    switch (name) {
      case "$match":
        return { $match: inQuery(argument, currentDate) };
      case "$lookup":
        if (!isPlainObject(argument) || !("let" in argument)) return stage;
        return { $lookup: { ...argument, let: inExpression(argument["let"], currentDate) } };
      case "$addFields":
      case "$group":
      case "$project":
      case "$redact":
      case "$replaceRoot":
      case "$replaceWith":
      case "$set":
        return { [name]: inExpression(argument, currentDate) };
      default:
        return stage;
    }
  });
}

function inExpression(expression: unknown, currentDate: Date): unknown {
  if (Array.isArray(expression)) return expression.map((item) => inExpression(item, currentDate));
  if (!isPlainObject(expression) || "$literal" in expression) return expression;
  if ("$currentDate" in expression) return currentDate;
  if ("$createUUID" in expression) return newUuid;
  return Object.fromEntries(Object.entries(expression).map(([key, item]) => [key, inExpression(item, currentDate)]));
}

/** `UUID()` of the server's JavaScript makes one of version 4. No other expression of a mongod 6.0 makes binary data. */
const newUuid = { $function: { body: "function() { return UUID(); }", args: [], lang: "js" } };

/** In a query, only `$expr` holds expressions. */
function inQuery(query: unknown, currentDate: Date): unknown {
  if (Array.isArray(query)) return query.map((item) => inQuery(item, currentDate));
  if (!isPlainObject(query)) return query;
  return Object.fromEntries(
    Object.entries(query).map(([key, value]) => {
      if (key === "$expr") return [key, inExpression(value, currentDate)];
      return [key, key === "$and" || key === "$or" || key === "$nor" ? inQuery(value, currentDate) : value];
    }),
  );
}
