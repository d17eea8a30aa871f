import { Binary, Int32, Long, serialize } from "bson";
import type { Decimal128, Double, ObjectId, Timestamp } from "bson";
import { parseJson } from "./parse-json.ts";
import { toOutputJson } from "../formats/output-json.ts";
import type { OutputJsonOptions } from "../formats/output-json.ts";

/** How keys are read and written. `double` is for writing only. Source: asp-language sections 1.1.3 and 1.7. */
export type KeyFormat = "binData" | "string" | "json" | "int" | "long" | "double";

/** What was read or made, or the reason why it could not be. */
export type Coded<Value> = { readonly value: Value } | { readonly reason: string };

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const utf8 = new TextEncoder();

/** Reads the key of a message. `int` and `long` are big-endian, as Java's serializers write them. */
export function decodeKey(key: Uint8Array, format: Exclude<KeyFormat, "double">): Coded<unknown> {
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength);
  switch (format) {
    case "binData":
      return { value: new Binary(key) };
    case "string": {
      const text = decodeText(key);
      return text === undefined ? { reason: "the key is not valid UTF-8" } : { value: text };
    }
    case "json": {
      const text = decodeText(key);
      const parsed = text === undefined ? { reason: "it is not valid UTF-8" } : parseJson(text);
      return "value" in parsed ? parsed : { reason: `the key is not JSON: ${parsed.reason}` };
    }
    case "int":
      return key.length === 4 ? { value: new Int32(view.getInt32(0)) } : wrongLength(format, 4, key);
    case "long":
      return key.length === 8 ? { value: Long.fromBigInt(view.getBigInt64(0)) } : wrongLength(format, 8, key);
  }
}

/**
 * Makes the key of a message of what `config.key` gave, a value that keeps its BSON type. Each format but `json` takes the one type
 * that it is named after.
 */
export function encodeKey(value: unknown, format: KeyFormat, output: OutputJsonOptions): Coded<Uint8Array> {
  const mismatch = { reason: `the key is ${nameOfType(value)}, \`keyFormat\` is ${format}` };
  if (value === undefined || value === null) return mismatch;
  switch (format) {
    case "binData":
      return isBson(value, "Binary") ? { value: bytesOfBinary(value) } : mismatch;
    case "string":
      return typeof value === "string" ? { value: utf8.encode(value) } : mismatch;
    case "json":
      return { value: utf8.encode(toJson(value, output)) };
    case "int":
      return isBson(value, "Int32") ? { value: bigEndian(4, (view) => view.setInt32(0, Number(value))) } : mismatch;
    case "long":
      return isBson(value, "Long")
        ? { value: bigEndian(8, (view) => view.setBigInt64(0, value.toBigInt())) }
        : mismatch;
    case "double":
      return isBson(value, "Double") ? { value: bigEndian(8, (view) => view.setFloat64(0, Number(value))) } : mismatch;
  }
}

/** Any BSON value as JSON: it is written as the only field of a document, and what stands around it is cut off. */
export function toJson(value: unknown, output: OutputJsonOptions): string {
  return toOutputJson(serialize({ v: value }), output).slice('{"v":'.length, -1);
}

export function bigEndian(length: number, write: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(length);
  write(new DataView(bytes.buffer));
  return bytes;
}

interface BsonTypes {
  readonly Binary: Binary;
  readonly Int32: Int32;
  readonly Long: Long;
  readonly Double: Double;
  readonly Decimal128: Decimal128;
  readonly ObjectId: ObjectId;
  readonly Timestamp: Timestamp;
}

/** By name and not by class: the driver and this package may each have a copy of the BSON library. */
export function isBson<Name extends keyof BsonTypes>(value: unknown, name: Name): value is BsonTypes[Name] {
  return typeof value === "object" && value !== null && (value as { readonly _bsontype?: unknown })._bsontype === name;
}

export function bytesOfBinary({ buffer, position }: Binary): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, position);
}

/** A BSON value's type, as `$type` calls it, for a message. */
export function nameOfType(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (typeof value === "string") return "a string";
  if (typeof value === "boolean") return "a bool";
  if (value instanceof Date) return "a date";
  if (Array.isArray(value)) return "an array";
  const name: unknown = value instanceof Map ? undefined : (value as { readonly _bsontype?: unknown })._bsontype;
  return (typeof name === "string" ? bsonNames[name] : undefined) ?? (typeof name === "string" ? name : "an object");
}

const bsonNames: Readonly<Record<string, string>> = {
  Binary: "binData",
  Int32: "an int",
  Long: "a long",
  Double: "a double",
  Decimal128: "a decimal",
  ObjectId: "an objectId",
  Timestamp: "a timestamp",
};

/** A text, unless the bytes are none. */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return undefined;
  }
}

function wrongLength(format: KeyFormat, expected: number, { length }: Uint8Array): { readonly reason: string } {
  return { reason: `the key has ${length} bytes, \`keyFormat\` ${format} needs ${expected}` };
}
