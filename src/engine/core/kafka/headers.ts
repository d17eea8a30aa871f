import { Binary } from "bson";
import type { Document } from "bson";
import { fieldOf } from "../exact-bson.ts";
import { bigEndian, bytesOfBinary, isBson, nameOfType, toJson, type Coded } from "./key-format.ts";
import type { OutputJsonOptions } from "../formats/output-json.ts";

/** A header of a message. A key may come several times, and a value may be null. */
export interface MessageHeader {
  readonly key: string;
  readonly value: Uint8Array | null;
}

const utf8 = new TextEncoder();

/** What `{$meta: "stream.source.headers"}` gives: values are binData whatever they were written from. */
export function decodeHeaders(headers: readonly MessageHeader[]): readonly Document[] {
  return headers.map(({ key, value }) => ({ k: key, v: value === null ? null : new Binary(value) }));
}

/**
 * Makes headers of what `config.headers` gave: an object, or an array of `{k, v}`. Numbers are big-endian, objects JSON. Without a
 * value there are no headers.
 *
 * Source: asp-language section 1.7.
 */
export function encodeHeaders(value: unknown, output: OutputJsonOptions): Coded<readonly MessageHeader[]> {
  if (value === undefined || value === null) return { value: [] };
  const pairs = Array.isArray(value) ? pairsOfArray(value) : pairsOfObject(value);
  if (pairs === undefined) {
    return { reason: `\`config.headers\` must be an object or an array of { k, v }, found ${nameOfType(value)}` };
  }
  const headers: MessageHeader[] = [];
  for (const [key, each] of pairs) {
    const encoded = encodeValue(each, output);
    if (encoded === undefined) return { reason: `the header \`${key}\` cannot be ${nameOfType(each)}` };
    headers.push({ key, value: encoded });
  }
  return { value: headers };
}

type Pair = readonly [key: string, value: unknown];

function pairsOfObject(value: unknown): readonly Pair[] | undefined {
  return isObject(value) ? [...(value instanceof Map ? value : Object.entries(value))] : undefined;
}

function pairsOfArray(values: readonly unknown[]): readonly Pair[] | undefined {
  const pairs: Pair[] = [];
  for (const each of values) {
    const key = fieldOf(each, "k");
    if (!isObject(each) || typeof key !== "string") return undefined;
    pairs.push([key, fieldOf(each, "v")]);
  }
  return pairs;
}

/** A document: a Map where the order of its keys needs one. */
function isObject(value: unknown): value is object {
  if (value instanceof Map) return true;
  if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof Date) return false;
  return !("_bsontype" in value);
}

/** `undefined` for a type that no header can have. */
function encodeValue(value: unknown, output: OutputJsonOptions): Uint8Array | null | undefined {
  if (value === null) return null;
  if (typeof value === "string") return utf8.encode(value);
  if (isBson(value, "Binary")) return bytesOfBinary(value);
  if (isBson(value, "Int32")) return bigEndian(4, (view) => view.setInt32(0, Number(value)));
  if (isBson(value, "Long")) return bigEndian(8, (view) => view.setBigInt64(0, value.toBigInt()));
  if (isBson(value, "Double")) return bigEndian(8, (view) => view.setFloat64(0, Number(value)));
  return isObject(value) ? utf8.encode(toJson(value, output)) : undefined;
}
