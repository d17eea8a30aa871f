/** What a value is known to be; `unknown` where only an event or a later read model tells. */
export type Kind = "nothing" | "number" | "string" | "boolean" | "date" | "array" | "object" | "other" | "unknown";

/** What an operator gives, and which operands it refuses. */
export interface OperatorRule {
  readonly gives: readonly Kind[];
  /** Kinds by operand, the last one for all further operands; absent where nothing is refused. */
  readonly accepts?: readonly ReadonlySet<Kind>[];
}

const number = new Set<Kind>(["number", "nothing"]);
const text = new Set<Kind>(["string", "nothing"]);
const array = new Set<Kind>(["array", "nothing"]);
const onlyArray = new Set<Kind>(["array"]);
const onlyNumber = new Set<Kind>(["number"]);
const document = new Set<Kind>(["object", "nothing"]);
const printable = new Set<Kind>(["string", "number", "date", "nothing"]);
const every = new Set<Kind>(["nothing", "number", "string", "boolean", "date", "array", "object", "other", "unknown"]);

function ruled(
  gives: readonly Kind[],
  names: readonly string[],
  ...accepts: readonly ReadonlySet<Kind>[]
): [string, OperatorRule][] {
  return names.map((name) => [name, accepts.length === 0 ? { gives } : { gives, accepts }]);
}

/** Operators that cannot fail, or only by the types of their operands. Tried on mongod 6.0. */
export const operatorRules: ReadonlyMap<string, OperatorRule> = new Map([
  ...ruled(["boolean"], ["$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$not", "$isArray", "$isNumber"]),
  ...ruled(["number"], ["$cmp"]),
  ...ruled(["number", "nothing"], ["$sum"]),
  ...ruled(["string"], ["$type"]),
  ...ruled(["unknown"], ["$max", "$min"]),
  ...ruled(["number", "nothing"], ["$add", "$subtract", "$multiply", "$abs", "$ceil", "$floor"], number),
  ...ruled(["number", "nothing"], ["$round", "$trunc"], number, new Set()),
  ...ruled(["string", "nothing"], ["$concat"], text),
  ...ruled(["string"], ["$toLower", "$toUpper"], printable),
  ...ruled(
    ["array", "nothing"],
    ["$concatArrays", "$setUnion", "$setIntersection", "$setDifference", "$reverseArray"],
    array,
  ),
  ...ruled(["unknown", "nothing"], ["$first", "$last"], array),
  ...ruled(["number"], ["$size"], onlyArray),
  ...ruled(["boolean"], ["$in"], every, onlyArray),
  ...ruled(["unknown"], ["$arrayElemAt"], array, onlyNumber),
  ...ruled(["string", "nothing"], ["$toString"], new Set<Kind>([...printable, "boolean"])),
  ...ruled(["number"], ["$strLenCP", "$strLenBytes"], new Set<Kind>(["string"])),
  ...ruled(["unknown", "nothing"], ["$getField"]),
  ...ruled(["object", "nothing"], ["$mergeObjects"], document),
  ...ruled(["array", "nothing"], ["$objectToArray"], document),
]);
