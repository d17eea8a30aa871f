import { EJSON, type Document } from "bson";
import { asJson } from "./as-json.ts";

/** How replies are written otherwise than usual. */
export interface WriteOptions {
  /** On several lines. */
  readonly pretty?: boolean;
  /** Whole numbers as `10.0`, as the service once did. */
  readonly wholeAsDecimal?: boolean;
  /** Keys of documents the other way round. */
  readonly reversed?: boolean;
}

/**
 * Writes a reply: top-level keys in alphabetical order, everything below in its own; numbers of BSON as plain numbers, other types of BSON as
 * relaxed Extended JSON. Undefined fields are left out.
 */
export function writeJson(value: unknown, options: WriteOptions = {}): string {
  const sorted = sortKeys(value);
  const { pretty = false, wholeAsDecimal = false, reversed = false } = options;
  const json = wholeAsDecimal || reversed ? undefined : asJson(sorted);
  return json === undefined ? write(sorted, options, 0) : JSON.stringify(json, undefined, pretty ? 2 : 0);
}

/** Keys of one document in alphabetical order. */
export function sortKeys<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof Map) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))) as Value;
}

function write(value: unknown, options: WriteOptions, level: number): string {
  if (typeof value === "number") return writeNumber(value, options);
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value ?? null);
  if (Array.isArray(value)) {
    return bracket(
      "[]",
      value.map((each) => write(each, options, level + 1)),
      options,
      level,
    );
  }
  if ("_bsontype" in value) return writeBson(value, options, level);
  if (value instanceof Date || value instanceof RegExp || ArrayBuffer.isView(value)) {
    return write(EJSON.serialize({ value }, { relaxed: true })["value"], options, level);
  }
  const fields = (value instanceof Map ? [...value] : Object.entries(value)).filter(([, each]) => each !== undefined);
  const inOrder = options.reversed === true ? fields.toReversed() : fields;
  const space = options.pretty === true ? " " : "";
  const written = inOrder.map(
    ([key, each]) => `${JSON.stringify(String(key))}:${space}${write(each, options, level + 1)}`,
  );
  return bracket("{}", written, options, level);
}

function writeNumber(value: number, { wholeAsDecimal = false }: WriteOptions): string {
  if (!Number.isFinite(value)) return JSON.stringify({ $numberDouble: String(value) });
  const text = Object.is(value, -0) ? "-0" : String(value);
  return wholeAsDecimal && /^-?\d+$/.test(text) ? `${text}.0` : text;
}

function writeBson(value: Document, options: WriteOptions, level: number): string {
  switch (value["_bsontype"]) {
    case "Int32":
    case "Double":
      return writeNumber(Number(value["value"]), options);
    case "Long":
      return String(value) + (options.wholeAsDecimal === true ? ".0" : "");
    default:
      return write(EJSON.serialize({ value }, { relaxed: true })["value"], options, level);
  }
}

function bracket(
  [open = "", close = ""]: string,
  items: readonly string[],
  { pretty = false }: WriteOptions,
  level: number,
): string {
  if (items.length === 0 || !pretty) return `${open}${items.join(",")}${close}`;
  const indent = "  ".repeat(level + 1);
  return `${open}\n${items.map((item) => indent + item).join(",\n")}\n${"  ".repeat(level)}${close}`;
}
