import { Binary } from "bson";
import type { BSONRegExp, Code, DBRef, Decimal128, Double, Int32, Long, ObjectId, Timestamp } from "bson";
import type { Definition } from "../../stages/definition.ts";

const lineWidth = 110;

/**
 * A definition as a module of `pipelines/`: what it compiles to is the definition again, types and the order of keys included.
 *
 * @param about Stands in a comment above it.
 */
export function toModule({ name, pipeline, options }: Definition, about: string): string {
  const used = new Set(["defineProcessor"]);
  const value = { name, pipeline, ...(options === undefined ? {} : { options }) };
  const text = write(value, 0, used, "export default defineProcessor(".length);
  const imports = [...used].toSorted((a, b) => a.localeCompare(b, "en")).join(", ");
  return `import { ${imports} } from "asp-toolkit";

/** ${about.replaceAll("*/", "* /")} */
export default defineProcessor(${text});
`;
}

/** @param before characters that stand before it on its line */
function write(value: unknown, level: number, used: Set<string>, before: number): string {
  if (Array.isArray(value)) {
    const items = value.map((item) => write(item, level + 1, used, indent(level + 1).length));
    return bracket(["[", "]"], items, level, before);
  }
  const leaf = writeLeaf(value, used, level);
  if (leaf !== undefined) return leaf;
  const fields = value instanceof Map ? [...(value as Map<string, unknown>)] : Object.entries(value as object);
  // JavaScript would put such keys first: a Map keeps the order.
  if (fields.length > 1 && fields.some(([key]) => /^\d+$/.test(key))) {
    return `new Map<string, unknown>(${write(fields, level, used, before + 25)})`;
  }
  const items = fields.map(([key, field]) => {
    const name = toKey(key);
    return `${name}: ${write(field, level + 1, used, indent(level + 1).length + name.length + 2)}`;
  });
  return bracket(["{", "}"], items, level, before);
}

function bracket([open, close]: readonly [string, string], items: readonly string[], level: number, before: number) {
  if (items.length === 0) return open + close;
  const pad = open === "{" ? " " : "";
  const line = `${open}${pad}${items.join(", ")}${pad}${close}`;
  if (!line.includes("\n") && before + line.length <= lineWidth) return line;
  return `${open}\n${items.map((item) => `${indent(level + 1)}${item},\n`).join("")}${indent(level)}${close}`;
}

function indent(level: number): string {
  return "  ".repeat(level);
}

/** `__proto__` as a plain key would be no field. */
function toKey(key: string): string {
  if (key === "__proto__") return '["__proto__"]';
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key);
}

/** Undefined for a document. */
function writeLeaf(value: unknown, used: Set<string>, level: number): string | undefined {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "number":
      return writeNumber(value, used);
    case "bigint":
      return make(used, "Long", `fromString("${value}")`);
    case "object":
      if (value === null) return "null";
      if (value instanceof Date) return writeDate(value);
      return "_bsontype" in value && !Object.hasOwn(value, "_bsontype") ? writeBson(value, used, level) : undefined;
    default:
      return String(value);
  }
}

/** A whole number that is no int32 is a double to the driver, which is to be seen. */
function writeNumber(value: number, used: Set<string>): string {
  if (Number.isInteger(value) && (value | 0) === value && !Object.is(value, -0)) return String(value);
  return Number.isInteger(value) || !Number.isFinite(value) ? writeDouble(value, used) : String(value);
}

function writeDouble(value: number, used: Set<string>): string {
  const shown = Object.is(value, -0) ? "-0" : String(value);
  return make(used, "Double", `(${Number.isNaN(value) ? "Number.NaN" : shown})`);
}

function writeDate(value: Date): string {
  const ms = value.getTime();
  // What ISO 8601 writes in four digits of a year.
  return ms >= 0 && ms < 253_402_300_800_000 ? `new Date("${value.toISOString()}")` : `new Date(${ms})`;
}

function make(used: Set<string>, type: string, how: string): string {
  used.add(type);
  return how.startsWith("(") ? `new ${type}${how}` : `${type}.${how}`;
}

function writeBson(value: object & { readonly _bsontype?: unknown }, used: Set<string>, level: number): string {
  switch (value._bsontype) {
    case "Int32":
      return writeNumber((value as Int32).value, used);
    case "Double": {
      const { value: number } = value as Double;
      return Number.isFinite(number) && !Number.isInteger(number) ? String(number) : writeDouble(number, used);
    }
    case "Long":
      return make(used, "Long", `fromString("${(value as Long).toSigned().toString()}")`);
    case "Decimal128":
      return make(used, "Decimal128", `fromString("${(value as Decimal128).toString()}")`);
    case "ObjectId":
      return make(used, "ObjectId", `("${(value as ObjectId).toHexString()}")`);
    case "Binary":
      return writeBinary(value as Binary, used);
    case "Timestamp": {
      const { t, i } = value as Timestamp;
      return make(used, "Timestamp", `({ t: ${t}, i: ${i} })`);
    }
    case "BSONRegExp": {
      const { pattern, options } = value as BSONRegExp;
      return make(used, "BSONRegExp", `(${JSON.stringify(pattern)}, ${JSON.stringify(options)})`);
    }
    case "Code": {
      const { code, scope } = value as Code;
      const second = scope === null ? "" : `, ${write(scope, level, used, lineWidth)}`;
      return make(used, "Code", `(${JSON.stringify(code)}${second})`);
    }
    case "MinKey":
    case "MaxKey":
      return make(used, value._bsontype, "()");
    case "DBRef": {
      const { collection, oid, db, fields } = value as DBRef;
      const document = { $ref: collection, $id: oid, ...(db === undefined ? {} : { $db: db }), ...fields };
      return write(document, level, used, 0);
    }
    default:
      // A deprecated symbol: the nearest that there is a constructor for.
      return JSON.stringify(String(value));
  }
}

function writeBinary(value: Binary, used: Set<string>): string {
  if (value.sub_type === Binary.SUBTYPE_UUID && value.position === 16) {
    return make(used, "UUID", `("${value.toUUID().toHexString(true)}")`);
  }
  return make(used, "Binary", `createFromBase64("${value.toString("base64")}", ${value.sub_type})`);
}
