import { namedArgument, operands } from "./node.ts";
import type { Node } from "./node.ts";

/** True for an expression that is never null or missing, where `solid` says which fields of the read model never are. */
export function neverNull(node: Node, solid: (path: readonly string[]) => boolean): boolean {
  const holds = (part: Node | undefined): boolean => part !== undefined && neverNull(part, solid);
  switch (node.kind) {
    case "constant":
      return node.value !== null && node.value !== undefined;
    case "list":
    case "object":
      return true;
    case "reference":
      return node.root === "view" && solid(node.path);
    case "variable":
      return false;
    case "operator":
      return operatorHolds(node.name, node.argument, holds);
  }
}

function operatorHolds(name: string, argument: Node, holds: (part: Node | undefined) => boolean): boolean {
  if (valued.has(name)) return true;
  if (handsOnNull.has(name)) return operands(argument).every(holds);
  switch (name) {
    case "$ifNull":
      return operands(argument).some(holds);
    case "$filter":
    case "$map":
      return holds(namedArgument(argument, "input"));
    case "$cond": {
      if (argument.kind === "list") return argument.items.slice(1).every(holds);
      return holds(namedArgument(argument, "then")) && holds(namedArgument(argument, "else"));
    }
    default:
      return false;
  }
}

/** Operators that give a value or fail. */
const valued: ReadonlySet<string> = new Set([
  "$and",
  "$cmp",
  "$eq",
  "$gt",
  "$gte",
  "$in",
  "$isArray",
  "$isNumber",
  "$lt",
  "$lte",
  "$mergeObjects",
  "$ne",
  "$not",
  "$or",
  "$size",
  "$strLenBytes",
  "$strLenCP",
  "$toLower",
  "$toUpper",
  "$type",
]);

/** Operators that are null only where an operand is. */
const handsOnNull: ReadonlySet<string> = new Set([
  "$abs",
  "$add",
  "$ceil",
  "$concat",
  "$concatArrays",
  "$divide",
  "$floor",
  "$multiply",
  "$reverseArray",
  "$round",
  "$setDifference",
  "$setIntersection",
  "$setUnion",
  "$subtract",
  "$trunc",
]);
