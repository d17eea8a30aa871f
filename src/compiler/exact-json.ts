import { Double, Long } from "bson";
import { fromExtendedJson } from "./extended-json.ts";

/** Before a key, so that JavaScript does not move it to the front. */
const mark = "\u0000";
/** Texts, with the colon that makes one a key, and numbers. */
const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * Reads JSON as BSON: the order of keys is kept (an object with integer-like keys becomes a Map), Extended JSON is read, `1.0` is a double
 * and what no int32 holds a 64-bit integer.
 *
 * @throws SyntaxError for what is no JSON
 */
export function parseExactJson(text: string): unknown {
  const marked = text.replaceAll(tokens, (token, colon: string | undefined) => {
    if (!token.startsWith('"')) return toExactNumber(token);
    if (colon === undefined) return token;
    const key = JSON.parse(token.slice(0, -colon.length)) as string;
    if (key.startsWith(mark)) throw new SyntaxError("a key begins with a null character");
    return /^\d/.test(key) ? JSON.stringify(mark + key) + colon : token;
  });
  return toBson(JSON.parse(marked));
}

function toExactNumber(token: string): string {
  const number = Number(token);
  if (!Number.isInteger(number)) return token;
  if (/[.eE]/.test(token) || Object.is(number, -0)) return wrap("double", token);
  return (number | 0) === number ? token : wrap("long", token);
}

function wrap(type: string, number: string): string {
  return JSON.stringify({ [mark + type]: number });
}

function toBson(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(toBson);
  const fields = Object.entries(value);
  const [[first, number] = ["", undefined]] = fields;
  if (first === `${mark}double`) return new Double(Number(number));
  if (first === `${mark}long`) return Long.fromString(String(number));
  const inner = fields.map(([key, each]) => [unmark(key), toBson(each)] as const);
  if (fields.some(([key]) => key.startsWith(mark))) return new Map(inner);
  const read = fromExtendedJson(Object.fromEntries(inner));
  // One that cannot be read is found by the check of the definition.
  return read !== undefined && "value" in read ? read.value : Object.fromEntries(inner);
}

function unmark(key: string): string {
  return key.startsWith(mark) ? key.slice(1) : key;
}
