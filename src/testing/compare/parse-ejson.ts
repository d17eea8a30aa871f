import { Binary, BSONRegExp, BSONSymbol, Code, Decimal128, Double, Int32, Long, MaxKey, MinKey } from "bson";
import { ObjectId, Timestamp, UUID } from "bson";
import { PlainNumber } from "./plain-number.ts";

/**
 * What a number without a wrapper means. `stored`: the BSON type that mongoimport would give it (integers int32 or int64,
 * anything with a point or an exponent a double). `expected`: any BSON number of that value.
 */
export type NumberReading = "stored" | "expected";

/**
 * Reads one EJSON value, canonical or relaxed. Wrappers keep their type.
 *
 * Keys that look like array indexes (`"1"`) move to the front of their object, as JavaScript has it.
 *
 * @throws SyntaxError with what is wrong, in words for the author of the file.
 */
export function parseEjson(text: string, reading: NumberReading): unknown {
  return fromEjson(JSON.parse(needsMarks.test(text) ? markNumbers(text) : text), reading);
}

/** Like {@link parseEjson} for a value that has been parsed already: JSON values, and bigints for integers. */
export function fromEjson(value: unknown, reading: NumberReading): unknown {
  if (typeof value === "number" || typeof value === "bigint") return readNumber(value, reading);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    for (const [index, element] of value.entries()) value[index] = fromEjson(element, reading);
    return value;
  }
  const object = value as Record<string, unknown>;
  const keys = Object.keys(object);
  const first = keys[0];
  if (first === mark) return readMarked(String(object[mark]), reading);
  if (first !== undefined && first.startsWith("$")) {
    const read = wrappers[keys.length === 1 ? first : keys.toSorted().join(" ")];
    if (read !== undefined) return read(unmark(object) as Record<string, unknown>, reading);
  }
  for (const key of keys) {
    // Assigned through defineProperty where a plain assignment would set the prototype.
    const element = fromEjson(object[key], reading);
    if (key === "__proto__") Object.defineProperty(object, key, { value: element, enumerable: true, writable: true });
    else object[key] = element;
  }
  return object;
}

/** No document of a user has this key: BSON keys hold no NUL. */
const mark = "\u0000number";
const needsMarks = /\d{16}|\d[.eE]|-0/;
const tokens = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Wraps the numbers that JSON.parse would change: long ones, and those whose point or exponent gives their type. */
function markNumbers(text: string): string {
  return text.replace(tokens, (token) =>
    token.startsWith('"') || !needsMarks.test(token) ? token : `{"\\u0000number":"${token}"}`,
  );
}

function unmark(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "object" || value === null) return value;
  const marked = (value as Record<string, unknown>)[mark];
  if (typeof marked === "string") return Number(marked);
  for (const [key, element] of Object.entries(value)) (value as Record<string, unknown>)[key] = unmark(element);
  return value;
}

function readMarked(text: string, reading: NumberReading): unknown {
  if (reading === "expected") return new PlainNumber(text);
  if (/[.eE]/.test(text)) return new Double(Number(text));
  return text === "-0" ? new Double(-0) : integer(BigInt(text));
}

function readNumber(value: number | bigint, reading: NumberReading): unknown {
  if (typeof value === "bigint") return reading === "expected" ? new PlainNumber(String(value)) : integer(value);
  if (reading === "expected") return value;
  return Number.isInteger(value) ? integer(BigInt(value)) : new Double(value);
}

function integer(value: bigint): Int32 | Long | Double {
  if (BigInt.asIntN(32, value) === value) return new Int32(Number(value));
  if (BigInt.asIntN(64, value) === value) return Long.fromBigInt(value);
  return new Double(Number(value));
}

type Wrapper = (object: Record<string, unknown>, reading: NumberReading) => unknown;

/** By its keys, sorted. `{$regex}` and `{$ref, $id}` are left alone: they are documents that can be stored. */
const wrappers: { readonly [keys: string]: Wrapper | undefined } = {
  $oid: ({ $oid }) => (ObjectId.isValid(String($oid)) ? new ObjectId(String($oid)) : refuse("$oid", $oid)),
  $uuid: ({ $uuid }) => (UUID.isValid(String($uuid)) ? new UUID(String($uuid)).toBinary() : refuse("$uuid", $uuid)),
  $date: ({ $date }) => readDate($date),
  $numberInt: ({ $numberInt }) => {
    const value = Number(integerText("$numberInt", $numberInt));
    return value === (value | 0) ? new Int32(value) : refuse("$numberInt", $numberInt);
  },
  $numberLong: ({ $numberLong }) => readLong("$numberLong", $numberLong),
  $numberDouble: ({ $numberDouble }) => new Double(readDouble($numberDouble)),
  $numberDecimal: ({ $numberDecimal }) => readDecimal($numberDecimal),
  $binary: ({ $binary }) => readBinary($binary),
  $timestamp: ({ $timestamp }) => readTimestamp($timestamp),
  $regularExpression: ({ $regularExpression }) => readRegularExpression($regularExpression),
  $symbol: ({ $symbol }) => new BSONSymbol(String($symbol)),
  $code: ({ $code }) => new Code(String($code)),
  "$code $scope": ({ $code, $scope }, reading) =>
    new Code(String($code), fromEjson($scope, reading) as Record<string, unknown>),
  $minKey: () => new MinKey(),
  $maxKey: () => new MaxKey(),
  $undefined: () => null,
};

function readDate(value: unknown): Date {
  const isObject = typeof value === "object" && value !== null;
  const long = isObject ? (value as Record<string, unknown>)["$numberLong"] : undefined;
  const date = new Date(
    isObject ? Number(integerText("$date", long)) : typeof value === "number" ? value : String(value),
  );
  return Number.isNaN(date.getTime()) ? refuse("$date", value) : date;
}

function readLong(name: string, value: unknown): Long {
  const wide = BigInt(integerText(name, value));
  return BigInt.asIntN(64, wide) === wide ? Long.fromBigInt(wide) : refuse(name, value);
}

function readDouble(value: unknown): number {
  const text = String(value);
  if (text === "NaN") return Number.NaN;
  if (/^[+-]?Infinity$/.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  return text.trim() === "" || Number.isNaN(Number(text)) ? refuse("$numberDouble", value) : Number(text);
}

function readDecimal(value: unknown): Decimal128 {
  try {
    return Decimal128.fromString(String(value));
  } catch {
    return refuse("$numberDecimal", value);
  }
}

function readBinary(value: unknown): Binary {
  const { base64, subType } = (value ?? {}) as Record<string, unknown>;
  if (typeof base64 !== "string") return refuse("$binary", value);
  return new Binary(Buffer.from(base64, "base64"), Number.parseInt(String(subType ?? "00"), 16));
}

function readTimestamp(value: unknown): Timestamp {
  const { t, i } = (value ?? {}) as Record<string, unknown>;
  return typeof t === "number" && typeof i === "number" ? new Timestamp({ t, i }) : refuse("$timestamp", value);
}

function readRegularExpression(value: unknown): BSONRegExp {
  const { pattern, options } = (value ?? {}) as Record<string, unknown>;
  if (typeof pattern !== "string") return refuse("$regularExpression", value);
  return new BSONRegExp(pattern, String(options ?? ""));
}

function integerText(name: string, value: unknown): string {
  const text = String(value);
  return /^[+-]?\d+$/.test(text) ? text.replace(/^\+/, "") : refuse(name, value);
}

function refuse(name: string, value: unknown): never {
  throw new SyntaxError(`\`${JSON.stringify({ [name]: value })}\` is not a value of that type`);
}
