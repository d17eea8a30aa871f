import { isPlainObject } from "../../expressions/is-plain-object.ts";

/**
 * What an expression over a stored document and `$$new` is known to give: a document with the `_id` of the stored one, a document
 * without `_id` (an update puts it back), or nothing that can be said.
 */
export type DocumentShape = "withId" | "withoutId" | "unknown";

type Variables = ReadonlyMap<string, DocumentShape>;

/** Merged on `_id`, both have the same one. */
const known: Variables = new Map([
  ["ROOT", "withId"],
  ["CURRENT", "withId"],
  ["new", "withId"],
]);

/** Tells what `expression` gives, as far as its form shows. */
export function documentShape(expression: unknown): DocumentShape {
  return shapeOf(expression, known);
}

function shapeOf(expression: unknown, variables: Variables): DocumentShape {
  if (typeof expression === "string") {
    return expression.startsWith("$$") ? (variables.get(expression.slice(2)) ?? "unknown") : "unknown";
  }
  if (!isPlainObject(expression)) return "unknown";
  const [operator = "", ...others] = Object.keys(expression);
  if (!operator.startsWith("$")) return literalShape(expression);
  const argument = expression[operator];
  return others.length > 0 ? "unknown" : operatorShape(operator, argument, variables);
}

function literalShape(fields: Readonly<Record<string, unknown>>): DocumentShape {
  if (!("_id" in fields)) return "withoutId";
  return fields["_id"] === "$_id" || fields["_id"] === "$$new._id" ? "withId" : "unknown";
}

function operatorShape(operator: string, argument: unknown, variables: Variables): DocumentShape {
  switch (operator) {
    case "$literal":
      return isPlainObject(argument) && !("_id" in argument) ? "withoutId" : "unknown";
    case "$mergeObjects": {
      if (!Array.isArray(argument)) return "unknown";
      const shapes = argument.map((item) => shapeOf(item, variables));
      if (shapes.includes("unknown")) return "unknown";
      return shapes.includes("withId") ? "withId" : "withoutId";
    }
    case "$setField":
    case "$unsetField": {
      if (!isPlainObject(argument) || typeof argument["field"] !== "string" || argument["field"] === "_id")
        return "unknown";
      return shapeOf(argument["input"], variables);
    }
    case "$cond":
      if (Array.isArray(argument)) return all(argument.slice(1), variables);
      return isPlainObject(argument) ? all([argument["then"], argument["else"]], variables) : "unknown";
    case "$switch": {
      if (!isPlainObject(argument) || !Array.isArray(argument["branches"])) return "unknown";
      const results = argument["branches"].map((branch: unknown) =>
        isPlainObject(branch) ? branch["then"] : undefined,
      );
      // Without a default, a document that takes no branch makes the update fail.
      return all("default" in argument ? [...results, argument["default"]] : results, variables);
    }
    case "$let": {
      if (!isPlainObject(argument) || !isPlainObject(argument["vars"])) return "unknown";
      const bound = Object.entries(argument["vars"]).map(([name, value]) => [name, shapeOf(value, variables)] as const);
      return shapeOf(argument["in"], new Map([...variables, ...bound]));
    }
    default:
      return "unknown";
  }
}

function all(expressions: readonly unknown[], variables: Variables): DocumentShape {
  const shapes = expressions.map((expression) => shapeOf(expression, variables));
  if (shapes.length === 0 || shapes.includes("unknown")) return "unknown";
  return shapes.includes("withoutId") ? "withoutId" : "withId";
}
