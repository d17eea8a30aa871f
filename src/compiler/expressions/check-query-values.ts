import { bsonTypeNumbers, queryTypes } from "../../expressions/bson-types.ts";
import { describeValue } from "../describe-value.ts";
import { faultOfPattern, patternOf } from "../constants.ts";
import { isDocument, toNumber } from "../kinds.ts";
import { badPattern } from "../rules/bad-pattern.ts";
import { wrongArgument } from "../rules/wrong-argument.ts";
import { checkJsonSchema } from "./check-json-schema.ts";
import { checkTypeName } from "./check-type-name.ts";
import { field, report, step } from "./walk.ts";
import type { Walk } from "./walk.ts";

type Fields = Readonly<Record<string, unknown>>;
/** Checks an operator's argument, where the walk is; `beside` is the document that has the operator. */
type Check = (walk: Walk, argument: unknown, name: string, beside: Fields) => void;

/** A check of one value by itself. */
function mustBe(expected: string, accepts: (argument: unknown) => boolean): Check {
  return (walk, argument, name) => {
    if (accepts(argument)) return;
    report(walk, wrongArgument, { what: `\`${name}\``, expected, found: describeValue(argument) });
  };
}

const isWhole = (value: unknown, most: number): boolean => {
  const number = toNumber(value);
  return number !== undefined && Number.isInteger(number) && number >= 0 && number <= most;
};
const int32 = 2 ** 31 - 1;
const int64 = 2 ** 63;
const isFinite = (value: unknown): boolean => Math.abs(toNumber(value) ?? Number.NaN) < int64;

const comparison: Check = (walk, argument, name) => {
  if (!isRegExp(argument)) return;
  report(walk, wrongArgument, {
    what: `\`${name}\``,
    expected: "a value to compare with",
    found: "a regular expression",
  });
};
const bits = mustBe(
  "a whole number, binary data or an array of positions",
  (value) =>
    isWhole(value, int64) ||
    (Array.isArray(value) ? value.every((position) => isWhole(position, int32)) : isBinary(value)),
);
const geometry = mustBe("a document with a geometry", (value) => isDocument(value) && Object.keys(value).length > 0);
const one = mustBe("1", (value) => toNumber(value) === 1);

/** What operators of queries take, as a mongod 6.0.5 has it; one that is not here takes any value, or is checked with what is in it. */
export const queryValues: ReadonlyMap<string, Check> = new Map<string, Check>([
  ...["$ne", "$gt", "$gte", "$lt", "$lte"].map((name): [string, Check] => [name, comparison]),
  ...["$bitsAllSet", "$bitsAllClear", "$bitsAnySet", "$bitsAnyClear"].map((name): [string, Check] => [name, bits]),
  ...["$geoWithin", "$within", "$geoIntersects"].map((name): [string, Check] => [name, geometry]),
  ...["$alwaysTrue", "$alwaysFalse"].map((name): [string, Check] => [name, one]),
  ["$sampleRate", mustBe("a number from 0 to 1", (value) => isFraction(toNumber(value)))],
  ["$size", mustBe("a whole number, 0 or more", (value) => isWhole(value, int32))],
  [
    "$mod",
    mustBe(
      "[divisor, remainder] with a divisor that is not 0",
      (value) =>
        Array.isArray(value) && value.length === 2 && value.every(isFinite) && Math.abs(toNumber(value[0]) ?? 0) >= 1,
    ),
  ],
  ["$regex", (walk, argument, _, beside) => checkRegex(walk, argument, beside)],
  ["$options", (walk, argument, _, beside) => checkOptions(walk, argument, beside)],
  ["$type", (walk, argument) => checkTypes(walk, argument)],
  [
    "$jsonSchema",
    (walk, argument) => {
      if (isDocument(argument)) checkJsonSchema(walk, argument);
      else
        report(walk, wrongArgument, { what: "`$jsonSchema`", expected: "a document", found: describeValue(argument) });
    },
  ],
]);

/** Checks the pattern of a regular expression that stands for a value. */
export function checkPattern(walk: Walk, value: unknown): void {
  if (!isRegExp(value)) return;
  const fault = faultOfPattern(value);
  if (fault !== undefined) report(walk, badPattern, { pattern: patternOf(value), fault });
}

/** True for a regular expression of JavaScript or of BSON. */
export function isRegExp(value: unknown): boolean {
  return value instanceof RegExp || (typeof value === "object" && value !== null && bsonTypeOf(value) === "BSONRegExp");
}

function checkRegex(walk: Walk, argument: unknown, beside: Fields): void {
  if (typeof argument !== "string" && !isRegExp(argument)) {
    const found = describeValue(argument);
    report(walk, wrongArgument, { what: "`$regex`", expected: "a text or a regular expression", found });
    return;
  }
  const options = field(beside, "$options");
  const fault = typeof options === "string" && options.includes("x") ? undefined : faultOfPattern(argument);
  if (fault !== undefined) report(walk, badPattern, { pattern: patternOf(argument), fault });
}

function checkOptions(walk: Walk, argument: unknown, beside: Fields): void {
  const found = describeValue(argument);
  if (field(beside, "$regex") === undefined) {
    report(walk, wrongArgument, { what: "`$options`", expected: "beside a `$regex`", found: "alone" });
  } else if (typeof argument !== "string" || !/^[imsux]*$/u.test(argument)) {
    report(walk, wrongArgument, { what: "`$options`", expected: "letters out of i, m, s, u, x", found });
  }
}

function checkTypes(walk: Walk, argument: unknown): void {
  if (!Array.isArray(argument)) {
    checkType(walk, argument);
  } else if (argument.length === 0) {
    report(walk, wrongArgument, { what: "`$type`", expected: "a type or several", found: "an empty array" });
  } else {
    for (const [index, type] of argument.entries()) step(walk, index, type, () => checkType(walk, type));
  }
}

function checkType(walk: Walk, type: unknown): void {
  if (typeof type === "string") {
    checkTypeName(walk, "`$type`", type, queryTypes);
  } else if (!bsonTypeNumbers.has(toNumber(type) ?? 0)) {
    const found = describeValue(type);
    report(walk, wrongArgument, { what: "`$type`", expected: "the name or the number of a BSON type", found });
  }
}

function isFraction(number: number | undefined): boolean {
  return number !== undefined && number >= 0 && number <= 1;
}

function isBinary(value: unknown): boolean {
  return ArrayBuffer.isView(value) || (typeof value === "object" && value !== null && bsonTypeOf(value) === "Binary");
}

function bsonTypeOf(value: object): unknown {
  return "_bsontype" in value ? value._bsontype : undefined;
}
