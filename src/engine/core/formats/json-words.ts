import { Decimal128 } from "bson";
import type { BsonBinary } from "./bson-reader.ts";

export type OutputFormat = "relaxedJson" | "canonicalJson" | "basicJson";

/** `ISO8601`: a date is a text, whatever the format. */
export type DateFormat = "default" | "ISO8601";

/** How each type of BSON that JSON does not have is written. */
export interface JsonWords {
  double(value: number): string;
  int(value: number): string;
  long(value: bigint): string;
  decimal(bytes: Uint8Array): string;
  objectId(bytes: Uint8Array): string;
  binary(value: BsonBinary): string;
  /** @param ms since the epoch; any 64-bit number */
  date(ms: bigint): string;
  timestamp(value: { readonly t: number; readonly i: number }): string;
  regularExpression(pattern: string, options: string): string;
  code(text: string): string;
  /** @param scope as JSON */
  codeWithScope(text: string, scope: string): string;
  symbol(text: string): string;
  pointer(namespace: string, id: Uint8Array): string;
  readonly undefined: string;
  readonly minKey: string;
  readonly maxKey: string;
}

const quote = (text: string): string => JSON.stringify(text);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

const canonicalJson: JsonWords = {
  double: (value) => `{"$numberDouble":"${doubleText(value)}"}`,
  int: (value) => `{"$numberInt":"${value}"}`,
  long: (value) => `{"$numberLong":"${value}"}`,
  decimal: (bytes) => `{"$numberDecimal":"${decimalText(bytes)}"}`,
  objectId: (bytes) => `{"$oid":"${hex(bytes)}"}`,
  binary: ({ bytes, subType }) =>
    `{"$binary":{"base64":"${base64(bytes)}","subType":"${subType.toString(16).padStart(2, "0")}"}}`,
  date: (ms) => `{"$date":{"$numberLong":"${ms}"}}`,
  timestamp: ({ t, i }) => `{"$timestamp":{"t":${t},"i":${i}}}`,
  regularExpression: (pattern, options) =>
    `{"$regularExpression":{"pattern":${quote(pattern)},"options":${quote(options)}}}`,
  code: (text) => `{"$code":${quote(text)}}`,
  codeWithScope: (text, scope) => `{"$code":${quote(text)},"$scope":${scope}}`,
  symbol: (text) => `{"$symbol":${quote(text)}}`,
  pointer: (namespace, id) => `{"$dbPointer":{"$ref":${quote(namespace)},"$id":{"$oid":"${hex(id)}"}}}`,
  undefined: `{"$undefined":true}`,
  minKey: `{"$minKey":1}`,
  maxKey: `{"$maxKey":1}`,
};

const relaxedJson: JsonWords = {
  ...canonicalJson,
  double: (value) => (Number.isFinite(value) ? doubleText(value) : canonicalJson.double(value)),
  int: String,
  long: String,
  date: (ms) => {
    const iso = ms < 0n ? undefined : isoText(ms);
    if (iso === undefined || iso.startsWith("+")) return canonicalJson.date(ms);
    // The specification leaves out a fraction that is zero.
    return `{"$date":"${iso.replace(".000Z", "Z")}"}`;
  },
};

/** Where asp-language section 1.7 is silent: see "JSON" in docs/emulator.md. */
const basicJson: JsonWords = {
  double: (value) => (Number.isFinite(value) ? doubleText(value) : `"${doubleText(value)}"`),
  int: String,
  long: String,
  decimal: (bytes) => `"${decimalText(bytes)}"`,
  objectId: (bytes) => `"${hex(bytes)}"`,
  binary: ({ bytes, subType }) => `"${subType === uuid && bytes.length === 16 ? uuidText(bytes) : base64(bytes)}"`,
  date: String,
  timestamp: ({ t }) => String(t * 1000),
  regularExpression: (pattern, options) => `{"pattern":${quote(pattern)},"options":${quote(options)}}`,
  code: quote,
  codeWithScope: (text, scope) => `{"code":${quote(text)},"scope":${scope}}`,
  symbol: quote,
  pointer: (_namespace, id) => `"${hex(id)}"`,
  undefined: "null",
  minKey: `"MinKey"`,
  maxKey: `"MaxKey"`,
};

const words = { canonicalJson, relaxedJson, basicJson };
const isoWords = {
  canonicalJson: withIsoDates(canonicalJson),
  relaxedJson: withIsoDates(relaxedJson),
  basicJson: withIsoDates(basicJson),
};

/** What a format has for each type. */
export function jsonWords(format: OutputFormat, dateFormat: DateFormat): JsonWords {
  return dateFormat === "ISO8601" ? isoWords[format] : words[format];
}

function withIsoDates(own: JsonWords): JsonWords {
  return {
    ...own,
    date: (ms) => {
      const iso = isoText(ms);
      return iso === undefined ? own.date(ms) : `"${iso}"`;
    },
  };
}

const uuid = 4;

function uuidText(bytes: Uint8Array): string {
  return hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/u, "$1-$2-$3-$4-");
}

function decimalText(bytes: Uint8Array): string {
  return new Decimal128(bytes).toString();
}

/** A whole double keeps a point, so that it stays one: so the examples of the specification have it. */
function doubleText(value: number): string {
  if (Object.is(value, -0)) return "-0.0";
  return Number.isInteger(value) && !String(value).includes("e") ? `${value}.0` : String(value);
}

/** With milliseconds; a year beyond 9999 has a sign and six digits. `undefined` where it is beyond what a calendar here reaches. */
function isoText(ms: bigint): string | undefined {
  const date = new Date(Number(ms));
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
