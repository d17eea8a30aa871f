import { PlainNumber } from "./plain-number.ts";

/** A BSON number, or one that an expected document gives without a type. */
export type AnyNumber = number | bigint | PlainNumber | BsonNumber;

interface BsonNumber {
  readonly _bsontype: "Int32" | "Long" | "Double" | "Decimal128";
  toString(): string;
}

/** What the type of a number is called; undefined where none is asked for, or for what is not a number. */
export function numberType(value: unknown): BsonNumber["_bsontype"] | undefined {
  if (typeof value !== "object" || value === null || !("_bsontype" in value)) return undefined;
  const type = value._bsontype;
  return type === "Int32" || type === "Long" || type === "Double" || type === "Decimal128" ? type : undefined;
}

export function isNumber(value: unknown): value is AnyNumber {
  return (
    typeof value === "number" ||
    typeof value === "bigint" ||
    value instanceof PlainNumber ||
    numberType(value) !== undefined
  );
}

/**
 * True if both have the same value, whatever their types: 1 is 1.0, 1.00 and 1e0, -0 is 0, NaN is NaN. Integers are
 * compared with all their digits, so that 2^53 + 1 as a long is not 2^53 as a double.
 */
export function sameNumber(left: AnyNumber, right: AnyNumber): boolean {
  const [l, r] = [Number(numberText(left)), Number(numberText(right))];
  if (l !== r) return Number.isNaN(l) && Number.isNaN(r);
  const isDouble = numberType(left) === "Double" || numberType(right) === "Double";
  const a = exactText(left);
  const b = exactText(right);
  if (a === b) return true;
  const [x, y] = [toDecimal(a), toDecimal(b)];
  if (x === undefined || y === undefined) return true;
  if (x === y) return true;
  // 0.1 as a double is not exactly 0.1 as a decimal, and 1e300 is not exactly ten to the 300: where the one is a double
  // and the other was not written out as an integer, being the nearest double is being equal.
  return isDouble && !(isIntegerText(a) && isIntegerText(b));
}

/** A key that all numbers of equal value share (and few others). */
export function numberKey(value: AnyNumber): string {
  const number = Number(numberText(value));
  return String(number === 0 ? 0 : number);
}

function numberText(value: AnyNumber): string {
  return value instanceof PlainNumber ? value.text : String(value);
}

function asDouble(value: AnyNumber): number | undefined {
  if (typeof value === "number") return value;
  return numberType(value) === "Double" ? Number(value) : undefined;
}

/** All digits of a double that is an integer below 10^21; texts with an exponent stay. */
function exactText(value: AnyNumber): string {
  const double = asDouble(value);
  if (double === undefined) return numberText(value);
  return Number.isInteger(double) && Math.abs(double) < 1e21 ? BigInt(double).toString() : String(double);
}

function isIntegerText(text: string): boolean {
  return /^[+-]?\d+$/.test(text);
}

/** One text per value: sign, digits without zeros at either end, exponent. Undefined for what is not finite. */
function toDecimal(text: string): string | undefined {
  const match = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const digits = (whole + fraction).replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (significant === "") return "0";
  return `${sign === "-" ? "-" : ""}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}
