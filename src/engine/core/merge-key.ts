import { EJSON } from "bson";

/**
 * A text that is equal for values that the server takes for one `_id`, and for no others: 1, 1.0 and NumberLong(1) are one key,
 * under the simple collation.
 */
export function mergeKey(value: unknown): string {
  if (typeof value === "string") return stringKey(value);
  if (typeof value === "number") return `n${doubleText(value)}`;
  if (typeof value === "bigint") return `n${value}`;
  if (value instanceof Date) return `d${value.getTime()}`;
  if (Array.isArray(value)) return `[${value.map(mergeKey).join(",")}]`;
  if (value instanceof Map)
    return `{${[...value].map(([key, item]) => `${stringKey(String(key))}${mergeKey(item)}`).join(",")}}`;
  if (typeof value !== "object" || value === null) return `e${String(value)}`;
  if (!("_bsontype" in value)) return mergeKey(new Map(Object.entries(value)));
  return bsonKey(value as BsonValue);
}

/** With its length in front, no text can be taken for the end of another value. */
function stringKey(text: string): string {
  return `s${text.length}:${text}`;
}

/** Told apart by name and not by class: the driver and this package may each have a copy of the library. */
function bsonKey(value: BsonValue): string {
  switch (value._bsontype) {
    case "ObjectId":
      return `o${String(value)}`;
    case "Int32":
    case "Double":
      return `n${doubleText(Number(value))}`;
    case "Long":
      return `n${String(value)}`;
    case "Decimal128":
      return `n${decimalText(String(value))}`;
    case "BSONSymbol":
      return stringKey(String(value));
    default:
      return `e${EJSON.stringify({ v: value }, { relaxed: false })}`;
  }
}

interface BsonValue {
  readonly _bsontype: string;
}

/** The exact value of a double: the server compares numbers of different types by value, and 0.1 is not the decimal 0.1. */
function doubleText(value: number): string {
  if (Number.isSafeInteger(value)) return String(value);
  if (Number.isInteger(value)) return String(BigInt(value));
  if (!Number.isFinite(value)) return String(value);
  let whole = value;
  let halvings = 0;
  for (; !Number.isInteger(whole); halvings += 1) whole *= 2;
  return scaled(BigInt(whole) * 5n ** BigInt(halvings), -halvings);
}

/** 1E+2 and 100 and 100.0 are one number. */
function decimalText(text: string): string {
  const [, sign = "", before = "", after = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:E([+-]?\d+))?$/.exec(text) ?? [];
  return before === "" ? text : scaled(BigInt(`${sign}${before}${after}`), Number(exponent) - after.length);
}

/** `digits` times ten to the power of `exponent`, written in one way only. */
function scaled(digits: bigint, exponent: number): string {
  if (digits === 0n) return "0";
  let [rest, power] = [digits, exponent];
  for (; power < 0 && rest % 10n === 0n; power += 1) rest /= 10n;
  return power < 0 ? `${rest}e${power}` : String(rest * 10n ** BigInt(power));
}
