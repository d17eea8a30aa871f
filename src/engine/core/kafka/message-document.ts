import { Binary, serialize } from "bson";
import type { Document } from "bson";
import { decodeText, type Coded } from "./key-format.ts";
import { parseJson } from "./parse-json.ts";

/** A tombstone is delivered as a document without fields. */
export const emptyDocument: Uint8Array = serialize({});

/**
 * The document that `$source` makes of a message's value: a JSON object as it is, an array as an object with the fields "0", "1" …,
 * a tombstone as an empty document. Anything else cannot be delivered.
 *
 * Source: asp-language section 1.1.3.
 */
export function messageDocument(value: Uint8Array | null): Coded<Uint8Array> {
  if (value === null) return { value: emptyDocument };
  const text = decodeText(value);
  if (text === undefined) return { reason: "the value is not JSON: it is not valid UTF-8" };
  const parsed = parseJson(text);
  if ("reason" in parsed) return { reason: `the value is not JSON: ${parsed.reason}` };
  const document = toDocument(parsed.value);
  return document === undefined ? { reason: "the value is JSON, but no object" } : serialized(document);
}

/** What stands for a message in its dead letter when its value is no document. */
export function undeliverable(value: Uint8Array | null): Uint8Array {
  const text = value === null ? null : (decodeText(value) ?? new Binary(value));
  const document = serialized({ value: text });
  return "value" in document ? document.value : emptyDocument;
}

function toDocument(value: unknown): Document | undefined {
  if (Array.isArray(value)) return new Map(value.map((each, index) => [String(index), each as unknown]));
  if (value instanceof Map) return value;
  if (typeof value !== "object" || value === null || value instanceof Date || "_bsontype" in value) return undefined;
  return value;
}

/** The library's buffer holds 17 MB; what the server cannot store either is refused here. */
function serialized(document: Document): Coded<Uint8Array> {
  try {
    return { value: serialize(document) };
  } catch (error) {
    return { reason: `the value is larger than a document can be: ${String(error)}` };
  }
}
