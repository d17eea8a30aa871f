import { namedArgument, operands } from "./node.ts";
import type { Node } from "./node.ts";

/** True for an expression that always has a value (null counts), so that setting it never removes the field. */
export function neverMissing(node: Node): boolean {
  switch (node.kind) {
    case "constant":
    case "list":
    case "object":
      return true;
    case "reference":
    case "variable":
      return false;
    case "operator":
      return operatorNeverMissing(node.name, node.argument);
  }
}

function operatorNeverMissing(name: string, argument: Node): boolean {
  if (alwaysValued.has(name)) return true;
  if (name === "$ifNull") return operands(argument).some(neverMissing);
  if (name === "$cond") {
    const branches =
      argument.kind === "list"
        ? argument.items.slice(1)
        : [namedArgument(argument, "then"), namedArgument(argument, "else")];
    return branches.length === 2 && branches.every((branch) => branch !== undefined && neverMissing(branch));
  }
  return false;
}

/** Operators that give a value or null whatever their operands are. */
const alwaysValued: ReadonlySet<string> = new Set([
  "$abs",
  "$add",
  "$and",
  "$ceil",
  "$cmp",
  "$concat",
  "$concatArrays",
  "$divide",
  "$eq",
  "$exp",
  "$filter",
  "$floor",
  "$gt",
  "$gte",
  "$in",
  "$isArray",
  "$isNumber",
  "$lt",
  "$lte",
  "$map",
  "$max",
  "$mergeObjects",
  "$min",
  "$mod",
  "$multiply",
  "$ne",
  "$not",
  "$or",
  "$pow",
  "$range",
  "$reverseArray",
  "$round",
  "$setDifference",
  "$setEquals",
  "$setIntersection",
  "$setIsSubset",
  "$setUnion",
  "$size",
  "$slice",
  "$split",
  "$sqrt",
  "$strLenBytes",
  "$strLenCP",
  "$substrBytes",
  "$substrCP",
  "$subtract",
  "$sum",
  "$toLower",
  "$toUpper",
  "$trunc",
  "$type",
]);
