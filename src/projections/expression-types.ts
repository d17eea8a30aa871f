import type { Decimal128, Double, Int32, Long } from "bson";
import type { ReferenceTo } from "./reference-types.ts";

export type Numeric = number | bigint | Decimal128 | Double | Int32 | Long;
type Pair<T> = readonly [Operand<T>, Operand<T>];
type Many<T> = readonly Operand<T>[] | Operand<T>;
type One<T> = Operand<T> | readonly [Operand<T>];
type Items = readonly unknown[];
/** A variable that an operator binds, such as `"$$this"` or `"$$line.quantity"`. */
type Variable = `$$${string}`;

/** An operand of an operator: a constant, a reference, an expression, or a bound variable. Null and missing are allowed as MQL does. */
export type Operand<T> = T | null | ReferenceTo<T | null | undefined> | Operators<T> | Variable;

interface NumberOperators {
  $abs: One<Numeric>;
  $ceil: One<Numeric>;
  $cmp: readonly [unknown, unknown];
  $dayOfMonth: unknown;
  $dayOfWeek: unknown;
  $dayOfYear: unknown;
  $divide: Pair<Numeric>;
  $exp: One<Numeric>;
  $floor: One<Numeric>;
  $hour: unknown;
  $indexOfArray: readonly unknown[];
  $indexOfCP: readonly unknown[];
  $ln: One<Numeric>;
  $log10: One<Numeric>;
  $mod: Pair<Numeric>;
  $month: unknown;
  $multiply: Many<Numeric>;
  $pow: Pair<Numeric>;
  $size: One<Items>;
  $sqrt: One<Numeric>;
  $strLenBytes: One<string>;
  $strLenCP: One<string>;
  $sum: unknown;
  $toDecimal: unknown;
  $toDouble: unknown;
  $toInt: unknown;
  $toLong: unknown;
  $year: unknown;
}
/** Numbers or dates, by their operands. */
interface NumberOrDateOperators {
  $add: Many<Numeric | Date>;
  $subtract: Pair<Numeric | Date>;
  $round: readonly [Operand<Numeric>, Operand<Numeric>?] | Operand<Numeric>;
  $trunc: readonly [Operand<Numeric>, Operand<Numeric>?] | Operand<Numeric>;
}
interface StringOperators {
  $concat: readonly Operand<string>[];
  $dateToString: unknown;
  $ltrim: unknown;
  $replaceAll: unknown;
  $replaceOne: unknown;
  $rtrim: unknown;
  $substrBytes: readonly [Operand<string>, Operand<Numeric>, Operand<Numeric>];
  $substrCP: readonly [Operand<string>, Operand<Numeric>, Operand<Numeric>];
  $toLower: unknown;
  $toString: unknown;
  $toUpper: unknown;
  $trim: unknown;
  $type: unknown;
}
interface BooleanOperators {
  $allElementsTrue: unknown;
  $and: readonly unknown[];
  $anyElementTrue: unknown;
  $eq: readonly [unknown, unknown];
  $gt: readonly [unknown, unknown];
  $gte: readonly [unknown, unknown];
  $in: readonly [unknown, Operand<Items>];
  $isArray: unknown;
  $isNumber: unknown;
  $lt: readonly [unknown, unknown];
  $lte: readonly [unknown, unknown];
  $ne: readonly [unknown, unknown];
  $not: unknown;
  $or: readonly unknown[];
  $regexMatch: unknown;
  $setEquals: readonly Operand<Items>[];
  $setIsSubset: Pair<Items>;
  $toBool: unknown;
}
interface ArrayOperators {
  $concatArrays: readonly Operand<Items>[];
  $filter: { readonly input: Operand<Items>; readonly as?: string; readonly cond: unknown; readonly limit?: unknown };
  $map: { readonly input: Operand<Items>; readonly as?: string; readonly in: unknown };
  $objectToArray: unknown;
  $range: readonly Operand<Numeric>[];
  $reverseArray: One<Items>;
  $setDifference: Pair<Items>;
  $setIntersection: readonly Operand<Items>[];
  $setUnion: readonly Operand<Items>[];
  $slice: readonly [Operand<Items>, Operand<Numeric>, Operand<Numeric>?];
  $sortArray: { readonly input: Operand<Items>; readonly sortBy: unknown };
  $split: Pair<string>;
  $zip: unknown;
}
interface DateOperators {
  $dateAdd: unknown;
  $dateFromParts: unknown;
  $dateFromString: unknown;
  $dateSubtract: unknown;
  $dateTrunc: unknown;
  $toDate: unknown;
}
/** Operators that hand on what their branches give. */
interface BranchOperators<T> {
  $cond:
    | readonly [unknown, Branch<T>, Branch<T>]
    | { readonly if: unknown; readonly then: Branch<T>; readonly else: Branch<T> };
  $ifNull: readonly Branch<T | null | undefined>[];
  $switch: {
    readonly branches: readonly { readonly case: unknown; readonly then: Branch<T> }[];
    readonly default?: Branch<T>;
  };
  $literal: T;
}
type Branch<T> = T | ReferenceTo<T> | Operators<T> | Variable;

type Known<Operator, Result, T> = {
  readonly [K in keyof Operator]?: [Extract<T, Result>] extends [never] ? Forbidden<T> : Operator[K];
};
/** Unknown and `any` take every result. */
type Forbidden<T> = unknown extends T ? unknown : never;

/**
 * An MQL expression whose result may be a `T`: one operator with its operands.
 *
 * The results of the operators above are known, so that one of them where another kind of value is expected is an error; every other
 * operator goes.
 */
export type Operators<T> = Known<NumberOperators, Numeric, T> &
  Known<NumberOrDateOperators, Numeric | Date, T> &
  Known<StringOperators, string, T> &
  Known<BooleanOperators, boolean, T> &
  Known<ArrayOperators, Items, T> &
  Known<DateOperators, Date, T> & { readonly [K in keyof BranchOperators<T>]?: BranchOperators<T>[K] } & {
    readonly [operator: `$${string}`]: unknown;
  };
