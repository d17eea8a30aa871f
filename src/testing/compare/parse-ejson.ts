import { Double, Long } from "bson";
import { fromExtendedJson } from "../../compiler/extended-json.ts";
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
  return fromEjson(JSON.parse(mayNeedMarks.test(text) ? markNumbers(text) : text), reading);
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
  const [first] = keys;
  if (first === mark) return readMarked(String(object[mark]), reading);
  if (keys.length === 1 && first?.startsWith("$")) {
    const isText = typeof object[first] === "string";
    const wrapped = fromExtendedJson(isText ? object : (unmark(structuredClone(object)) as Record<string, unknown>));
    if (wrapped !== undefined && "value" in wrapped) return wrapped.value;
    if (wrapped !== undefined) throw new SyntaxError(`\`${wrapped.wrapper}\` is wrong: ${wrapped.reason}`);
  }
  for (const key of keys) object[key] = fromEjson(object[key], reading);
  return object;
}

/** No document of a user has this key: BSON keys hold no NUL. */
const mark = "\u0000number";
/** A number in a document stands after a key's colon, or in an array: `T00:00:00.123Z` is none. */
const mayNeedMarks = /(?:":|[[,])\s*(?:-0|-?(?:[\d.]{16}|\d+\.0|[\d.]+[eE]))/;
const needsMark = /^-0|[eE]|\.\d*0$|[\d.]{16}/;
const tokens = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Wraps the numbers that JSON.parse would change: long ones, and those whose point or exponent gives their type. */
function markNumbers(text: string): string {
  return text.replace(tokens, (token) =>
    token.startsWith('"') || !needsMark.test(token) ? token : `{"\\u0000number":"${token}"}`,
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
  // The driver sends an integer of 32 bits as int32, and other numbers as doubles.
  if (reading === "expected" || value === (value | 0) || !Number.isInteger(value)) return value;
  return integer(BigInt(value));
}

function integer(value: bigint): number | Long | Double {
  if (BigInt.asIntN(32, value) === value) return Number(value);
  if (BigInt.asIntN(64, value) === value) return Long.fromBigInt(value);
  return new Double(Number(value));
}
