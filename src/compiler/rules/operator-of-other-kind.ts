import { defineFinding } from "../../diagnostics/define-finding.ts";
import type { OperatorKind } from "../../expressions/operators.ts";

interface Data {
  readonly operator: string;
  /** What it is, and what would have to stand there. */
  readonly kind: OperatorKind;
  readonly wanted: OperatorKind;
}

/** Documented in docs/errors/ASP1041.md, whose examples are run as tests. */
export const operatorOfOtherKind = defineFinding<Data>("ASP1041", {
  severity: "error",
  message: ({ operator, kind, wanted }) => `\`${operator}\` is ${names[kind]} and cannot stand in ${places[wanted]}`,
  help: ({ operator, kind, wanted }) => {
    if (wanted === "query") return `compare under \`$expr\`: { $expr: { $gt: [{ ${operator}: … }, 0] } }`;
    if (wanted === "accumulator") return "wrap it in an accumulator, like `$sum` or `$push`";
    return instead.get(operator) ?? otherwise[kind];
  },
});

const names: Readonly<Record<OperatorKind, string>> = {
  expression: "an operator of expressions",
  query: "a query operator",
  accumulator: "an accumulator",
  window: "an operator of `$setWindowFields`",
};

const places: Readonly<Record<OperatorKind, string>> = {
  expression: "an expression",
  query: "a query",
  accumulator: "the place of an accumulator",
  window: "a window",
};

const otherwise: Readonly<Record<OperatorKind, string | undefined>> = {
  expression: undefined,
  query: "filter by it in `$match`",
  accumulator: "compute it in `$group`, inside a window",
  window: "compute it in `$group`, inside a window, or where the documents are read",
};

/** What does the same in an expression. */
const instead: ReadonlyMap<string, string> = new Map([
  ["$exists", 'compare the type: { $ne: [{ $type: "$field" }, "missing"] }'],
  ["$nin", "write { $not: [{ $in: [value, list] }] }"],
  ["$nor", "write { $not: [{ $or: [ … ] }] }"],
  ["$regex", 'use `$regexMatch`: { $regexMatch: { input: "$field", regex: … } }'],
  ["$options", "give it to `$regexMatch` as `options`"],
  ["$elemMatch", "use `$filter`, and ask whether `$size` of the result is more than 0"],
  ["$all", "use `$setIsSubset`"],
  ["$expr", "leave `$expr` out: this is an expression already"],
  ["$bitsAllSet", "compare the result of `$bitAnd`"],
  ["$bitsAnySet", "compare the result of `$bitAnd`"],
  ["$bitsAllClear", "compare the result of `$bitAnd`"],
  ["$bitsAnyClear", "compare the result of `$bitAnd`"],
  ["$push", "use `$concatArrays` for arrays, or `$push` in `$group`, inside a window"],
  ["$addToSet", "use `$setUnion` for arrays, or `$addToSet` in `$group`, inside a window"],
  ["$count", "use `$size` for an array, or `$count` in `$group`, inside a window"],
  ["$accumulator", "use `$function`"],
]);
