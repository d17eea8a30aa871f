import { isPlainObject } from "../../expressions/is-plain-object.ts";

/** True for an expression that gives a document or fails, whatever it is evaluated over, as far as its form shows. */
export function givesDocument(expression: unknown): boolean {
  if (typeof expression === "string") return expression === "$$ROOT" || expression === "$$CURRENT";
  if (!isPlainObject(expression)) return false;
  const [operator = "", ...others] = Object.keys(expression);
  if (!operator.startsWith("$")) return true;
  return others.length === 0 && operatorGivesDocument(operator, expression[operator]);
}

function operatorGivesDocument(operator: string, argument: unknown): boolean {
  switch (operator) {
    case "$mergeObjects":
      return true;
    case "$literal":
      return isPlainObject(argument);
    case "$setField":
    case "$unsetField":
      return isPlainObject(argument) && givesDocument(argument["input"]);
    case "$let":
      return isPlainObject(argument) && givesDocument(argument["in"]);
    case "$cond":
      if (Array.isArray(argument)) return argument.slice(1).every(givesDocument);
      return isPlainObject(argument) && givesDocument(argument["then"]) && givesDocument(argument["else"]);
    case "$switch": {
      if (!isPlainObject(argument) || !Array.isArray(argument["branches"])) return false;
      const branches = argument["branches"].map((branch: unknown) => isPlainObject(branch) && branch["then"]);
      return [...branches, ...("default" in argument ? [argument["default"]] : [])].every(givesDocument);
    }
    default:
      return false;
  }
}
