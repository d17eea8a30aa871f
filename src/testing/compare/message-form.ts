import { Binary } from "bson";
import type { MessageHeader } from "../../engine/core/kafka/headers.ts";
import { decodeText } from "../../engine/core/kafka/key-format.ts";
import { headersOf, keyBytes, partitionOf, timeOf, type MessageDocument } from "../case/message.ts";
import type { StoredDocument } from "./compare-collections.ts";
import { isPlainDocument } from "./compare-values.ts";
import { parseEjson } from "./parse-ejson.ts";

/** A message whose value has been decoded. */
export interface ReadMessage {
  readonly value: unknown;
  readonly key: Uint8Array | undefined;
  readonly headers: readonly MessageHeader[];
  readonly timestampMs?: number | undefined;
  readonly partition?: number | undefined;
}

/** A message as a fixture writes it, with the fields that are there: the same for two messages that are the same. */
export function toMessageForm({ value, key, headers, timestampMs, partition }: ReadMessage): StoredDocument {
  return {
    ...(key === undefined ? {} : { key: showBytes(key) }),
    value,
    ...(headers.length === 0 ? {} : { headers: showHeaders(headers) }),
    ...(timestampMs === undefined ? {} : { timestamp: new Date(timestampMs) }),
    ...(partition === undefined ? {} : { partition }),
  };
}

/** An expected message in the form that what was emitted has. */
export function normalizeMessage(document: MessageDocument): StoredDocument {
  const { value = null, key } = document;
  const form = toMessageForm({
    value,
    key: key === undefined || key === null ? undefined : keyBytes(key),
    headers: headersOf(document["headers"]) ?? [],
    timestampMs: timeOf(document["timestamp"]),
    partition: partitionOf(document),
  });
  // As it was written, since a number in it may ask for no type.
  return isPlainDocument(key) || Array.isArray(key) ? { ...form, key } : form;
}

/** The message without what depends on when and where it was written. */
export function withoutPlace(message: StoredDocument): StoredDocument {
  const { timestamp: _, partition: __, ...rest } = message;
  return rest;
}

/** The value that a message's JSON text has; bytes that are none stay bytes. */
export function showValue(bytes: Uint8Array | null): unknown {
  if (bytes === null) return null;
  const text = decodeText(bytes);
  const json = text === undefined ? undefined : readJson(text);
  return json === undefined ? new Binary(bytes) : json.value;
}

/** Objects and lists as they are, any other text as text. */
function showBytes(bytes: Uint8Array): unknown {
  const text = decodeText(bytes);
  if (text === undefined || hasControls(text)) return new Binary(bytes);
  if (!/^[{[]/.test(text)) return text;
  return readJson(text)?.value ?? text;
}

function showHeaders(headers: readonly MessageHeader[]): unknown {
  const values = headers.map(({ value }) => {
    if (value === null) return null;
    const text = decodeText(value);
    return text === undefined || hasControls(text) ? new Binary(value) : text;
  });
  const names = new Set(headers.map(({ key }) => key));
  // An object puts names that look like indexes first, and holds none twice.
  const isObject = names.size === headers.length && ![...names].some((name) => /^\d|^__proto__$|^\$/.test(name));
  return isObject
    ? Object.fromEntries(headers.map(({ key }, index) => [key, values[index]]))
    : headers.map(({ key }, index) => ({ k: key, v: values[index] }));
}

/** Numbers of a fixed length are valid UTF-8 too, as a rule with such characters. */
function hasControls(text: string): boolean {
  return /[\p{Cc}\uFFFD]/u.test(text);
}

/** Plain JSON may hold names that Extended JSON takes for its own words. */
function readJson(text: string): { readonly value: unknown } | undefined {
  for (const read of [(json: string) => parseEjson(json, "stored"), (json: string): unknown => JSON.parse(json)]) {
    try {
      return { value: read(text) };
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  return undefined;
}
