import type { Document } from "bson";
import {
  binaryConversionOf,
  rewriteConversion,
  type BinaryConversion,
  type ConversionServer,
} from "./binary-conversions.ts";
import { isPlainObject } from "./is-plain-object.ts";

/** What stages hold that a plain mongod does not evaluate, or not every one. */
export interface EngineExpressions {
  /** Whether there is `$currentDate` or `$createUUID`, which no server has. */
  readonly own: boolean;
  /** Forms of `$convert` that older servers do not have, each once. */
  readonly conversions: readonly BinaryConversion[];
  /** Whether JavaScript runs on the server, however old it is. */
  readonly javaScript: boolean;
}

/** Looks through stages as they are before they are rewritten. */
export function findEngineExpressions(stages: unknown): EngineExpressions {
  const conversions = new Map<string, BinaryConversion>();
  let own = false;
  let runsScript = false;
  const visit = (value: unknown, isClusters: boolean): void => {
    if (Array.isArray(value)) {
      for (const item of value) visit(item, isClusters);
    } else if (isPlainObject(value) && !("$literal" in value)) {
      for (const [key, item] of Object.entries(value)) {
        own ||= key === "$currentDate" || key === "$createUUID";
        runsScript ||= javaScript.has(key);
        // What a `$lookup` runs over there stays as it is.
        const form = key === "$convert" && !isClusters ? binaryConversionOf(item) : undefined;
        if (form !== undefined) conversions.set(JSON.stringify(form), form);
        if (key !== "$lookup" || !isPlainObject(item)) visit(item, isClusters);
        else for (const [name, part] of Object.entries(item)) visit(part, name === "pipeline");
      }
    }
  };
  visit(stages, false);
  return { own, conversions: [...conversions.values()], javaScript: runsScript };
}

const javaScript: ReadonlySet<string> = new Set(["$function", "$accumulator", "$where", "$createUUID"]);

/** Where and when expressions are evaluated. */
export interface Evaluation {
  readonly currentDate: Date;
  /** Absent where nothing is to be rewritten for the server's sake. */
  readonly server?: ConversionServer | undefined;
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
  const { server } = there;
  return (server && "$convert" in rewritten && rewriteConversion(rewritten["$convert"], server)) || rewritten;
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
