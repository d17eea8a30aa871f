import {
  Binary,
  BSONRegExp,
  Code,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
  UUID,
} from "bson";

/** A wrapper of Extended JSON that was read, or why it could not be. */
export type ExtendedJson = { readonly value: object } | { readonly wrapper: string; readonly reason: string };

/**
 * Reads a document that is a wrapper of Extended JSON, as pasted definitions hold them: `{ $date: … }`, `{ $oid: … }`.
 * Undefined for any other document.
 *
 * Only names that are no operators count: `$regex` is a query operator and stays as it is.
 */
export function fromExtendedJson(document: Readonly<Record<string, unknown>>): ExtendedJson | undefined {
  const keys = Object.keys(document);
  const [wrapper] = keys;
  if (wrapper === undefined || keys.length > 1) return undefined;
  const read = wrappers.get(wrapper);
  if (read === undefined) return undefined;
  try {
    const value = read(document[wrapper]);
    return value === undefined ? { wrapper, reason: "its content has another form" } : { value };
  } catch (error) {
    return { wrapper, reason: error instanceof Error ? error.message : "its content has another form" };
  }
}

const whole = /^[-+]?\d{1,20}$/;
const decimal = /^[-+]?(\d+\.?\d*([eE][-+]?\d+)?|\.\d+([eE][-+]?\d+)?|Infinity|NaN)$/;

const wrappers: ReadonlyMap<string, (content: unknown) => object | undefined> = new Map<
  string,
  (content: unknown) => object | undefined
>([
  ["$oid", (text) => (typeof text === "string" ? ObjectId.createFromHexString(text) : undefined)],
  ["$numberInt", (text) => (isMatch(text, whole) && fitsInt32(text) ? new Int32(text) : undefined)],
  ["$numberLong", (text) => (isMatch(text, whole) ? Long.fromStringStrict(text) : undefined)],
  ["$numberDouble", (text) => (isMatch(text, decimal) ? new Double(Number(text)) : undefined)],
  ["$numberDecimal", (text) => (typeof text === "string" ? Decimal128.fromString(text) : undefined)],
  ["$date", toDate],
  ["$timestamp", toTimestamp],
  ["$binary", toBinary],
  ["$uuid", (text) => (typeof text === "string" ? new UUID(text) : undefined)],
  ["$regularExpression", toRegularExpression],
  ["$code", (text) => (typeof text === "string" ? new Code(text) : undefined)],
  ["$minKey", (one) => (Number(one) === 1 ? new MinKey() : undefined)],
  ["$maxKey", (one) => (Number(one) === 1 ? new MaxKey() : undefined)],
]);

function isMatch(text: unknown, pattern: RegExp): text is string {
  return typeof text === "string" && pattern.test(text);
}

function fitsInt32(text: string): boolean {
  const number = Number(text);
  return number >= -0x8000_0000 && number <= 0x7fff_ffff;
}

function toDate(content: unknown): Date | undefined {
  const ms = typeof content === "string" ? Date.parse(content) : toMs(content);
  return ms === undefined || Number.isNaN(new Date(ms).getTime()) ? undefined : new Date(ms);
}

function toMs(content: unknown): number | undefined {
  if (typeof content === "number") return content;
  // By name and not by class: the value may come from the driver's copy of the library.
  if (field(Object.getPrototypeOf(Object(content)), "_bsontype") === "Long") return Number(String(content));
  const text = field(content, "$numberLong");
  return isMatch(text, whole) ? Number(text) : undefined;
}

function toTimestamp(content: unknown): Timestamp | undefined {
  const t = field(content, "t");
  const i = field(content, "i");
  return typeof t === "number" && typeof i === "number" ? new Timestamp({ t, i }) : undefined;
}

function toBinary(content: unknown): Binary | undefined {
  const base64 = field(content, "base64");
  const subType = field(content, "subType");
  if (typeof base64 !== "string" || !isMatch(subType, /^[0-9a-fA-F]{1,2}$/)) return undefined;
  return Binary.createFromBase64(base64, Number.parseInt(subType, 16));
}

function toRegularExpression(content: unknown): BSONRegExp | undefined {
  const pattern = field(content, "pattern");
  const options = field(content, "options");
  return typeof pattern === "string" && typeof options === "string" ? new BSONRegExp(pattern, options) : undefined;
}

function field(content: unknown, name: string): unknown {
  if (typeof content !== "object" || content === null || !Object.hasOwn(content, name)) return undefined;
  return (content as Readonly<Record<string, unknown>>)[name];
}
