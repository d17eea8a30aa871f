import { Binary, BSONRegExp } from "bson";
import type { BSONSymbol, Code, DBRef, Decimal128, Double, Int32, Long, ObjectId, Timestamp } from "bson";
import type { Definition } from "../../stages/definition.ts";

/** A definition as a file holds it: `{name, pipeline, options}`, two spaces, a line end. */
export function toJson(definition: Definition): string {
  return `${toEjson(definition, 2)}\n`;
}

/**
 * Extended JSON, plain wherever that loses neither type nor value: `EJSON.parse(text, { relaxed: false })` gives back values
 * that are the same BSON, byte for byte.
 *
 * | value | text |
 * | --- | --- |
 * | int32: `Int32`, and JavaScript numbers that the driver sends as int32 | `1` |
 * | double that is no whole number | `1.5` |
 * | any other double, `5000000000` of JavaScript too, since the driver sends it as one | `{"$numberDouble":"1.0"}` |
 * | `Long`, bigint | `{"$numberLong":"1"}` |
 * | date from 1970 to 9999 | `{"$date":"2026-01-01T00:00:00Z"}`, any other in milliseconds |
 * | UUID | `{"$uuid":"…"}`, other binaries `$binary` |
 *
 * The order of keys is kept, and in a `Map` that of integer-like keys too. `undefined` becomes null, as the driver has it.
 *
 * @param indent Spaces a level; absent or 0: one line.
 */
export function toEjson(value: unknown, indent = 0): string {
  return write(value, indent, 0);
}

function write(value: unknown, indent: number, level: number): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "number":
      return Number.isInteger(value) && isInt32(value) ? String(value) : writeDouble(value, indent);
    case "bigint":
      return wrap("$numberLong", BigInt.asIntN(64, value).toString(), indent);
    case "boolean":
      return String(value);
    case "object":
      return value === null ? "null" : writeObject(value, indent, level);
    default:
      return "null";
  }
}

function writeObject(value: object, indent: number, level: number): string {
  if (Array.isArray(value)) {
    const items = value.map((item) => write(item, indent, level + 1));
    return bracket("[", items, "]", indent, level);
  }
  if ("_bsontype" in value) return writeBson(value, indent, level);
  if (value instanceof Date) return writeDate(value, indent);
  if (value instanceof RegExp) return writeBson(asDriverSends(value), indent, level);
  if (value instanceof Uint8Array) return writeBson(new Binary(value), indent, level);
  return writeFields(value instanceof Map ? [...value] : Object.entries(value), indent, level);
}

function writeFields(fields: readonly (readonly [string, unknown])[], indent: number, level: number): string {
  const colon = indent === 0 ? ":" : ": ";
  const items = fields.map(([key, value]) => `${JSON.stringify(key)}${colon}${write(value, indent, level + 1)}`);
  return bracket("{", items, "}", indent, level);
}

function bracket(open: string, items: readonly string[], close: string, indent: number, level: number): string {
  if (items.length === 0) return open + close;
  if (indent === 0) return open + items.join(",") + close;
  const inner = "\n" + " ".repeat(indent * (level + 1));
  return open + inner + items.join(`,${inner}`) + "\n" + " ".repeat(indent * level) + close;
}

/** A wrapper always stands on one line: it is one value to a reader. */
function wrap(wrapper: string, content: unknown, indent: number): string {
  const text = typeof content === "string" ? JSON.stringify(content) : write(content, 0, 0);
  return indent === 0 ? `{"${wrapper}":${text}}` : `{ "${wrapper}": ${text} }`;
}

function writeBson(value: object & { readonly _bsontype?: unknown }, indent: number, level: number): string {
  switch (value._bsontype) {
    case "Int32":
      return String((value as Int32).value);
    case "Double":
      return writeDouble((value as Double).value, indent);
    case "Long":
      return wrap("$numberLong", (value as Long).toSigned().toString(), indent);
    case "Decimal128":
      return wrap("$numberDecimal", (value as Decimal128).toString(), indent);
    case "ObjectId":
      return wrap("$oid", (value as ObjectId).toHexString(), indent);
    case "Binary":
      return writeBinary(value as Binary, indent);
    case "BSONRegExp": {
      const { pattern, options } = value as BSONRegExp;
      return wrap("$regularExpression", { pattern, options }, indent);
    }
    case "Timestamp": {
      const { t, i } = value as Timestamp;
      return indent === 0 ? `{"$timestamp":{"t":${t},"i":${i}}}` : `{ "$timestamp": {"t":${t},"i":${i}} }`;
    }
    case "MinKey":
      return wrap("$minKey", 1, indent);
    case "MaxKey":
      return wrap("$maxKey", 1, indent);
    case "BSONSymbol":
      return wrap("$symbol", (value as BSONSymbol).value, indent);
    case "Code": {
      const { code, scope } = value as Code;
      return scope === null
        ? wrap("$code", code, indent)
        : writeFields(
            [
              ["$code", code],
              ["$scope", scope],
            ],
            indent,
            level,
          );
    }
    case "DBRef":
      return writeReference(value as DBRef, indent, level);
    default:
      return writeFields(Object.entries(value), indent, level);
  }
}

/** A whole number has `.0`, so that no reader takes it for an integer. */
function writeDouble(value: number, indent: number): string {
  if (Object.is(value, -0)) return wrap("$numberDouble", "-0.0", indent);
  if (!Number.isInteger(value))
    return Number.isFinite(value) ? String(value) : wrap("$numberDouble", String(value), indent);
  return wrap("$numberDouble", value.toFixed(1), indent);
}

function isInt32(value: number): boolean {
  return value >= -0x8000_0000 && value <= 0x7fff_ffff && !Object.is(value, -0);
}

/** Year 10000, the first that ISO 8601 cannot write in four digits. */
const endOfIso = 253_402_300_800_000;

function writeDate(value: Date, indent: number): string {
  const ms = value.getTime();
  if (!(ms >= 0 && ms < endOfIso)) return wrap("$date", { $numberLong: String(ms) }, indent);
  const iso = value.toISOString();
  return wrap("$date", ms % 1000 === 0 ? iso.replace(".000Z", "Z") : iso, indent);
}

function writeBinary(value: Binary, indent: number): string {
  if (value.sub_type === Binary.SUBTYPE_UUID && value.position === 16) {
    const uuid = value.toUUID().toHexString(true);
    return wrap("$uuid", uuid, indent);
  }
  const subType = value.sub_type.toString(16).padStart(2, "0");
  return wrap("$binary", { base64: value.toString("base64"), subType }, indent);
}

/** The serializer of the driver maps JavaScript's flags in this way, `g` included. */
function asDriverSends(value: RegExp): BSONRegExp {
  const options = [value.ignoreCase ? "i" : "", value.multiline ? "m" : "", value.global ? "s" : ""].join("");
  return new BSONRegExp(value.source, options);
}

function writeReference(value: DBRef, indent: number, level: number): string {
  const { collection, oid, db, fields } = value;
  const named: readonly (readonly [string, unknown])[] = db === undefined ? [] : [["$db", db]];
  return writeFields([["$ref", collection], ["$id", oid], ...named, ...Object.entries(fields)], indent, level);
}
